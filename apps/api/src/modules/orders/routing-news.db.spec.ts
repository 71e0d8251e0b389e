import { TASKS } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import type { Task } from '@forma3d/tasks';
import { aFulfillmentOrder, anOrder, useDatabase } from '@forma3d/testing';
import { ordersWorld } from './orders-world.fixture';
import { RoutingNews } from './routing-news';

const world = ordersWorld(useDatabase().url());
const { db, events, record, orders } = world;
afterAll(() => db.close());

const order = anOrder({ fulfillmentOrders: [aFulfillmentOrder()] });

/** The news that something happened to fulfillment order 4001, at a Shopify that says whose it is and may be asked nothing else. */
function news(storeId: string, orderId: string | null) {
  const unasked = () => Promise.reject(new Error('Shopify was asked for more'));
  const shopify = { getOrder: unasked, changedOrders: unasked, orderIdOfFulfillmentOrder: () => Promise.resolve(orderId) };
  const about = { orderId: null, eventId: null, attempt: 1, failures: 0, replays: 0, maxAttempts: TASKS.ROUTING_NEWS.maxAttempts, correlationId: null };
  const task: Task<'ROUTING_NEWS'> = { id: newId(), type: 'ROUTING_NEWS', storeId, payload: { shopify_fulfillment_order_id: '4001' }, ...about };
  return new RoutingNews(db, events, { shopify: () => Promise.resolve(shopify) }, orders).handle(task, new AbortController().signal);
}

it('has an order that is known planned, without reading it', async () => {
  const storeId = await world.store();
  const { orderId } = await record.record(storeId, order);
  await world.forgetTasks(storeId);
  expect(await news(storeId, order.id)).toEqual({ kind: 'done' });
  expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([{ order_id: orderId }]);
  expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([]);
});

it('has an order planned anew that was complete: it may be what an edit added', async () => {
  const storeId = await world.store();
  const { orderId } = await record.record(storeId, order);
  await db.sql`UPDATE orders SET production_status = 'COMPLETED', units_wanted = 2, fulfilled_at = now() WHERE id = ${orderId}`;
  await world.forgetTasks(storeId);
  await news(storeId, order.id);
  expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([{ order_id: orderId }]);
});

it('has an order that is not known read', async () => {
  const storeId = await world.store();
  expect(await news(storeId, order.id)).toEqual({ kind: 'done' });
  expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([{ shopify_order_id: order.id }]);
});

it('about a fulfillment order that Shopify does not have is done', async () => {
  const storeId = await world.store();
  expect(await news(storeId, null)).toEqual({ kind: 'done' });
  expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([]);
});
