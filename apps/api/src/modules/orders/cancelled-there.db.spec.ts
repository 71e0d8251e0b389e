import { anOrder, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { ordersWorld } from './orders-world.fixture';

const world = ordersWorld(useDatabase().url());
const { db, orders, record } = world;
afterAll(() => db.close());

const later = (seconds: number): Date => new Date(anOrder().updatedAt.getTime() + seconds * 1_000);

async function recorded(storeId: string): Promise<string> {
  const { orderId } = await record.record(storeId, anOrder());
  if (orderId === null) throw new Error('no order was made');
  return orderId;
}

describe('what must not wait for the backoff of a failure', () => {
  it('is the end of the prints and of the fulfillment of an order that Shopify cancelled', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    const now = world.clock.now();
    const waits = new Date(now.getTime() + 3_600_000);
    await world.forgetTasks(storeId);
    await db.transaction('test.wait', (tx) =>
      world.events.enqueue(
        tx,
        ...(['PRODUCTION_PLAN', 'FULFILLMENT'] as const).map((type) => ({ type, storeId, payload: { order_id: orderId }, dedupeKey: orderId, dueAt: waits })),
      ),
    );
    await db.sql`UPDATE retry_queue SET failures = 9 WHERE store_id = ${storeId}`;
    await record.record(storeId, anOrder({ updatedAt: later(10), cancelledAt: later(10) }));
    const due = await db.sql.rows(z.object({ type: z.string(), due_at: z.date() }))`
      SELECT type, due_at FROM retry_queue WHERE store_id = ${storeId} ORDER BY type`;
    expect(due).toEqual([{ type: 'FULFILLMENT', due_at: now }, { type: 'PRODUCTION_PLAN', due_at: now }]);
  });
});

describe('a fulfillment that Shopify shows as cancelled', () => {
  const told = (id: string, more = 10) => ({
    ...anOrder({ updatedAt: later(more) }),
    fulfillments: [{ id, status: 'CANCELLED', createdAt: later(0), updatedAt: later(5), trackingNumber: null, trackingUrl: null, trackingCompany: null, lines: [] }],
  });

  it('has the order looked at where it counts as standing here, and only there', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    const facts = { shopifyFulfillmentId: '81', trackingNumber: null, trackingUrl: null, trackingCompany: null, complete: true };
    await db.transaction('test.fulfilled', (tx) => orders.recordFulfilled(tx, orderId, facts));
    await db.sql`
      INSERT INTO fulfillment (id, store_id, order_id, provider, phase, generation, shopify_id, created_at, updated_at)
      VALUES (gen_random_uuid(), ${storeId}, ${orderId}, 'shopify', 'succeeded', 1, '81', now(), now())`;
    await world.forgetTasks(storeId);
    await record.record(storeId, told('82'));
    expect(await world.tasks(storeId, 'FULFILLMENT')).toEqual([]);
    await record.record(storeId, told('81', 5));
    expect(await world.tasks(storeId, 'FULFILLMENT')).toEqual([{ order_id: orderId }]);
    await db.sql`UPDATE fulfillment SET phase = 'cancelled' WHERE order_id = ${orderId}`;
    await world.forgetTasks(storeId);
    await record.record(storeId, told('81', 20));
    expect(await world.tasks(storeId, 'FULFILLMENT')).toEqual([]);
  });
});
