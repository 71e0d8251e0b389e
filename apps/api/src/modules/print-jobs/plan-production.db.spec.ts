import { aFulfillmentOrder, aLine, anOrder, useDatabase } from '@forma3d/testing';
import { printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, orders, prints, record } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

/** The order of two mugs as Shopify itself tells it, some seconds after it was placed. */
const asRead = (second: number, quantity: number) =>
  anOrder({
    updatedAt: new Date(anOrder().updatedAt.getTime() + second * 1_000),
    lineItems: [aLine({ currentQuantity: quantity })],
    fulfillmentOrders: [aFulfillmentOrder({ lines: [{ id: '4101', lineItemId: '9001', totalQuantity: quantity, remainingQuantity: quantity }] })],
  });

const slots = (orderId: string) => db.transaction('test.read', (tx) => prints.slots(tx, orderId));

async function recorded(): Promise<{ storeId: string; orderId: string }> {
  const storeId = await world.store();
  const { orderId } = await record.record(storeId, anOrder());
  if (orderId === null) throw new Error('the order was not recorded');
  return { storeId, orderId };
}

it('prints nothing from a reading that something newer has overtaken', async () => {
  const { storeId, orderId } = await recorded();
  const task = world.task('PRODUCTION_PLAN', storeId, { order_id: orderId });
  const newer = { ...asRead(9, 1), fulfillmentOrders: null };
  const stale = world.planner(async () => {
    // The edit is reported while Shopify's answer of before is on its way.
    await record.record(storeId, newer);
    return asRead(5, 2);
  });
  expect(await stale.handle(task, signal)).toMatchObject({ kind: 'snooze', afterMs: 0 });
  expect(await slots(orderId)).toEqual([]);
  expect(await world.planner(() => Promise.resolve(asRead(9, 1))).handle(task, signal)).toEqual({ kind: 'done' });
  expect(await slots(orderId)).toHaveLength(1);
});

it('plans from a reading that is older than a webhook, when nothing new came while it was read', async () => {
  const { storeId, orderId } = await recorded();
  await record.record(storeId, { ...asRead(3_600, 2), fulfillmentOrders: null });
  const plan = world.planner(() => Promise.resolve(asRead(5, 2)));
  expect(await plan.handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal)).toEqual({ kind: 'done' });
  expect(await slots(orderId)).toHaveLength(2);
});

it('takes back what was to be printed for a line that Shopify tells nothing of any more', async () => {
  const { storeId, orderId } = await recorded();
  const task = world.task('PRODUCTION_PLAN', storeId, { order_id: orderId });
  await world.planner(() => Promise.resolve(asRead(5, 2))).handle(task, signal);
  const other = aLine({ id: '9002' });
  const without = { ...asRead(6, 1), lineItems: [other], fulfillmentOrders: [aFulfillmentOrder({ lines: [{ id: '4102', lineItemId: '9002', totalQuantity: 2, remainingQuantity: 2 }] })] };
  await world.planner(() => Promise.resolve(without)).handle(task, signal);
  const [first, second] = await orders.lines(db, orderId);
  expect((await slots(orderId)).map((slot) => slot.lineItemId)).toEqual([second?.id, second?.id]);
  expect(first).toMatchObject({ wanted: 0 });
});
