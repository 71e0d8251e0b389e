import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url(), { env: { SETTLE_SECONDS: '1', TASK_LEASE_SECONDS: '3', OUTSIDE_TIMEOUT_MS: '1000' } });
  await product.map('PLANTER');
}, 30_000);
afterAll(() => product.stop());
afterEach(() => product.control('DELETE', '/faults'));

const units = (shop: { fulfillments: { lines: { quantity: number }[] }[] }) =>
  shop.fulfillments.flatMap((each) => each.lines).reduce((sum, line) => sum + line.quantity, 0);

it('a lost answer of AddItem doubles no print', async () => {
  await product.fault({ target: 'simplyprint', kind: 'lost-answer', operation: 'queue/AddItem', count: 1 });
  const before = (await product.farm()).calls['queue/AddItem'] ?? 0;
  const id = await product.order([{ sku: 'PLANTER', quantity: 2 }]);
  await product.fulfilled(id, { timeoutMs: 60_000 });
  expect((await product.farm()).calls['queue/AddItem']).toBe(before + 1);
  const order = await product.oursWhen(id, (each) => each.production_status === 'COMPLETED');
  expect(order.timeline.find((entry) => entry.type === 'queue-item.added')?.payload).toMatchObject({ found: true, amount: 2 });
}, 90_000);

it('a lost answer of fulfillmentCreate ships nothing twice', async () => {
  await product.fault({ target: 'shopify', kind: 'lost-answer', operation: 'fulfillmentCreate', count: 1 });
  const id = await product.order([{ sku: 'PLANTER', quantity: 2 }]);
  const shop = await product.fulfilled(id);
  const order = await product.oursWhen(id, (each) => each.timeline.some((entry) => entry.type === 'fulfillment.created'), { timeoutMs: 60_000 });
  await product.settled();
  expect((await product.shopOrder(id)).fulfillments).toHaveLength(1);
  expect(units(shop)).toBe(2);
  const made = order.timeline.filter((entry) => entry.type === 'fulfillment.created');
  expect(made).toHaveLength(1);
  expect(made[0]?.payload).toMatchObject({ adopted: false });
}, 90_000);

it('a lost answer of one of two fulfillments, at two locations, ships each once', async () => {
  await product.fault({ target: 'shopify', kind: 'lost-answer', operation: 'fulfillmentCreate', count: 1 });
  const id = await product.order([
    { sku: 'PLANTER', quantity: 2, location: 'Workshop' },
    { sku: 'PLANTER', quantity: 3, location: 'City counter' },
  ]);
  await product.fulfilled(id, { timeoutMs: 60_000 });
  await product.oursWhen(id, (each) => each.timeline.filter((entry) => entry.type === 'fulfillment.created').length === 2, { timeoutMs: 60_000 });
  await product.settled();
  const shop = await product.shopOrder(id);
  expect(shop.fulfillments).toHaveLength(2);
  expect(units(shop)).toBe(5);
}, 90_000);

it('a lost answer of the word that a pickup is ready fails nothing: Shopify’s refusal of a second one is understood', async () => {
  await product.fault({ target: 'shopify', kind: 'lost-answer', operation: 'fulfillmentOrderLineItemsPreparedForPickup', count: 1 });
  const id = await product.order([{ sku: 'PLANTER', quantity: 1 }], { fulfilment_type: 'pickup' });
  const order = await product.oursWhen(id, (each) => each.production_status === 'COMPLETED');
  const prepared = z.object({ prepared_at: z.date().nullable() });
  await until(
    async () => (await product.db.sql.rows(prepared)`SELECT prepared_at FROM fulfillment WHERE order_id = ${order.id}`).some((row) => row.prepared_at !== null),
    { timeoutMs: 30_000, what: 'the pickup to be known as told of' },
  );
  expect((await product.ours(id)).attention).toEqual([]);
}, 60_000);

it('many lost answers on both sides double nothing', async () => {
  await product.fault({ target: 'simplyprint', kind: 'lost-answer', operation: 'queue/AddItem', rate: 0.5, seed: 7 });
  await product.fault({ target: 'shopify', kind: 'lost-answer', operation: 'fulfillmentCreate', rate: 0.5, seed: 7 });
  const ids = await Promise.all([1, 2, 3, 4, 5, 6].map((quantity) => product.order([{ sku: 'PLANTER', quantity }])));
  for (const [index, id] of ids.entries()) {
    const shop = await product.fulfilled(id, { timeoutMs: 100_000 });
    expect(shop.fulfillments).toHaveLength(1);
    expect(units(shop)).toBe(index + 1);
    const order = await product.oursWhen(id, (each) => each.timeline.some((entry) => entry.type === 'fulfillment.created'), { timeoutMs: 60_000 });
    const jobs = await product.db.sql.rows(z.object({ simplyprint_job_id: z.string().nullable() }))`
      SELECT simplyprint_job_id FROM print_job WHERE order_id = ${order.id}`;
    expect(jobs).toHaveLength(index + 1);
  }
  const { jobs } = await product.farm();
  const ours = await product.db.sql.rows(z.unknown())`SELECT 1 FROM print_job`;
  expect(jobs).toHaveLength(ours.length);
}, 150_000);
