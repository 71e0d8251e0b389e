import { OutsideError } from '@forma3d/kernel';
import type { Mail } from '@forma3d/mail';
import { useDatabase } from '@forma3d/testing';
import { AlertsWorld, WINDOW_MS, type AlertsProcess } from './alerts-world.fixture';

const database = useDatabase();
// Hundreds of tasks on a busy machine take their time.
jest.setTimeout(60_000);
let world: AlertsWorld;
let process: AlertsProcess;
let orderId: string;

beforeEach(async () => {
  world = new AlertsWorld(database.url());
  process = world.start();
  await world.addStore(process.db);
  orderId = await world.addOrder(process.db, '#1001');
});
afterEach(() => world.end());

const countOf = ({ subject }: Mail): number => Number(/\((\d+) alerts\)/.exec(subject)?.[1] ?? 1);
const counts = (): number[] => world.sent.map(countOf);
const sum = (numbers: number[]): number => numbers.reduce((all, each) => all + each, 0);

async function drain(processes: readonly AlertsProcess[] = [process]): Promise<void> {
  await Promise.all(processes.map((each) => each.processor.drained()));
}

test('500 alerts in a minute, gathered by three processes at once, arrive as two mails that count 500', async () => {
  const processes = [process, world.start(), world.start()];
  for (let round = 0; round < 10; round += 1) {
    await world.publish(process, ...Array.from({ length: 50 }, () => world.failed(orderId)));
    await drain(processes);
    world.clock.advance(6_000);
  }
  // The first of the quiet time went at once.
  expect(counts()).toEqual([1]);
  expect(await world.tasks(process.db, 'ALERT_BURST')).toMatchObject([{ status: 'PENDING' }]);
  world.clock.advance(WINDOW_MS);
  await drain(processes);
  await drain(processes);
  expect(counts()).toEqual([1, 499]);
  expect(world.sent[1]?.subject).toBe('[Forma3D.Connect] Fulfillment Failed (499 alerts): Action Required');
  expect(world.sent[1]?.text.match(/\/app\/orders\//g)).toHaveLength(20);
  expect(world.sent[1]?.text).toContain('and 479 more');
  expect(await world.told(process.db, 'alert.sent')).toMatchObject([{ count: 1 }, { count: 499 }]);
});

test('while alerts keep coming there is one mail a window, and none is left out', async () => {
  for (let minute = 0; minute < 35; minute += 1) {
    await world.publish(process, ...Array.from({ length: 3 }, () => world.failed(orderId)));
    await drain();
    world.clock.advance(60_000);
    await drain();
  }
  world.clock.advance(WINDOW_MS);
  await drain();
  await drain();
  expect(sum(counts())).toBe(105);
  expect(world.sent.length).toBeLessThanOrEqual(5);
});

test('after a quiet time the next one goes at once again', async () => {
  await world.publish(process, world.failed(orderId));
  await drain();
  world.clock.advance(WINDOW_MS);
  await world.publish(process, world.failed(orderId));
  await drain();
  expect(counts()).toEqual([1, 1]);
  expect(await world.tasks(process.db, 'ALERT_BURST')).toEqual([]);
});

test('a mail with many is followed by a window too', async () => {
  await world.publish(process, world.failed(orderId), world.failed(orderId), world.failed(orderId));
  await drain();
  world.clock.advance(WINDOW_MS);
  await drain();
  await drain();
  expect(counts()).toEqual([1, 2]);
  await world.publish(process, world.failed(orderId));
  await drain();
  expect(counts()).toEqual([1, 2]);
  world.clock.advance(WINDOW_MS);
  await drain();
  await drain();
  expect(counts()).toEqual([1, 2, 1]);
});

test('kinds and stores wait for each other no more than their mails do', async () => {
  const other = new AlertsWorld(database.url());
  await other.addStore(process.db);
  const theirs = await other.addOrder(process.db, '#2001');
  await world.publish(process, world.failed(orderId), world.undecided(orderId), other.failed(theirs));
  await drain();
  expect(counts()).toEqual([1, 1, 1]);
});

test('a window that nobody was there to end is ended late, with all that came since', async () => {
  await world.publish(process, world.failed(orderId), world.failed(orderId));
  await drain();
  world.clock.advance(3 * WINDOW_MS);
  await world.publish(process, world.failed(orderId));
  // Whichever runs first, the end of the window or the new alert: neither is lost, and nothing is told twice.
  await drain();
  world.clock.advance(WINDOW_MS);
  await drain();
  await drain();
  expect(sum(counts())).toBe(3);
});

test('the end of a window that runs twice sends once', async () => {
  await world.publish(process, world.failed(orderId), world.failed(orderId));
  await drain();
  world.clock.advance(WINDOW_MS);
  await drain();
  await process.db.sql`UPDATE retry_queue SET status = 'PENDING' WHERE type = 'ALERT_BURST' AND store_id = ${world.storeId}`;
  await drain();
  expect(counts()).toEqual([1, 1]);
});

test.each(['DISCARDED', 'FAILED'])('the end of a window that is lost (%s) is asked for again by the next alert, and silences nothing for good', async (status) => {
  await world.publish(process, world.failed(orderId), world.failed(orderId));
  await drain();
  await process.db.sql`UPDATE retry_queue SET status = ${status} WHERE type = 'ALERT_BURST' AND store_id = ${world.storeId}`;
  world.clock.advance(3 * WINDOW_MS);
  await world.publish(process, world.failed(orderId), world.failed(orderId));
  await drain();
  world.clock.advance(WINDOW_MS);
  await drain();
  await drain();
  expect(sum(counts())).toBe(4);
});

test('a mail server that is away for an hour loses none', async () => {
  world.takes = () => Promise.reject(new OutsideError({ system: 'smtp', operation: 'send', failure: 'transient' }, 'connection refused'));
  for (let minute = 0; minute < 60; minute += 1) {
    await world.publish(process, world.failed(orderId), world.undecided(orderId));
    await drain();
    world.clock.advance(60_000);
  }
  expect(world.sent).toEqual([]);
  expect((await world.tasks(process.db, 'NOTIFICATION')).every(({ status, failures }) => status === 'PENDING' && failures > 0)).toBe(true);
  world.takes = () => Promise.resolve();
  for (let turn = 0; turn < 3; turn += 1) {
    world.clock.advance(3_600_000);
    await drain();
    await drain();
  }
  const told = (type: string) => sum(world.sent.filter(({ subject }) => subject.includes(type)).map(countOf));
  expect({ failed: told('Fulfillment Failed'), review: told('Print Needs Review') }).toEqual({ failed: 60, review: 60 });
  expect(world.sent.length).toBeLessThanOrEqual(16);
});

test('with a window of nothing each alert goes by itself', async () => {
  const impatient = world.start({ alertWindowMs: 0 });
  await world.publish(impatient, world.failed(orderId), world.failed(orderId), world.failed(orderId));
  await drain([impatient]);
  expect(counts()).toEqual([1, 1, 1]);
});
