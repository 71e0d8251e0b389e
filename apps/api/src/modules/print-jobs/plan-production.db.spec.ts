import { aFulfillmentOrder, aLine, anOrder, useDatabase } from '@forma3d/testing';
import type { ShopifyOrder } from '@forma3d/shopify';
import { z } from 'zod';
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

/** A plan by a Shopify that answers so. It is read once for the fulfillment orders, and a second time where the whole order is needed. */
function counted(order: ShopifyOrder) {
  const asked = { reads: 0 };
  const plan = world.planner(() => {
    asked.reads += 1;
    return Promise.resolve(order);
  });
  return { plan, asked };
}

it('reads no more than the fulfillment orders of an order that is as known', async () => {
  const { storeId, orderId } = await recorded();
  const { plan, asked } = counted(asRead(5, 2));
  expect(await plan.handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal)).toEqual({ kind: 'done' });
  expect(asked.reads).toBe(1);
  expect(await slots(orderId)).toHaveLength(2);
});

it.each([
  ['a quantity that is not known here', asRead(5, 1), 1],
  ['a line that is not known here', { ...asRead(5, 2), lineItems: [aLine(), aLine({ id: '9002' })], fulfillmentOrders: [aFulfillmentOrder(), aFulfillmentOrder({ id: '4002', lines: [{ id: '4102', lineItemId: '9002', totalQuantity: 2, remainingQuantity: 2 }] })] }, 4],
])('reads and records the whole order when Shopify tells of %s', async (_what, read, prints) => {
  const { storeId, orderId } = await recorded();
  const { plan, asked } = counted(read);
  expect(await plan.handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal)).toEqual({ kind: 'done' });
  expect(asked.reads).toBe(2);
  expect(await slots(orderId)).toHaveLength(prints);
});

it('notes a cancellation that no webhook told of, and prints nothing', async () => {
  const { storeId, orderId } = await recorded();
  const { plan } = counted({ ...asRead(5, 2), cancelledAt: new Date('2026-11-02T09:00:05Z') });
  expect(await plan.handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal)).toEqual({ kind: 'done' });
  expect(await orders.get(storeId, orderId)).toMatchObject({ status: 'cancelled' });
  expect(await slots(orderId)).toEqual([]);
});

it('corrects the fulfilment type, once, from the fulfillment orders alone', async () => {
  const { storeId, orderId } = await recorded();
  const pickup = { ...asRead(0, 2), fulfillmentOrders: [aFulfillmentOrder({ deliveryMethod: 'PICK_UP' })] };
  const task = world.task('PRODUCTION_PLAN', storeId, { order_id: orderId });
  const { plan, asked } = counted(pickup);
  await plan.handle(task, signal);
  expect(await orders.get(storeId, orderId)).toMatchObject({ fulfilmentType: 'pickup', fulfilmentTypeFinal: true, shippingStatus: null });
  await world.planner(() => Promise.resolve(asRead(1, 2))).handle(task, signal);
  expect(await orders.get(storeId, orderId)).toMatchObject({ fulfilmentType: 'pickup' });
  expect(asked.reads).toBe(1);
});

it('makes nothing of an order of ten million, which would fill memory, and leaves it to a person', async () => {
  const { storeId, orderId } = await recorded();
  const plan = world.planner(() => Promise.resolve(asRead(5, 10_000_000)));
  const outcome = await plan.handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal);
  expect(outcome).toMatchObject({ kind: 'giveUp', why: expect.stringContaining('10000000 prints at once') });
  expect(await slots(orderId)).toEqual([]);
});

it('waits for the routing of what an edit of just now added, and prints meanwhile what is routed', async () => {
  const { storeId, orderId } = await recorded();
  const task = world.task('PRODUCTION_PLAN', storeId, { order_id: orderId });
  const at = (updatedAt: Date, routed: number) => ({ ...asRead(0, routed), updatedAt, lineItems: [aLine({ currentQuantity: 3 })] });
  const now = world.clock.now();
  await record.record(storeId, { ...at(now, 2), fulfillmentOrders: null });
  expect(await world.planner(() => Promise.resolve(at(now, 2))).handle(task, signal)).toMatchObject({ kind: 'snooze' });
  expect(await slots(orderId)).toHaveLength(2);
  expect(await world.planner(() => Promise.resolve(at(now, 3))).handle(task, signal)).toEqual({ kind: 'done' });
  expect(await slots(orderId)).toHaveLength(3);

  const longAgo = new Date(now.getTime() - 61_000);
  expect(await world.planner(() => Promise.resolve(at(longAgo, 2))).handle(task, signal)).toEqual({ kind: 'done' });
});

it('tells why each line waits, and of which line as long as it does', async () => {
  const lines = [aLine(), aLine({ id: '9002', title: 'Engraving', sku: null, variantId: null })];
  const routed = aFulfillmentOrder({ lines: lines.map(({ id }, n) => ({ id: String(4101 + n), lineItemId: id, totalQuantity: 2, remainingQuantity: 2 })) });
  const bought = anOrder({ lineItems: lines, fulfillmentOrders: [routed] });
  const storeId = await world.store();
  const { orderId } = await record.record(storeId, bought);
  if (orderId === null) throw new Error('the order was not recorded');
  const task = world.task('PRODUCTION_PLAN', storeId, { order_id: orderId });
  const told = () => db.sql.one(z.object({ message: z.string(), details: z.object({ lines: z.array(z.looseObject({})) }) }))`
    SELECT message, details FROM attention WHERE order_id = ${orderId} AND kind = 'unmapped-lines' AND closed_at IS NULL`;
  await world.planner(() => Promise.resolve(bought), () => false).handle(task, signal);
  expect(await told()).toMatchObject({
    message: expect.stringMatching(/MUG-RED has no product mapping; Engraving has neither SKU nor variant\. .*remove or replace it in Shopify/),
    details: { lines: [{ sku: 'MUG-RED', reason: 'no mapping for its SKU or variant' }, { title: 'Engraving', sku: null, variant_id: null, reason: 'the line has neither SKU nor variant' }] },
  });
  const engraving = { ...bought, lineItems: [aLine({ currentQuantity: 0 }), ...lines.slice(1)], updatedAt: new Date(bought.updatedAt.getTime() + 1_000) };
  await world.planner(() => Promise.resolve(engraving), () => false).handle(task, signal);
  expect(await told()).toMatchObject({ message: expect.not.stringContaining('MUG-RED'), details: { lines: [{ title: 'Engraving' }] } });
});
