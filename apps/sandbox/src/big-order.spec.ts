import { openGate } from '@forma3d/kernel';
import { createShopifyClient, orderFromWebhook } from '@forma3d/shopify';

import { TestSandbox } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start({ speed: 0 });
});
afterAll(() => client.stop());

/** Where the lines are routed: seven fulfillment orders, more than a first page takes, and each longer than its own first page. */
const ROUTES = [
  { location: 'Workshop', of: 110 },
  { location: 'City counter', of: 40 },
  ...['north', 'south', 'east', 'west', 'moon'].map((service) => ({ fulfillment_service: service, of: 20 })),
];

test('an order far beyond every first page is read exactly: 250 lines, seven fulfillment orders, eight refunds, six fulfillments', async () => {
  const shopify = createShopifyClient({
    storeId: 'store',
    shopDomain: 'forma3d-sandbox.myshopify.com',
    accessToken: 'shpat_sandbox',
    apiVersion: '2026-10',
    apiBaseUrl: client.sandbox.url,
    gate: openGate,
    timeoutMs: 5_000,
  });
  const lines = ROUTES.flatMap(({ of, ...route }) => Array.from({ length: of }, () => route)).map((route, index) => ({
    ...route, sku: `BIG-${String(index)}`, quantity: 2 + (index % 3), price_cents: 100 + index,
  }));
  expect(lines).toHaveLength(250);
  const { id } = await client.order({ lines });
  await client.routed(id);
  const units = (from: number, count: number) => lines.slice(from, from + count).map(({ sku }) => ({ sku, quantity: 1 }));
  await client.control('POST', `orders/${id}/refund`, { lines: units(0, 30), amount_cents: 50 });
  for (let each = 1; each < 8; each += 1) await client.control('POST', `orders/${id}/refund`, { lines: units(each, 1) });
  for (let each = 0; each < 5; each += 1) await client.control('POST', `orders/${id}/fulfill`, { lines: units(40 + each * 12, 12) });
  await client.control('POST', `orders/${id}/fulfill`, { lines: units(100, 1), tracking: { number: 'LAST-ONE' } });

  const asked = await shopify.getOrder(id);
  expect([asked?.lineItems.length, asked?.refunds?.length, asked?.fulfillments?.length, asked?.fulfillmentOrders?.length]).toEqual([250, 8, 6, 7]);
  const sent = await client.until(
    () => client.webhooks('orders/updated'),
    (all) => all.some(({ body }) => body.includes('LAST-ONE')),
  );
  const told = orderFromWebhook(Buffer.from(sent.findLast(({ body }) => body.includes('LAST-ONE'))?.body ?? ''));
  expect({ ...asked, fulfillmentOrders: null }).toEqual(told);

  const work = await shopify.getFulfillmentWork(id);
  expect(work?.fulfillmentOrders).toEqual(asked?.fulfillmentOrders);
  expect(work?.fulfillments).toEqual(asked?.fulfillments);
  // Two lines were refunded whole: nothing is to be fulfilled of them any more.
  const left = asked?.lineItems.filter((line) => line.currentQuantity > 0) ?? [];
  expect(left).toHaveLength(248);
  expect(work?.currentQuantities).toEqual(new Map(left.map((line) => [line.id, line.currentQuantity])));
  const routed = work?.fulfillmentOrders.flatMap((each) => each.lines) ?? [];
  expect(new Set(routed.map((line) => line.lineItemId)).size).toBe(248);
  const fulfilled = routed.reduce((sum, line) => sum + line.totalQuantity - line.remainingQuantity, 0);
  expect(fulfilled).toBe(5 * 12 + 1);
}, 30_000);
