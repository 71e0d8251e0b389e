/** How soon a task begins after it was written, by the process that wrote it and by another. */
import { randomUUID } from 'node:crypto';
import { createRequire } from 'node:module';
import { inRoot } from '../launcher/place.mjs';
import { Child } from './child.mjs';
import { p50AndP99 } from './figures.mjs';

const load = createRequire(import.meta.url);
const { Database } = load(inRoot('dist/libs/database/src/index.js'));
const { systemClock } = load(inRoot('dist/libs/kernel/src/index.js'));
const { EventLog, Processor, done } = load(inRoot('dist/libs/tasks/src/index.js'));
const { Wakeups } = load(inRoot('dist/libs/platform/src/wakeups.js'));

const PICK_UPS = 400;
const WARM_UP = 50;
const STORE_ID = '01900000-0000-7000-8000-000000000001';

/**
 * From the commit of a task, and from the call that enqueues it (its commit included), until its handler begins, one task at a time: in the
 * process that enqueued it, and from the commit in another.
 */
export async function measurePickUp({ url }) {
  const here = await pickUpHere(url);
  return { samples: PICK_UPS, ...here, elsewhere: await pickUpElsewhere(url) };
}

async function pickUpHere(url) {
  const db = new Database({ url, max: 12 });
  await db.sql`TRUNCATE retry_queue`;
  let begun = () => undefined;
  const handlers = new Map([['FULFILLMENT', { handle: async () => { begun(performance.now()); return done; } }]]);
  const processor = new Processor({ db, clock: systemClock, worker: 'bench', handlers });
  let committedAt = 0;
  const wake = () => {
    committedAt = performance.now();
    processor.wake();
  };
  processor.start();
  const fromCall = [];
  const fromCommit = [];
  try {
    await enqueueOneByOne(db, wake, async (enqueue) => {
      const handled = new Promise((resolve) => { begun = resolve; });
      const calledAt = performance.now();
      await enqueue();
      const begunAt = await handled;
      await processor.drained();
      fromCall.push(begunAt - calledAt);
      fromCommit.push(begunAt - committedAt);
    });
  } finally {
    await processor.stop(0);
    await db.close();
  }
  return { fromCall: p50AndP99(fromCall.slice(WARM_UP)), fromCommit: p50AndP99(fromCommit.slice(WARM_UP)) };
}

/** The other process answers at the moment its handler begins, in time of the machine; half a call between processes is in the figure. */
async function pickUpElsewhere(url) {
  const worker = new Child('pick-up-worker.mjs', { DATABASE_URL: url });
  const db = new Database({ url, max: 2 });
  const wakeups = new Wakeups({ url, applicationName: 'bench' }, (error) => { throw error; });
  const fromCommit = [];
  try {
    await Promise.all([worker.answer(), wakeups.start()]);
    let committedAt = 0;
    const wake = () => {
      committedAt = performance.timeOrigin + performance.now();
      wakeups.wake();
    };
    await enqueueOneByOne(db, wake, async (enqueue) => {
      const answer = worker.answer();
      await enqueue();
      fromCommit.push((await answer).begunAt - committedAt);
    });
  } finally {
    await wakeups.close();
    await Promise.all([worker.stop(), db.close()]);
  }
  return p50AndP99(fromCommit.slice(WARM_UP));
}

async function enqueueOneByOne(db, wake, measureOne) {
  const events = new EventLog({ clock: systemClock, wake, deliver: () => undefined });
  for (let n = 0; n < PICK_UPS + WARM_UP; n += 1) {
    const orderId = randomUUID();
    await measureOne(() => db.transaction('bench.enqueue', (tx) => events.enqueue(tx, { type: 'FULFILLMENT', storeId: STORE_ID, payload: { order_id: orderId }, dedupeKey: orderId })));
  }
}
