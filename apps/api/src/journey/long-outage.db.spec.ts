import { Database } from '@forma3d/database';
import { FakeClock, until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import { Product } from './product.setup';

const { url } = useDatabase();
const MINUTE_MS = 60_000;
const OUTAGE_MS = 240 * MINUTE_MS;
/** The longest wait after a failure is an hour and a tenth of it; what follows takes no time by this clock, but for rate limits. */
const SOON_MS = 70 * MINUTE_MS;
const LAST_ATTEMPT = 20;
/** What is asked each minute while it fails is asked less often here: the engine's own test of a long outage goes in finer steps. */
const STEP_MS = 900_000;

let clock: FakeClock;
let product: Product;

beforeEach(async () => {
  clock = new FakeClock(new Date());
  await emptyDatabase();
  // A simulated system that is slow because the machine is crowded is not down: only the outages here cost attempts.
  product = await Product.start(url(), { clock, env: { OUTSIDE_TIMEOUT_MS: '8000' } });
  await product.map('PLANTER');
  await quiet();
}, 60_000);
afterEach(() => product.stop());

const item = z.object({ kind: z.string(), message: z.string() });
const mails = async (): Promise<string[]> =>
  z.object({ mails: z.array(z.object({ subject: z.string(), text: z.string() })) }).parse(await product.control('GET', '/mail')).mails.map(({ subject, text }) => `${subject}\n${text}`);
const tasks = () =>
  product.db.sql.rows(z.object({ type: z.string(), status: z.string(), failures: z.number() }))`SELECT type, status, failures FROM retry_queue`;
const nextDue = async (): Promise<number | undefined> =>
  (await product.db.sql.one(z.object({ at: z.date().nullable() }))`SELECT min(due_at) AS at FROM retry_queue WHERE status = 'PENDING'`).at?.getTime();
const order = () => product.order([{ sku: 'PLANTER', quantity: 1 }]);
const orders = (n: number) => Promise.all(Array.from({ length: n }, order));

/** Nothing is due by the API's clock, and nothing runs. */
async function quiet(): Promise<void> {
  await product.db.sql`SELECT pg_notify('forma3d_tasks', 'test')`;
  await product.settled();
}

/** Lets time go by for the API from one due task to the next, until it is over or there is nothing to wait for any more. */
async function pass(ms: number, over: () => Promise<boolean> = () => Promise.resolve(false)): Promise<void> {
  const end = clock.now().getTime() + ms;
  for (;;) {
    await quiet();
    const now = clock.now().getTime();
    if (now >= end || (await over())) return;
    clock.set(new Date(Math.min(end, Math.max((await nextDue()) ?? end, now + STEP_MS))));
  }
}

/** Lets as much time go by as it takes until `test` holds for each of these orders: what looks again in a while does so by the API's clock. */
async function passUntil(ids: readonly string[], test: (order: OrderDetail) => boolean): Promise<void> {
  const all = async (): Promise<boolean> => (await Promise.all(ids.map((id) => product.ours(id)))).every(test);
  await pass(SOON_MS, all);
  expect(await all()).toBe(true);
}

async function expectNothingGivenUp(): Promise<void> {
  const all = await tasks();
  expect(all.filter((task) => task.status === 'FAILED')).toEqual([]);
  expect(Math.max(...all.filter((task) => !/CATCH_UP|SWEEP/.test(task.type)).map((task) => task.failures))).toBeLessThan(LAST_ATTEMPT);
}

/** Each is fulfilled once, and nobody is needed. */
async function expectAllWell(ids: readonly string[]): Promise<void> {
  for (const id of ids) expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  await passUntil(ids, (each) => each.production_status === 'COMPLETED');
  await expectNothingGivenUp();
  // What the orders did not need may have its next attempt later than they had.
  const open = () => product.db.sql.rows(item)`SELECT kind, message FROM attention WHERE closed_at IS NULL`;
  await pass(SOON_MS, async () => (await open()).length === 0);
  expect(await open()).toEqual([]);
}

const allFulfilled = (ids: readonly string[]) => async (): Promise<boolean> => {
  const all = await Promise.all(ids.map((id) => product.shopOrder(id)));
  return all.every((each) => each.display_fulfillment_status === 'FULFILLED');
};

it('Shopify down for four hours: everything is made meanwhile, and fulfilled by itself afterwards, once', async () => {
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const before = await orders(3);
  await passUntil(before, (each) => each.production_status === 'PROCESSING');
  await quiet();
  await product.fault({ target: 'shopify', kind: 'outage' });
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  // Prints have nothing to do with Shopify: they go on.
  await passUntil(before, (each) => each.production_status === 'COMPLETED');
  await pass(OUTAGE_MS / 2);
  const during = await orders(3);
  for (const id of during) await product.ours(id);
  await pass(OUTAGE_MS / 2);
  expect((await mails()).some((mail) => mail.includes('Task Struggling'))).toBe(true);
  expect(await Promise.all(before.map(async (id) => (await product.shopOrder(id)).fulfillments.length))).toEqual([0, 0, 0]);
  await expectNothingGivenUp();
  await product.control('DELETE', '/faults');
  await pass(SOON_MS, allFulfilled([...before, ...during]));
  await expectAllWell([...before, ...during]);
}, 240_000);

it('SimplyPrint down for four hours: what was printed unseen is found, what came meanwhile is printed once, and orders without prints never waited', async () => {
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const before = await orders(3);
  await passUntil(before, (each) => each.timeline.some((entry) => entry.type === 'queue-item.added'));
  await quiet();
  await product.fault({ target: 'simplyprint', kind: 'outage' });
  await product.fault({ target: 'webhooks', kind: 'drop', operation: 'simplyprint' });
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  await until(async () => (await product.farm()).queue.every((item) => item.left === 0));
  await pass(OUTAGE_MS / 2);
  const during = await orders(3);
  for (const id of during) await product.ours(id);
  const added = await product.api('POST', '/api/v1/product-mappings', { sku: 'VOUCHER', kind: 'none' });
  expect(added.status).toBe(201);
  const without = await product.order([{ sku: 'VOUCHER', quantity: 1 }]);
  await pass(SOON_MS, allFulfilled([without]));
  expect((await product.fulfilled(without)).fulfillments).toHaveLength(1);
  await pass(OUTAGE_MS / 2);
  await expectNothingGivenUp();
  await product.control('DELETE', '/faults');
  await pass(SOON_MS, allFulfilled([...before, ...during]));
  await expectAllWell([...before, ...during]);
  expect((await product.farm()).jobs).toHaveLength(6);
}, 240_000);

it('the mail server down for four hours: orders go on, and no mail is lost', async () => {
  await product.fault({ target: 'smtp', kind: 'outage' });
  await product.order([{ sku: 'NEVER-SEEN', quantity: 1 }]);
  await until(async () => (await tasks()).some((task) => task.type === 'NOTIFICATION' && task.failures > 0));
  const id = await order();
  await pass(SOON_MS, allFulfilled([id]));
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  await pass(OUTAGE_MS);
  await expectNothingGivenUp();
  expect(await mails()).toEqual([]);
  await product.control('DELETE', '/faults');
  await pass(SOON_MS, async () => (await mails()).some((mail) => mail.includes('NEVER-SEEN')));
  expect((await mails()).filter((mail) => mail.includes('NEVER-SEEN'))).toHaveLength(1);
  await expectNothingGivenUp();
}, 240_000);

/** Each outage has a product of its own. */
async function emptyDatabase(): Promise<void> {
  const db = new Database({ url: url(), max: 1 });
  const { list } = await db.sql.one(z.object({ list: z.string() }))`
    SELECT string_agg(quote_ident(tablename), ', ') AS list FROM pg_tables WHERE schemaname = 'public' AND tablename NOT LIKE '%migration%'`;
  await db.pool.query(`TRUNCATE ${list} CASCADE`);
  await db.close();
}
