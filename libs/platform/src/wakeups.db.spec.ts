import { Listener } from '@forma3d/database';
import { until, useDatabase } from '@forma3d/testing';
import { Wakeups } from './wakeups';

const database = useDatabase();

const trouble = (error: Error): never => {
  throw error;
};

test('a commit wakes the processors of other processes, and those of one moment wake them twice at most', async () => {
  const settings = { url: database.url(), applicationName: 'wakeups' };
  const here = new Wakeups(settings, trouble);
  const there = new Wakeups(settings, trouble);
  const told: string[] = [];
  const ear = new Listener(settings, 'forma3d_tasks', (payload) => { told.push(payload); }, trouble);
  let [wokenHere, wokenThere] = [0, 0];
  here.attach({ wake: () => { wokenHere += 1; } });
  there.attach({ wake: () => { wokenThere += 1; } });
  await Promise.all([here.start(), there.start(), ear.start()]);
  try {
    const before = { told: told.length, there: wokenThere };
    for (let n = 0; n < 100; n += 1) here.wake();
    expect(wokenHere).toBe(100 + 1); // and once when it began to listen
    await until(() => told.length >= before.told + 2);
    ear.notify('the end');
    await until(() => told.includes('the end') && wokenThere >= before.there + 3 && wokenHere >= 102);
    expect(told.slice(before.told)).toHaveLength(3);
    expect(wokenHere).toBe(102); // its own notifications are no news to it; the end's was
  } finally {
    await Promise.all([here.close(), there.close(), ear.close()]);
  }
});
