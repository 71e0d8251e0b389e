import { Database, int } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import type { ShopifyOrder } from '@forma3d/shopify';
import { aFulfillmentOrder, aLine, anOrder, FakeClock, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Mirror } from './mirror';

const db = new Database({ url: useDatabase().url() });
const mirror = new Mirror(new FakeClock());
afterAll(() => db.close());

const later = (seconds: number): Date => new Date(anOrder().updatedAt.getTime() + seconds * 1_000);
const upsert = (storeId: string, ...orders: ShopifyOrder[]) => db.transaction('test', (tx) => mirror.upsert(tx, storeId, orders));

async function rowsOf(storeId: string) {
  const versioned = z.object({ shopify_id: z.string(), row: z.string() });
  return {
    headers: await db.sql.rows(versioned)`SELECT shopify_id, xmin::text AS row FROM order_header WHERE store_id = ${storeId} ORDER BY 1`,
    lines: await db.sql.rows(versioned)`SELECT shopify_id, xmin::text AS row FROM order_line_item WHERE store_id = ${storeId} ORDER BY 1`,
    refunds: await db.sql.rows(versioned)`SELECT shopify_id, xmin::text AS row FROM refund WHERE store_id = ${storeId} ORDER BY 1`,
    products: await db.sql.rows(versioned)`SELECT shopify_id, xmin::text AS row FROM product WHERE store_id = ${storeId} ORDER BY 1`,
  };
}

const refund = {
  id: '6001',
  createdAt: later(30),
  totalCents: 1500,
  adjustmentsCents: 0,
  lines: [{ id: '6101', lineItemId: '9001', quantity: 1, restockType: 'RETURN', subtotalCents: 1500, taxCents: 0 }],
};

test('a newer report overwrites, an older one does not, the same one rewrites nothing', async () => {
  const storeId = newId();
  const first = anOrder({ refunds: [refund] });
  expect(await upsert(storeId, first)).toEqual(new Map([[first.id, 'written']]));
  const before = await rowsOf(storeId);
  expect(await upsert(storeId, first)).toEqual(new Map([[first.id, 'unchanged']]));
  expect(await upsert(storeId, { ...first, updatedAt: later(-60), name: 'old' })).toEqual(new Map([[first.id, 'older']]));
  expect(await upsert(storeId, { ...first, fulfillmentOrders: [aFulfillmentOrder()] })).toEqual(new Map([[first.id, 'unchanged']]));
  expect(await rowsOf(storeId)).toEqual(before);

  expect(await upsert(storeId, { ...first, updatedAt: later(60), financialStatus: 'REFUNDED' })).toEqual(new Map([[first.id, 'written']]));
  const after = await rowsOf(storeId);
  expect(after.headers).not.toEqual(before.headers);
  expect({ ...after, headers: before.headers }).toEqual(before);
});

test('only what was read from Shopify overwrites another report of the same second', async () => {
  const storeId = newId();
  const order = anOrder();
  await upsert(storeId, order);
  const pending = anOrder({ financialStatus: 'PENDING' });
  expect(await upsert(storeId, pending)).toEqual(new Map([[order.id, 'unclear']]));
  expect(await upsert(storeId, { ...pending, fulfillmentOrders: [] })).toEqual(new Map([[order.id, 'written']]));
});

test('lines and refunds that are no longer reported stay, changed lines change', async () => {
  const storeId = newId();
  await upsert(storeId, anOrder({ lineItems: [aLine(), aLine({ id: '9002' })], refunds: [refund] }));
  await upsert(storeId, anOrder({ updatedAt: later(60), lineItems: [aLine({ currentQuantity: 0 })], refunds: null }));
  const lines = await db.sql.rows(z.object({ shopify_id: z.string(), current_quantity: int }))`
    SELECT shopify_id, current_quantity FROM order_line_item WHERE store_id = ${storeId} ORDER BY shopify_id`;
  expect(lines).toEqual([
    { shopify_id: '9001', current_quantity: 0 },
    { shopify_id: '9002', current_quantity: 2 },
  ]);
  expect((await rowsOf(storeId)).refunds).toHaveLength(1);
});

test('five thousand orders go in together, and again without a row written', async () => {
  const storeId = newId();
  const many = Array.from({ length: 5_000 }, (_, index) =>
    anOrder({ id: String(10_000 + index), lineItems: [aLine({ id: String(50_000 + index), productId: String(index % 50) })] }),
  );
  const outcomes = await upsert(storeId, ...many);
  expect(outcomes.size).toBe(5_000);
  const before = await rowsOf(storeId);
  expect([before.headers.length, before.lines.length, before.products.length]).toEqual([5_000, 5_000, 50]);
  await upsert(storeId, ...many);
  expect(await rowsOf(storeId)).toEqual(before);
});

test('the same orders in different sequence, many times at once, do not get in each other\'s way', async () => {
  const storeId = newId();
  const some = Array.from({ length: 40 }, (_, index) => anOrder({ id: String(index), lineItems: [aLine({ id: String(index), productId: String(index) })] }));
  await Promise.all(Array.from({ length: 10 }, (_, index) => upsert(storeId, ...(index % 2 === 0 ? some : some.toReversed()))));
  const rows = await rowsOf(storeId);
  expect([rows.headers.length, rows.lines.length, rows.products.length]).toEqual([40, 40, 40]);
});

test('of two reports of one order in one call the newer counts', async () => {
  const storeId = newId();
  await upsert(storeId, anOrder({ updatedAt: later(60), name: 'new' }), anOrder({ name: 'old' }));
  const row = await db.sql.one(z.object({ name: z.string() }))`SELECT name FROM order_header WHERE store_id = ${storeId}`;
  expect(row.name).toBe('new');
});

test('nothing is written for no orders', async () => {
  expect(await upsert(newId())).toEqual(new Map());
});
