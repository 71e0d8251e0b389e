import { TASKS, type TaskPayload, type TaskType } from '@forma3d/contracts';
import { timestamptz } from '@forma3d/database';
import { newId, OutsideError } from '@forma3d/kernel';
import type { ShopifyOrder } from '@forma3d/shopify';
import type { Task } from '@forma3d/tasks';
import { aFulfillmentOrder, anOrder, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Inbox } from '../inbox';
import { CatchUp } from './catch-up';
import { ImportOrder } from './import-order';
import { OrderWebhook } from './order-webhook';
import { ordersWorld } from './orders-world.fixture';
import { RefreshOrder, type ShopifyConnections } from './refresh-order';

const world = ordersWorld(useDatabase().url());
const { db, events, record, orders, clock } = world;
const inbox = new Inbox(db, events, clock);
const signal = new AbortController().signal;
afterAll(() => db.close());

function task<T extends TaskType>(type: T, storeId: string, payload: TaskPayload<T>): Task<T> {
  const { maxAttempts } = TASKS[type];
  return { id: newId(), type, storeId, payload, orderId: null, eventId: null, attempt: 1, failures: 0, replays: 0, maxAttempts, correlationId: null };
}

/** A Shopify that holds these orders. */
function shop(held: readonly ShopifyOrder[], pageSize = 2) {
  const asked: Date[] = [];
  const connections: ShopifyConnections = {
    shopify: () =>
      Promise.resolve({
        getOrder: (id) => Promise.resolve(held.find((order) => order.id === id) ?? null),
        orderIdOfFulfillmentOrder: (id) =>
          Promise.resolve(held.find((order) => order.fulfillmentOrders?.some((each) => each.id === id))?.id ?? null),
        changedOrders: ({ since, after }) => {
          asked.push(since);
          const changed = held
            .filter((order) => order.updatedAt >= since)
            .sort((one, other) => one.updatedAt.getTime() - other.updatedAt.getTime());
          const start = Number(after ?? 0);
          const orders = changed.slice(start, start + pageSize).map(({ id, updatedAt }) => ({ id, updatedAt }));
          return Promise.resolve({ orders, nextCursor: start + pageSize < changed.length ? String(start + pageSize) : null });
        },
      }),
  };
  return { connections, asked };
}

/** Stores a delivery and answers its task. */
async function delivered(storeId: string, topic: string, body: unknown): Promise<Task<'ORDER_WEBHOOK'>> {
  const dedupeKey = newId();
  await inbox.store({
    storeId,
    source: 'shopify',
    topic,
    dedupeKey,
    eventId: null,
    apiVersion: null,
    triggeredAt: null,
    body: Buffer.from(JSON.stringify(body)),
    correlationId: `wh-${dedupeKey}`,
  });
  const row = await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM webhook_delivery WHERE dedupe_key = ${dedupeKey}`;
  return task('ORDER_WEBHOOK', storeId, { delivery_id: row.id });
}

describe('a delivered webhook', () => {
  const webhook = new OrderWebhook(db, events, inbox, record, clock);
  const body = {
    id: 450789469,
    admin_graphql_api_id: 'gid://shopify/Order/450789469',
    name: '#1001',
    created_at: '2026-11-02T09:00:00Z',
    updated_at: '2026-11-02T09:00:00Z',
    currency: 'EUR',
    total_price: '35.00',
    financial_status: 'paid',
    line_items: [{ id: 9001, title: 'Mug', quantity: 2, price: '15.00', product_id: null, variant_id: null, sku: null }],
  };

  it.each(['orders/create', 'orders/paid', 'orders/updated'])('of %s records the order in it', async (topic) => {
    const storeId = await world.store();
    const work = await delivered(storeId, topic, body);
    expect(await webhook.handle(work)).toEqual({ kind: 'done' });
    expect(await webhook.handle(work)).toEqual({ kind: 'done' });
    const [orderId = ''] = await world.orderIds(storeId);
    expect(await orders.get(storeId, orderId)).toMatchObject({ shopifyId: '450789469', status: 'accepted' });
  });

  it.each([
    ['refunds/create', { id: 1, order_id: 450789469 }, { shopify_order_id: '450789469' }],
    ['fulfillments/update', { id: 1, order_id: 450789469 }, { shopify_order_id: '450789469' }],
    ['orders/edited', { order_edit: { order_id: 450789469 } }, { shopify_order_id: '450789469' }],
  ])('of %s has Shopify asked for the order, once', async (topic, sent, asked) => {
    const storeId = await world.store();
    for (const work of [await delivered(storeId, topic, sent), await delivered(storeId, topic, sent)]) {
      expect(await webhook.handle(work)).toEqual({ kind: 'done' });
    }
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([asked]);
  });

  it('of a fulfillment order has Shopify asked, once, whose it is', async () => {
    const storeId = await world.store();
    const id = 'gid://shopify/FulfillmentOrder/4001';
    const sent = { fulfillment_order: { id, admin_graphql_api_id: id } };
    const topic = 'fulfillment_orders/order_routing_complete';
    for (const work of [await delivered(storeId, topic, sent), await delivered(storeId, topic, sent)]) {
      expect(await webhook.handle(work)).toEqual({ kind: 'done' });
    }
    expect(await world.tasks(storeId, 'ROUTING_NEWS')).toEqual([{ shopify_fulfillment_order_id: '4001' }]);
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([]);
  });

  it('of a fulfillment that our own call may have made waits for its answer, and then has Shopify asked', async () => {
    const storeId = await world.store();
    const { orderId } = await record.record(storeId, anOrder({ id: '450789469' }));
    const counts = { wanted: 2, sent: 2, completed: 2, failed: 0, unmapped: 0 };
    await db.transaction('test.produced', async (tx) => {
      await orders.planLines(tx, orderId ?? '', []);
      await orders.setProduction(tx, orderId ?? '', counts);
    });
    const work = await delivered(storeId, 'fulfillments/create', { id: 1, order_id: 450789469 });
    expect(await webhook.handle(work)).toMatchObject({ kind: 'snooze', afterMs: 5_000 });
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([]);
    clock.advance(5_000);
    expect(await webhook.handle(work)).toEqual({ kind: 'done' });
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toHaveLength(1);
    clock.advance(-5_000);
  });

  it('of a fulfillment has Shopify asked, but not when the order is fulfilled here already: it was ours', async () => {
    const storeId = await world.store();
    const { orderId } = await record.record(storeId, anOrder({ id: '450789469' }));
    const told = () => delivered(storeId, 'fulfillments/create', { id: 1, order_id: 450789469 });
    await webhook.handle(await told());
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toHaveLength(1);
    await world.forgetTasks(storeId);
    const facts = { shopifyFulfillmentId: '1', trackingNumber: null, trackingUrl: null, trackingCompany: null, complete: true };
    await db.transaction('test.fulfilled', (tx) => orders.recordFulfilled(tx, orderId ?? '', facts));
    await webhook.handle(await told());
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([]);
  });

  it('that is no order is given up, without its personal data', async () => {
    const storeId = await world.store();
    const outcome = await webhook.handle(await delivered(storeId, 'orders/create', { ...body, email: 'jo@example.org', line_items: 'none' }));
    expect(outcome).toMatchObject({ kind: 'giveUp' });
    expect(JSON.stringify(outcome)).not.toContain('jo@example.org');
    expect(await world.orderIds(storeId)).toEqual([]);
  });

  it('whose personal data were taken out in the meantime has Shopify asked for the order', async () => {
    const storeId = await world.store();
    const about = await delivered(storeId, 'orders/create', body);
    await db.sql`UPDATE webhook_delivery SET body = redacted_body(topic, body), redacted_at = now() WHERE id = ${about.payload.delivery_id}`;
    expect(await webhook.handle(about)).toEqual({ kind: 'done' });
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([{ shopify_order_id: String(body.id) }]);
    expect(await world.orderIds(storeId)).toEqual([]);
  });

  it('past its retention, or of a topic about no order, is done', async () => {
    const storeId = await world.store();
    expect(await webhook.handle(task('ORDER_WEBHOOK', storeId, { delivery_id: newId() }))).toEqual({ kind: 'done' });
    expect(await webhook.handle(await delivered(storeId, 'app/uninstalled', {}))).toEqual({ kind: 'done' });
  });
});

describe('asking Shopify for one order', () => {
  const order = anOrder({ fulfillmentOrders: [aFulfillmentOrder()] });

  it('records it, and has it planned', async () => {
    const storeId = await world.store();
    const refresh = new RefreshOrder(db, shop([order]).connections, record, orders);
    expect(await refresh.handle(task('ORDER_REFRESH', storeId, { shopify_order_id: order.id }), signal)).toEqual({ kind: 'done' });
    const [orderId] = await world.orderIds(storeId);
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([{ order_id: orderId }]);
  });

  it('has an order looked at again that itself did not change', async () => {
    const storeId = await world.store();
    const { orderId } = await record.record(storeId, order);
    await world.forgetTasks(storeId);
    await new RefreshOrder(db, shop([order]).connections, record, orders).handle(task('ORDER_REFRESH', storeId, { shopify_order_id: order.id }), signal);
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([{ order_id: orderId }]);
  });

  it('for a change costs nothing once a webhook has told of that change', async () => {
    const storeId = await world.store();
    await record.record(storeId, anOrder());
    const unasked = { shopify: () => Promise.reject(new Error('Shopify was asked')) };
    const told = { shopify_order_id: order.id, updated_at: order.updatedAt.toISOString() };
    expect(await new RefreshOrder(db, unasked, record, orders).handle(task('ORDER_REFRESH', storeId, told), signal)).toEqual({ kind: 'done' });
    const untold = { ...told, updated_at: new Date(order.updatedAt.getTime() + 1_000).toISOString() };
    await expect(new RefreshOrder(db, unasked, record, orders).handle(task('ORDER_REFRESH', storeId, untold), signal)).rejects.toThrow('was asked');
  });

  it('that Shopify does not have is done', async () => {
    const storeId = await world.store();
    const refresh = new RefreshOrder(db, shop([]).connections, record, orders);
    expect(await refresh.handle(task('ORDER_REFRESH', storeId, { shopify_order_id: '1' }), signal)).toEqual({ kind: 'done' });
  });

  it('mirrors one that is older than what the store produces', async () => {
    const storeId = await world.store();
    const old = { ...order, processedAt: new Date('2026-10-01T00:00:00Z') };
    await new RefreshOrder(db, shop([old]).connections, record, orders).handle(task('ORDER_REFRESH', storeId, { shopify_order_id: old.id }), signal);
    expect(await world.orderIds(storeId)).toEqual([]);
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([]);
  });
});

describe('the catch-up', () => {
  const at = (minutes: number): Date => new Date(clock.now().getTime() + minutes * 60_000);
  const held = [5, 15, 25, 35, 45].map((minutes, index) => anOrder({ id: String(index + 1), updatedAt: at(minutes) }));
  const run = (storeId: string, connections: ShopifyConnections) =>
    new CatchUp(db, events, connections, clock).handle(task('CATCH_UP', storeId, {}), signal);
  const seen = (storeId: string) =>
    db.sql.maybe(z.object({ seen_until: timestamptz }))`SELECT seen_until FROM catch_up WHERE store_id = ${storeId}`;

  it('asks for what is not known or newer than known, page by page, from when the store produces orders', async () => {
    const storeId = await world.store();
    const [first, second] = held;
    if (!first || !second) throw new Error('there are five');
    await record.record(storeId, first);
    await record.record(storeId, { ...second, updatedAt: at(1) });
    await world.forgetTasks(storeId);
    const { connections, asked } = shop(held);
    expect(await run(storeId, connections)).toEqual({ kind: 'done' });
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual(
      [2, 3, 4, 5].map((id, index) => ({ shopify_order_id: String(id), updated_at: at(15 + 10 * index).toISOString() })),
    );
    expect(asked[0]).toEqual(new Date('2026-10-31T23:50:00Z'));
    expect(await seen(storeId)).toEqual({ seen_until: at(45) });
  });

  it('goes on ten minutes before what it has seen, and never back', async () => {
    const last = at(45);
    const storeId = await world.store();
    await run(storeId, shop(held).connections);
    clock.advance(60 * 60_000);
    const { connections, asked } = shop(held);
    await run(storeId, connections);
    expect(asked).toEqual([new Date(last.getTime() - 600_000)]);
    await run(storeId, shop([]).connections);
    expect(await seen(storeId)).toEqual({ seen_until: last });
    clock.advance(-60 * 60_000);
  });

  it('keeps the pages it has done when a later one fails', async () => {
    const storeId = await world.store();
    const { connections } = shop(held);
    const failing: ShopifyConnections = {
      shopify: async (id) => {
        const client = await connections.shopify(id);
        return {
          ...client,
          changedOrders: (input) =>
            input.after === '2'
              ? Promise.reject(new OutsideError({ system: 'shopify', failure: 'transient', operation: 'orders' }, 'down'))
              : client.changedOrders(input),
        };
      },
    };
    await expect(run(storeId, failing)).rejects.toThrow('down');
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toHaveLength(2);
    expect(await seen(storeId)).toEqual({ seen_until: at(15) });
  });
});

describe('importing', () => {
  const old = anOrder({ processedAt: new Date('2026-10-01T00:00:00Z'), fulfillmentOrders: [aFulfillmentOrder()] });
  const importer = new ImportOrder(db, shop([old]).connections, record, world.audit);

  it('makes an old order one of ours, by its id in the mirror or in Shopify, audited', async () => {
    const storeId = await world.store();
    await record.record(storeId, old);
    const mirrored = await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM order_header WHERE store_id = ${storeId}`;
    const orderId = await importer.run(storeId, mirrored.id);
    expect(await importer.run(storeId, old.id)).toBe(orderId);
    expect(await importer.run(storeId, orderId)).toBe(orderId);
    expect(await world.orderIds(storeId)).toEqual([orderId]);
    const audited = await db.sql.rows(z.object({ action: z.string() }))`SELECT action FROM audit_log WHERE entity_id = ${orderId} AND action = 'imported'`;
    expect(audited).toHaveLength(3);
  });

  it('refuses what nobody knows, and what is no id', async () => {
    const storeId = await world.store();
    await expect(importer.run(storeId, newId())).rejects.toMatchObject({ code: 'order-not-found' });
    await expect(importer.run(storeId, '12')).rejects.toMatchObject({ code: 'order-not-found' });
    await expect(importer.run(storeId, 'abc')).rejects.toMatchObject({ code: 'invalid' });
  });
});
