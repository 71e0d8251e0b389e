import { useDatabase } from '@forma3d/testing';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
}, 30_000);
afterAll(() => product.stop());

const types = (order: { timeline: { type: string }[] }) => order.timeline.map((entry) => entry.type);

it('order complete → fulfillment created: a paid order is printed and fulfilled with nobody touching it, and the customer is notified', async () => {
  await product.map('PLANTER');
  const id = await product.order([{ sku: 'PLANTER', quantity: 2 }]);
  const shop = await product.fulfilled(id);
  expect(shop.fulfillments).toHaveLength(1);
  expect(shop.fulfillments[0]).toMatchObject({ notified: true });
  const order = await product.oursWhen(id, (each) => types(each).includes('fulfillment.created'));
  expect(order).toMatchObject({ production_status: 'COMPLETED' });
  expect(types(order).filter((type) => type === 'order.ready-for-fulfillment')).toHaveLength(1);
  expect((await product.farm()).calls['queue/AddItem']).toBe(1);
}, 60_000);
