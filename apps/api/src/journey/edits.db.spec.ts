import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  for (const sku of ['CUP', 'SAUCER']) await product.map(sku);
}, 30_000);
afterAll(() => product.stop());
afterEach(() => product.control('POST', '/simplyprint/speed', { speed: 6_000 }));

const prints = (order: OrderDetail) =>
  product.db.sql.rows(z.object({ status: z.string(), wanted: z.boolean() }))`
    SELECT status, wanted FROM print_job WHERE order_id = ${order.id} ORDER BY id`;
const ready = (order: OrderDetail) => order.timeline.filter((entry) => entry.type === 'order.ready-for-fulfillment').length;
const unitsOf = async (id: string): Promise<number> =>
  (await product.shopOrder(id)).fulfillments.flatMap((each) => each.lines).reduce((sum, line) => sum + line.quantity, 0);

it('units added after everything was fulfilled are made and fulfilled, and nothing again', async () => {
  const id = await product.order([{ sku: 'CUP', quantity: 2 }]);
  await product.fulfilled(id);
  await product.settled();
  await product.control('POST', `/orders/${id}/edit`, { lines: [{ sku: 'CUP', quantity: 3 }, { sku: 'SAUCER', quantity: 1 }] });
  const order = await product.oursWhen(id, (each) => ready(each) === 2);
  await until(async () => (await unitsOf(id)) === 4, { timeoutMs: 15_000 });
  await product.settled();
  expect(await unitsOf(id)).toBe(4);
  expect(await prints(order)).toHaveLength(4);
}, 60_000);

it('units taken away while they wait are withdrawn, and the rest is fulfilled once', async () => {
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'CUP', quantity: 5 }]);
  await product.oursWhen(id, (each) => each.production_status === 'PROCESSING');
  await product.settled();
  await product.control('POST', `/orders/${id}/edit`, { lines: [{ sku: 'CUP', quantity: 2 }] });
  const order = await product.oursWhen(id, (each) => each.lines[0]?.wanted === 2);
  await until(async () => (await prints(order)).filter((print) => print.status === 'CANCELLED').length === 3, { timeoutMs: 15_000 });
  expect((await product.farm()).queue.reduce((sum, item) => sum + item.left, 0)).toBe(2);
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  const shop = await product.fulfilled(id);
  expect(shop.fulfillments).toHaveLength(1);
  expect(await unitsOf(id)).toBe(2);
}, 60_000);

it('a line refunded before it was made is not made', async () => {
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'CUP', quantity: 1 }, { sku: 'SAUCER', quantity: 1 }]);
  await product.oursWhen(id, (each) => each.production_status === 'PROCESSING');
  await product.settled();
  await product.control('POST', `/orders/${id}/refund`, { lines: [{ sku: 'SAUCER', quantity: 1 }] });
  const order = await product.oursWhen(id, (each) => each.lines.some((line) => line.sku === 'SAUCER' && line.wanted === 0));
  await until(async () => (await prints(order)).filter((print) => !print.wanted).every((print) => print.status === 'CANCELLED'));
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  await product.fulfilled(id);
  expect(await unitsOf(id)).toBe(1);
}, 60_000);

it('an order that was changed while it was unpaid is made as it stands when it is paid', async () => {
  const id = await product.order([{ sku: 'CUP', quantity: 4 }], { paid: false });
  await product.ours(id);
  await product.control('POST', `/orders/${id}/edit`, { lines: [{ sku: 'CUP', quantity: 1 }], paid: false });
  await product.settled();
  expect(await prints(await product.ours(id))).toEqual([]);
  await product.control('POST', `/orders/${id}/pay`);
  await product.fulfilled(id);
  expect(await prints(await product.ours(id))).toHaveLength(1);
}, 60_000);
