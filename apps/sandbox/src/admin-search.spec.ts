import { sandboxOrderSchema } from '@forma3d/contracts';

import { orderFilter, orderSortKey } from './admin-search';
import { ManualScheduler } from './scheduler';
import { Shop } from './shop';
import { placeOrder } from './shop-orders';
import { cancelOrder } from './shop-refunds';
import { fulfillByMerchant } from './merchant';

const scheduler = new ManualScheduler(new Date('2026-11-02T09:00:00Z'));
const shop = new Shop(scheduler, 'shop.myshopify.com');
const place = (input: Record<string, unknown>) => {
  const order = placeOrder(shop, sandboxOrderSchema.parse({ lines: [{ sku: 'A', quantity: 2 }], ...input }));
  scheduler.advance(60_000);
  return order;
};
const plain = place({});
const unpaid = place({ paid: false, tags: ['Rush'], lines: [{ sku: 'B', quantity: 1 }] });
const shipped = place({ customer: { email: 'kim@example.com' } });
fulfillByMerchant(shop, shipped, { notify: true });
const partial = place({ test: true });
fulfillByMerchant(shop, partial, { notify: true, lines: [{ sku: 'A', quantity: 1 }] });
const cancelled = place({});
cancelOrder(shop, cancelled, { reason: 'other', refund: true, restock: true });

const names = (query: string | null) => shop.data.orders.filter(orderFilter(query)).map((order) => order.number);
const [a, b, c, d, e] = [plain, unpaid, shipped, partial, cancelled].map((order) => order.number);

test.each([
  [null, [a, b, c, d, e]],
  ['', [a, b, c, d, e]],
  [`id:${plain.id}`, [a]],
  [`id:>${shipped.id}`, [d, e]],
  ['name:#1002', [b]],
  ['financial_status:pending', [b]],
  ['financial_status:refunded', [e]],
  ['financial_status:any', [a, b, c, d, e]],
  ['fulfillment_status:shipped', [c]],
  ['fulfillment_status:partial', [d]],
  ['fulfillment_status:unshipped', [a, b, e]],
  ['fulfillment_status:unfulfilled', [a, b, d, e]],
  ['fulfillment_status:any test:true', [d]],
  ['status:cancelled', [e]],
  ['status:open', [a, b, c, d]],
  ['status:closed', []],
  ['status:any AND tag:rush', [b]],
  ['-status:cancelled sku:A', [a, c, d]],
  ['email:kim@example.com', [c]],
  ["created_at:<'2026-11-02T09:01:00Z'", [a]],
  ['created_at:<="2026-11-02T09:01:00Z"', [a, b]],
  ['processed_at:>2026-11-02T09:03:00Z', [e]],
  ["updated_at:>='2026-11-02T09:04:00Z' AND updated_at:<='2026-11-02T10:00:00+01:00'", []],
])('the search %s finds what it says', (query, expected) => {
  expect(names(query)).toEqual(expected);
});

test.each(['colour:red', 'updated_at:>yesterday', '(status:open)', 'status:strange', 'fulfillment_status:strange'])(
  'the search %s is refused instead of being left out',
  (query) => {
    expect(() => names(query)).toThrow();
  },
);

test('orders sort by what Shopify sorts by, and by nothing unknown', () => {
  expect(orderSortKey('UPDATED_AT')(plain)).toBe(plain.updatedAt);
  expect(orderSortKey('CREATED_AT')(plain)).toBe('2026-11-02T09:00:00Z');
  expect(orderSortKey(null)(plain)).toBe(plain.processedAt);
  expect(orderSortKey('ORDER_NUMBER')(plain)).toBe('000000001001');
  expect(orderSortKey('ID')(plain)).toBe('');
  expect(() => orderSortKey('CUSTOMER_NAME')).toThrow();
});
