import { int } from '@forma3d/database';
import { aFulfillmentOrder, aLine, anOrder, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { ordersWorld } from './orders-world.fixture';

const world = ordersWorld(useDatabase().url());
const { db, orders, record } = world;
afterAll(() => db.close());

const later = (seconds: number): Date => new Date(anOrder().updatedAt.getTime() + seconds * 1_000);
const CREATED = ['order.created', 'order.paid', 'order.status-changed'];

async function count(table: 'orders' | 'line_item' | 'order_header' | 'order_line_item', storeId: string): Promise<number> {
  const rows = {
    orders: db.sql.one(z.object({ n: int }))`SELECT count(*) AS n FROM orders WHERE store_id = ${storeId}`,
    line_item: db.sql.one(z.object({ n: int }))`SELECT count(*) AS n FROM line_item WHERE store_id = ${storeId}`,
    order_header: db.sql.one(z.object({ n: int }))`SELECT count(*) AS n FROM order_header WHERE store_id = ${storeId}`,
    order_line_item: db.sql.one(z.object({ n: int }))`SELECT count(*) AS n FROM order_line_item WHERE store_id = ${storeId}`,
  };
  return (await rows[table]).n;
}

async function recorded(storeId: string, order = anOrder()): Promise<string> {
  const { orderId } = await record.record(storeId, order);
  if (orderId === null) throw new Error('no order was made');
  return orderId;
}

describe('one right order', () => {
  it('comes of a hundred identical reports at once, told of once and planned once', async () => {
    const storeId = await world.store();
    const answers = await Promise.all(Array.from({ length: 100 }, () => record.record(storeId, anOrder())));

    const ids = new Set(answers.map((answer) => answer.orderId));
    expect(ids.size).toBe(1);
    const [orderId = null] = ids;
    expect(await world.eventTypes(orderId)).toEqual(CREATED);
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([{ order_id: orderId }]);
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([]);
    for (const table of ['orders', 'line_item', 'order_header', 'order_line_item'] as const) {
      expect(await count(table, storeId)).toBe(1);
    }
  });

  it('comes of paid before updated before create', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId, anOrder({ updatedAt: later(20) }));
    await record.record(storeId, anOrder({ updatedAt: later(10), financialStatus: 'PENDING', tags: [] }));
    const create = await record.record(storeId, anOrder({ financialStatus: 'PENDING' }));

    expect(create).toEqual({ orderId, applied: false });
    expect(await orders.get(storeId, orderId)).toMatchObject({ financialStatus: 'PAID', status: 'accepted', shopifyUpdatedAt: later(20) });
    expect(await world.eventTypes(orderId)).toEqual(CREATED);
  });

  it('comes of create, paid and an edit all at the same moment', async () => {
    const storeId = await world.store();
    const create = anOrder({ financialStatus: 'PENDING' });
    const paid = anOrder({ updatedAt: later(5) });
    const edited = anOrder({ updatedAt: later(9), lineItems: [aLine({ currentQuantity: 1 })] });
    await Promise.all([edited, create, paid, create, edited, paid].map((order) => record.record(storeId, order)));

    const [orderId = ''] = await world.orderIds(storeId);
    expect(await orders.get(storeId, orderId)).toMatchObject({ financialStatus: 'PAID', status: 'accepted' });
    expect((await orders.lines(db, orderId)).map((line) => line.currentQuantity)).toEqual([1]);
    const types = await world.eventTypes(orderId);
    expect(types.filter((type) => type === 'order.created')).toHaveLength(1);
    expect(types.filter((type) => type === 'order.paid')).toHaveLength(1);
  });

  it('keeps ids above 2^53 as they are', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId, anOrder({ id: '820982911946154508', lineItems: [aLine({ id: '866550311766439020' })] }));
    expect((await orders.get(storeId, orderId)).shopifyId).toBe('820982911946154508');
    expect((await orders.lines(db, orderId))[0]?.shopifyId).toBe('866550311766439020');
  });

  it('is the same order number in two stores, twice', async () => {
    const [one, two] = [await world.store(), await world.store()];
    expect(await recorded(one)).not.toBe(await recorded(two));
  });

  it('takes thirty lines, and lines without SKU, product and variant, gift cards and tips', async () => {
    const storeId = await world.store();
    const lineItems = Array.from({ length: 30 }, (_, index) =>
      aLine({
        id: String(9000 + index),
        sku: index % 2 === 0 ? null : `SKU-${String(index)}`,
        productId: index % 3 === 0 ? null : '5001',
        variantId: null,
        vendor: null,
        giftCard: index === 4,
        tip: index === 5,
      }),
    );
    const orderId = await recorded(storeId, anOrder({ lineItems }));
    const lines = await orders.lines(db, orderId);
    expect(lines.map((line) => line.shopifyId)).toEqual(lineItems.map((line) => line.id));
    expect(lines[4]).toMatchObject({ giftCard: true, sku: null });
    expect(lines[5]).toMatchObject({ tip: true });
  });

  it('needs no customer, address, shipping method or line', async () => {
    const storeId = await world.store();
    const bare = { customer: null, email: null, phone: null, shippingAddress: null, shippingMethod: null, lineItems: [] };
    const orderId = await recorded(storeId, anOrder(bare));
    const row = await db.sql.one(z.object({ customer: z.null(), shipping_address: z.null() }))`
      SELECT customer, shipping_address FROM orders WHERE id = ${orderId}`;
    expect(row).toEqual({ customer: null, shipping_address: null });
  });
});

describe('what Shopify says later', () => {
  it('of an unpaid order leaves it pending until it is paid, then accepts it', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId, anOrder({ financialStatus: 'PENDING' }));
    expect(await orders.get(storeId, orderId)).toMatchObject({ status: 'pending', paidAt: null });

    await record.record(storeId, anOrder({ updatedAt: later(60) }));
    expect(await orders.get(storeId, orderId)).toMatchObject({ status: 'accepted', paidAt: later(60), acceptedAt: world.clock.now() });
    expect(await world.eventTypes(orderId)).toEqual(CREATED);
    const audit = await db.sql.one(z.object({ actor: z.string(), action: z.string(), meta: z.unknown() }))`
      SELECT actor, action, meta FROM audit_log WHERE entity_id = ${orderId}`;
    expect(audit).toEqual({
      actor: 'system',
      action: 'status-changed',
      meta: { old_status: 'pending', new_status: 'accepted' },
    });
  });

  it('does not accept it where the store accepts by hand', async () => {
    const storeId = await world.store({ system_moves: { accept: false } });
    expect(await orders.get(storeId, await recorded(storeId))).toMatchObject({ status: 'pending', paidAt: anOrder().processedAt });
  });

  it('changes quantities and adds lines, tells production once, and leaves the snapshot', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    const edited = anOrder({
      updatedAt: later(60),
      name: '#renamed',
      totalCents: 9900,
      note: 'changed',
      lineItems: [aLine({ currentQuantity: 1, title: 'Renamed' }), aLine({ id: '9002', sku: 'POT', quantity: 3, currentQuantity: 3 })],
    });
    await record.record(storeId, edited);
    await record.record(storeId, edited);

    expect(await orders.lines(db, orderId)).toMatchObject([
      { shopifyId: '9001', title: 'Mug', quantity: 2, currentQuantity: 1 },
      { shopifyId: '9002', sku: 'POT', quantity: 3, currentQuantity: 3, position: 1 },
    ]);
    expect((await orders.get(storeId, orderId)).name).toBe('#1001');
    expect(await world.eventTypes(orderId)).toEqual([...CREATED, 'order.updated']);
    const mirrored = await db.sql.one(z.object({ name: z.string(), total_cents: int }))`
      SELECT name, total_cents FROM order_header WHERE store_id = ${storeId}`;
    expect(mirrored).toEqual({ name: '#renamed', total_cents: 9900 });
  });

  it('is refused by the database where it would change the snapshot', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    await expect(db.sql`UPDATE orders SET total_cents = 1 WHERE id = ${orderId}`).rejects.toThrow(/snapshot/);
    await expect(db.sql`UPDATE line_item SET unit_price_cents = 1 WHERE order_id = ${orderId}`).rejects.toThrow(/snapshot/);
  });

  it('has an unfinished order planned again, because holds do not show in webhooks', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    await world.forgetTasks(storeId);
    await record.record(storeId, anOrder({ updatedAt: later(60) }));
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([{ order_id: orderId }]);
    expect(await world.eventTypes(orderId)).toEqual(CREATED);
  });

  it('corrects the fulfilment type once, when fulfillment orders tell it', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    const pickup = [aFulfillmentOrder({ deliveryMethod: 'PICK_UP' })];
    await record.record(storeId, anOrder({ fulfillmentOrders: pickup }));
    expect(await orders.get(storeId, orderId)).toMatchObject({ fulfilmentType: 'pickup', shippingStatus: null, fulfilmentTypeFinal: true });

    await record.record(storeId, anOrder({ updatedAt: later(60), fulfillmentOrders: [aFulfillmentOrder()] }));
    expect(await orders.get(storeId, orderId)).toMatchObject({ fulfilmentType: 'pickup' });
    expect((await world.eventTypes(orderId)).filter((type) => type === 'order.updated')).toHaveLength(1);
  });

  it('leaves a pickup order with a gift card in it a pickup order', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId, anOrder({ pickup: true }));
    const pickupAndCard = [aFulfillmentOrder({ deliveryMethod: 'PICK_UP' }), aFulfillmentOrder({ deliveryMethod: 'NONE' })];
    await record.record(storeId, anOrder({ fulfillmentOrders: pickupAndCard }));
    expect(await orders.get(storeId, orderId)).toMatchObject({ fulfilmentType: 'pickup', fulfilmentTypeFinal: true });
  });

  it('cancels it once, with production', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    const cancelled = anOrder({ updatedAt: later(60), cancelledAt: later(60), cancelReason: 'CUSTOMER' });
    await Promise.all([record.record(storeId, cancelled), record.record(storeId, cancelled)]);
    expect(await orders.get(storeId, orderId)).toMatchObject({
      status: 'cancelled',
      productionStatus: 'CANCELLED',
      cancelledAt: later(60),
      cancelReason: 'CUSTOMER',
    });
    expect(await world.eventTypes(orderId)).toEqual([...CREATED, 'order.cancelled', 'order.status-changed', 'order.production-changed']);
  });
});

describe('two different reports of one second', () => {
  it('keep what is paid, and have Shopify asked', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    await record.record(storeId, anOrder({ financialStatus: 'PENDING' }));
    expect(await orders.get(storeId, orderId)).toMatchObject({ financialStatus: 'PAID' });
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toEqual([{ shopify_order_id: anOrder().id }]);
  });

  it('become paid whichever comes last', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId, anOrder({ financialStatus: 'PENDING' }));
    await record.record(storeId, anOrder());
    expect(await orders.get(storeId, orderId)).toMatchObject({ financialStatus: 'PAID', status: 'accepted' });
  });

  it('leave quantities alone until the answer read from Shopify, which counts', async () => {
    const storeId = await world.store();
    const orderId = await recorded(storeId);
    const edited = [aLine({ currentQuantity: 1 })];
    await record.record(storeId, anOrder({ lineItems: edited }));
    expect((await orders.lines(db, orderId))[0]?.currentQuantity).toBe(2);
    expect(await world.tasks(storeId, 'ORDER_REFRESH')).toHaveLength(1);

    await record.record(storeId, anOrder({ lineItems: edited, fulfillmentOrders: [aFulfillmentOrder()] }));
    expect((await orders.lines(db, orderId))[0]?.currentQuantity).toBe(1);
  });
});

describe('an order placed before the store produces orders', () => {
  const old = anOrder({ createdAt: new Date('2026-10-01T00:00:00Z'), processedAt: new Date('2026-10-01T00:00:00Z') });

  it('is mirrored only, whoever brings it and however often', async () => {
    const storeId = await world.store();
    expect(await record.record(storeId, old)).toEqual({ orderId: null, applied: true });
    await record.record(storeId, { ...old, updatedAt: later(60), fulfillmentOrders: [aFulfillmentOrder()] });
    expect(await count('orders', storeId)).toBe(0);
    expect(await count('order_line_item', storeId)).toBe(1);
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toEqual([]);
  });

  it('becomes an order when a person imports it, and is one from then on', async () => {
    const storeId = await world.store();
    await record.record(storeId, old);
    const { orderId } = await db.transaction('test', (tx) => record.recordIn(tx, storeId, old, { evenIfOld: true }));
    expect(await world.eventTypes(orderId)).toEqual(CREATED);
    expect(await record.record(storeId, { ...old, updatedAt: later(60) })).toEqual({ orderId, applied: true });
  });
});
