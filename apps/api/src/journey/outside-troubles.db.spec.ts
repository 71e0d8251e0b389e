import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  await product.map('PLANTER');
}, 30_000);
afterAll(() => product.stop());
afterEach(() => product.control('DELETE', '/faults'));

const has = (type: string) => (order: OrderDetail) => order.timeline.some((entry) => entry.type === type);
const tasks = (type: string) =>
  product.db.sql.rows(z.object({ status: z.string(), failures: z.number(), last_error: z.string().nullable() }))`
    SELECT status, failures, last_error FROM retry_queue WHERE type = ${type} ORDER BY id DESC`;

it('without any webhook of SimplyPrint the order is printed and fulfilled all the same', async () => {
  await product.fault({ target: 'webhooks', kind: 'drop', operation: 'simplyprint' });
  const id = await product.order([{ sku: 'PLANTER', quantity: 2 }]);
  const shop = await product.fulfilled(id);
  expect(shop.fulfillments).toHaveLength(1);
}, 60_000);

it('an outage of Shopify delays the fulfillment, and it comes by itself afterwards', async () => {
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'PLANTER', quantity: 1 }]);
  await product.oursWhen(id, (order) => order.production_status === 'PROCESSING');
  await product.fault({ target: 'shopify', kind: 'outage' });
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  await product.oursWhen(id, (order) => order.production_status === 'COMPLETED');
  await until(async () => (await tasks('FULFILLMENT'))[0]?.failures ?? 0);
  expect((await product.ours(id)).production_status).toBe('COMPLETED');
  await product.control('DELETE', '/faults');
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('throttling makes it slower and loses nothing', async () => {
  await product.fault({ target: 'shopify', kind: 'throttle', count: 4 });
  await product.fault({ target: 'simplyprint', kind: 'throttle', count: 2 });
  const ids = await Promise.all([1, 1, 1].map((quantity) => product.order([{ sku: 'PLANTER', quantity }])));
  for (const id of ids) expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  await product.settled();
  expect((await tasks('FULFILLMENT')).filter((task) => task.status === 'FAILED')).toEqual([]);
}, 90_000);

it('a permanent user error fails the order once, with no retry, and tells the operator by mail', async () => {
  await product.fault({
    target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', user_error: 'Fulfillment order 1 has an unfulfillable status= closed.',
  });
  const id = await product.order([{ sku: 'PLANTER', quantity: 1 }]);
  // An order is read before its timeline, which may be a moment ahead.
  const order = await product.oursWhen(id, (seen) => has('fulfillment.failed')(seen) && seen.production_status === 'FAILED');
  expect(order.timeline.find((entry) => entry.type === 'fulfillment.failed')?.payload).toMatchObject({ will_retry: false });
  await product.settled();
  const [task] = await tasks('FULFILLMENT');
  expect(task).toMatchObject({ status: 'FAILED', failures: 1 });
  expect(task?.last_error).toContain('unfulfillable status= closed');
  const mail = await until(async () => {
    const { mails } = z.object({ mails: z.array(z.object({ to: z.unknown(), subject: z.string(), text: z.string() })) }).parse(await product.control('GET', '/mail'));
    return mails.find((each) => each.text.includes(order.name) && each.subject.includes('Action Required'));
  });
  expect(mail.subject).toMatch(/^\[Forma3D\.Connect\] .+: Action Required$/);
  // A person puts it right: the manual call works, and the order is complete again without a second ready event.
  await product.control('DELETE', '/faults');
  const answer = await product.api('POST', `/api/v1/fulfillments/order/${order.id}`, {});
  expect(answer).toMatchObject({ status: 200, body: { success: true, fulfillment: { phase: 'succeeded' } } });
  const cured = await product.oursWhen(id, (each) => each.production_status === 'COMPLETED');
  expect(cured.timeline.filter((entry) => entry.type === 'order.ready-for-fulfillment')).toHaveLength(1);
  expect((await product.shopOrder(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('refused credentials hold work back instead of failing orders, and it resumes by itself', async () => {
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'PLANTER', quantity: 1 }]);
  await product.oursWhen(id, (order) => order.production_status === 'PROCESSING');
  await product.fault({ target: 'shopify', kind: 'error', status: 402 });
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  await product.oursWhen(id, (order) => order.production_status === 'COMPLETED');
  await until(async () => (await tasks('FULFILLMENT')).some((task) => task.status === 'PENDING' && task.failures === 0 && task.last_error !== null));
  expect((await product.ours(id)).production_status).toBe('COMPLETED');
  await product.control('DELETE', '/faults');
  // Nobody waits for the minute that the gate leaves between two probes.
  await product.db.sql`UPDATE outside_limit SET refused_since = NULL, blocked_until = NULL`;
  await product.db.sql`UPDATE retry_queue SET due_at = now() WHERE status = 'PENDING'`;
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('a restart of the API in the middle of everything loses nothing', async () => {
  const ids = await Promise.all([1, 2, 3].map((quantity) => product.order([{ sku: 'PLANTER', quantity }])));
  await product.stopApi();
  const late = await product.order([{ sku: 'PLANTER', quantity: 1 }]);
  await product.startApi();
  for (const id of [...ids, late]) expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);
