import { orderDetail, orderPage, orderQuery } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import { aLine, anOrder, useDatabase } from '@forma3d/testing';
import { ImportOrder } from './import-order';
import { OrderViews } from './order-views';
import { OrdersController } from './orders.controller';
import { ordersWorld } from './orders-world.fixture';
import { UnmappedLines } from './unmapped-lines';

const world = ordersWorld(useDatabase().url());
const { db, orders, record } = world;
const views = new OrderViews(db, world.attention);
const nowhere = { shopify: () => Promise.reject(new Error('not asked')) };
const controller = new OrdersController(views, new ImportOrder(db, nowhere, record, world.audit));
const unmapped = new UnmappedLines(db);
afterAll(() => db.close());

let storeId: string;
let first: string;
let second: string;
let third: string;

/** Three orders: a shipping one in need of a person, a pickup one placed late in the evening, an unpaid one. */
beforeAll(async () => {
  storeId = await world.store();
  const made = async (change: Parameters<typeof anOrder>[0]): Promise<string> => {
    const { orderId } = await record.record(storeId, anOrder(change));
    return orderId ?? '';
  };
  first = await made({ id: '1', name: '#1001' });
  // 23:30 UTC on the 3rd is the 4th in Brussels.
  const evening = new Date('2026-11-03T23:30:00Z');
  second = await made({ id: '2', name: '#1002', pickup: true, processedAt: evening, lineItems: [aLine({ sku: 'POT_S%' })] });
  third = await made({ id: '3', name: '#1003', financialStatus: 'PENDING', customer: null, shippingAddress: null, email: null });
  await db.transaction('test', async (tx) => {
    const [line] = await orders.lines(tx, first);
    const plan = { lineItemId: line?.id ?? '', wanted: 2, held: 1, fulfilledBefore: 0, exclusion: null, unmappedReason: 'no mapping for MUG-RED' };
    await orders.planLines(tx, first, [plan]);
    await orders.setProduction(tx, first, { wanted: 3, sent: 2, completed: 1, failed: 0, unmapped: 1 });
    await world.attention.open(tx, { storeId, kind: 'unmapped-lines', subjectId: first, orderId: first, message: 'waits' });
  });
});

const list = async (query: Record<string, unknown> = {}): Promise<string[]> => {
  const page = await controller.list(storeId, orderQuery.parse(query));
  return orderPage.parse(page).data.map((order) => order.name);
};

describe('the list', () => {
  it('is newest first, page by page', async () => {
    const page = await controller.list(storeId, orderQuery.parse({ limit: 2 }));
    expect(page.data.map((order) => order.name)).toEqual(['#1003', '#1002']);
    expect(await list({ limit: 2, cursor: page.pagination.next_cursor })).toEqual(['#1001']);
  });

  it.each([
    [{ status: 'pending' }, ['#1003']],
    [{ production_status: 'PARTIALLY_COMPLETED' }, ['#1001']],
    [{ fulfilment_type: 'pickup' }, ['#1002']],
    [{ attention: 'true' }, ['#1001']],
    [{ attention: 'false' }, ['#1003', '#1002']],
    [{ q: '1002' }, ['#1002']],
    [{ q: 'peeters' }, ['#1002', '#1001']],
    [{ q: 'mug-' }, ['#1003', '#1001']],
    [{ q: '_S%' }, ['#1002']],
    [{ q: '%' }, ['#1002']],
    [{ from: '2026-11-04' }, ['#1002']],
    [{ to: '2026-11-03' }, ['#1003', '#1001']],
    [{ from: '2026-11-02', to: '2026-11-04', status: 'accepted' }, ['#1002', '#1001']],
  ])('by %j is %j', async (query, names) => {
    expect(await list(query)).toEqual(names);
  });

  it('shows nothing of another store', async () => {
    const page = await controller.list(await world.store(), orderQuery.parse({}));
    expect(page).toEqual({ data: [], pagination: { limit: 25, next_cursor: null, has_more: false } });
  });
});

describe('one order', () => {
  it('tells what was bought, where it stands, what may come and what happened', async () => {
    const order = orderDetail.parse(await controller.get(storeId, first));
    expect(order).toMatchObject({
      name: '#1001',
      shopify_id: '1',
      status: 'accepted',
      allowed_transitions: ['packing', 'shipped', 'cancelled'],
      production_status: 'PARTIALLY_COMPLETED',
      production: { units_wanted: 2, prints_wanted: 3, prints_sent: 2, prints_completed: 1, lines_unmapped: 1, percentage: 33 },
      needs_attention: true,
      total_cents: 3500,
      customer: { id: '3001', name: 'Jo Peeters', email: 'jo@example.org', phone: null },
      shipping_address: { city: 'Gent', country_code: 'BE' },
      fulfillment: { failed: false, tracking_number: null },
      lines: [{ sku: 'MUG-RED', wanted: 2, held: 1, unmapped_reason: 'no mapping for MUG-RED', unit_price_cents: 1500 }],
      attention: [{ kind: 'unmapped-lines', order_name: '#1001' }],
    });
    expect(order.timeline.map((entry) => [entry.type, entry.actor])).toEqual([
      ['order.created', 'shopify'],
      ['order.paid', 'shopify'],
      ['order.status-changed', 'system'],
      ['order.production-changed', 'system'],
      ['order.needs-attention', 'system'],
    ]);
  });

  it('that is fulfilled offers no cancelling', async () => {
    await db.sql`UPDATE orders SET fulfilled_at = now() WHERE id = ${third}`;
    expect(orderDetail.parse(await controller.get(storeId, third)).allowed_transitions).not.toContain('cancelled');
    await db.sql`UPDATE orders SET fulfilled_at = NULL WHERE id = ${third}`;
    expect(orderDetail.parse(await controller.get(storeId, third)).allowed_transitions).toContain('cancelled');
  });

  it('without a customer is shown too', async () => {
    expect(orderDetail.parse(await controller.get(storeId, third))).toMatchObject({ customer: null, customer_name: null, paid_at: null });
  });

  it('is not found in another store', async () => {
    await expect(controller.get(await world.store(), second)).rejects.toMatchObject({ code: 'order-not-found' });
    await expect(controller.get(storeId, newId())).rejects.toMatchObject({ code: 'order-not-found' });
  });
});

describe('unmapped lines', () => {
  it('stand in a list with their reason, and name the orders that wait', async () => {
    const [line, ...others] = await unmapped.list(storeId, 10);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ order_id: first, order_name: '#1001', sku: 'MUG-RED', quantity: 2, reason: 'no mapping for MUG-RED' });
    expect(await unmapped.list(storeId, 10, line?.line_item_id)).toEqual([]);
    const waiting = { id: line?.line_item_id, orderId: first, sku: 'MUG-RED', variantId: '7001' };
    expect(await unmapped.waiting(db, storeId, 10)).toEqual([waiting]);
    expect(await unmapped.waiting(db, storeId, 10, line?.line_item_id)).toEqual([]);
  });
});
