/** A process that works tasks off and was not the one to enqueue them: it hears of them as the product's processes do. */
import { createRequire } from 'node:module';
import { inRoot } from '../launcher/place.mjs';

const load = createRequire(import.meta.url);
const { Database } = load(inRoot('dist/libs/database/src/index.js'));
const { systemClock } = load(inRoot('dist/libs/kernel/src/index.js'));
const { Processor, done } = load(inRoot('dist/libs/tasks/src/index.js'));
const { Wakeups } = load(inRoot('dist/libs/platform/src/wakeups.js'));

const url = process.env.DATABASE_URL;
const db = new Database({ url, max: 2 });
const begin = async () => {
  process.send({ begunAt: performance.timeOrigin + performance.now() });
  return done;
};
const processor = new Processor({ db, clock: systemClock, worker: 'elsewhere', handlers: new Map([['FULFILLMENT', { handle: begin }]]) });
const wakeups = new Wakeups({ url, applicationName: 'elsewhere' }, (error) => process.send({ error: error.message }));
wakeups.attach(processor);
await wakeups.start();
processor.start();
process.send({ ready: true });
process.once('SIGTERM', async () => {
  await processor.stop(0);
  await wakeups.close();
  await db.close();
  process.disconnect();
});
