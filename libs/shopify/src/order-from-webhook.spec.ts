import { readFileSync } from 'node:fs';
import { join } from 'node:path';

import { z } from 'zod';

import { orderFromGraphql } from './order-from-graphql';
import { graphqlOrder, graphqlRefund } from './graphql-order-schema';
import { fulfillmentFromWebhook, orderFromWebhook, refundFromWebhook } from './order-from-webhook';
import { parseBigJson } from './parse-big-json';
import type { ShopifyOrder } from './shopify-order';

/** One order as both sides tell it: two lines and a tip, one line partly refunded, one fulfilled, in euro. */
const read = (file: string): string => readFileSync(join(__dirname, 'samples', file), 'utf8');
const raw = read('order-webhook.json');
const rest = z
  .looseObject({ line_items: z.array(z.looseObject({})), refunds: z.array(z.looseObject({})), fulfillments: z.array(z.looseObject({})) })
  .parse(parseBigJson(raw));
const graphql = z.looseObject({ fulfillmentOrders: z.looseObject({ nodes: z.array(z.looseObject({})) }) }).parse(JSON.parse(read('order-graphql.json')));

const fromWebhook = (change: Record<string, unknown> = {}): ShopifyOrder => orderFromWebhook(JSON.stringify({ ...rest, ...change }));
const fromGraphql = (change: Record<string, unknown> = {}): ShopifyOrder => {
  const order = graphqlOrder.parse({ ...graphql, ...change });
  return orderFromGraphql({
    order,
    lineItems: order.lineItems.nodes,
    refunds: [graphqlRefund.parse(JSON.parse(read('refund-graphql.json')))],
    fulfillments: order.fulfillments,
    fulfillmentOrders: order.fulfillmentOrders.nodes,
  });
};

test('the same order is the same from a webhook and from GraphQL, but for the fulfillment orders', () => {
  const webhook = orderFromWebhook(Buffer.from(raw));

  expect(webhook.fulfillmentOrders).toBeNull();
  expect({ ...webhook, fulfillmentOrders: [] }).toEqual({ ...fromGraphql(), fulfillmentOrders: [] });
});

test('ids above 2^53, shop money and the tip are read exactly', () => {
  const order = orderFromWebhook(raw);

  expect(order.id).toBe('820982911946154508');
  expect(order.lineItems.map((line) => line.variantId)).toEqual(['820982911946154612', null, null]);
  expect(order).toMatchObject({ totalCents: 7550, shippingCents: 500, currentSubtotalCents: 4750, discountCents: 250 });
  expect(order.lineItems.map((line) => line.tip)).toEqual([false, false, true]);
  expect(order.refunds).toMatchObject([{ totalCents: 2517, adjustmentsCents: 100, lines: [{ restockType: 'NO_RESTOCK', taxCents: 333 }] }]);
});

test('a body with little in it is an order all the same', () => {
  const order = orderFromWebhook(
    JSON.stringify({
      id: 7,
      name: '#7',
      created_at: '2026-11-20T10:00:00Z',
      updated_at: '2026-11-20T10:00:00Z',
      currency: 'JPY',
      total_price: '1200',
      financial_status: 'something_new',
      line_items: [{ id: 8, title: 'Lamp', quantity: 2, price: '600' }],
    }),
  );

  expect(order).toMatchObject({
    id: '7',
    number: null,
    processedAt: new Date('2026-11-20T10:00:00Z'),
    financialStatus: null,
    fulfillmentStatus: 'UNFULFILLED',
    totalCents: 1200,
    currentTotalCents: 1200,
    shippingMethod: null,
    pickup: false,
    customer: null,
    shippingAddress: null,
    refunds: null,
    fulfillments: null,
  });
  expect(order.lineItems).toMatchObject([{ unitPriceCents: 600, currentQuantity: 2, fulfillableQuantity: null, requiresShipping: true, sku: null }]);
});

test.each([
  [{ delivery_category: 'pick_up' }, true],
  [{ delivery_category: 'local pickup' }, true],
  [{ source: 'Local Pickup' }, true],
  [{ delivery_category: 'shipping', source: 'shopify', code: 'standard' }, false],
])('a shipping line with %j means pickup: %s', (line, pickup) => {
  expect(fromWebhook({ shipping_lines: [{ title: 'X', price: '0.00', ...line }] }).pickup).toBe(pickup);
});

test('a cancelled order says when and why', () => {
  const order = fromWebhook({ cancelled_at: '2026-11-20T12:00:00Z', cancel_reason: 'customer' });
  expect(order).toMatchObject({ cancelledAt: new Date('2026-11-20T12:00:00Z'), cancelReason: 'CUSTOMER' });
});

test('a refund paid in another currency is reckoned from its lines', () => {
  const [refund] = rest.refunds;
  const transactions = [{ kind: 'refund', status: 'success', amount: '30.00', currency: 'USD' }];
  expect(fromWebhook({ refunds: [{ ...refund, transactions }] }).refunds).toMatchObject([{ totalCents: 1917 + 333 + 100 }]);
});

test.each([
  ['no JSON at all', 'Ada Lovelace', ''],
  ['no id', { ...rest, id: undefined, admin_graphql_api_id: undefined }, 'id'],
  ['a price that is no amount', { ...rest, total_price: 'Ada' }, 'total_price'],
  ['no currency that we know', { ...rest, currency: 'A1' }, 'currency'],
  ['a line without quantity', { ...rest, line_items: [{ ...rest.line_items[0], quantity: undefined }] }, 'line_items.0.quantity'],
  ['a date that is none', { ...rest, updated_at: 'Ada' }, 'updated_at'],
])('%s is an invalid delivery, told by path and without repeating values', (_what, body, path) => {
  let thrown: unknown;
  try {
    orderFromWebhook(typeof body === 'string' ? body : JSON.stringify(body));
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: 'DomainError', code: 'invalid-delivery', details: { errors: [{ path }] } });
  expect(JSON.stringify(thrown) + String(thrown)).not.toContain('Ada');
});

test('a refund and a fulfillment of their own name their order', () => {
  const refund = refundFromWebhook(JSON.stringify({ ...rest.refunds[0], order_id: 9 }), 'EUR');
  const fulfillment = fulfillmentFromWebhook(JSON.stringify({ ...rest.fulfillments[0], order_id: 9 }));

  expect(refund).toMatchObject({ orderId: '9', refund: { id: '50', totalCents: 2517 } });
  expect(fulfillment).toMatchObject({ orderId: '9', fulfillment: { id: '60', trackingNumber: 'T1', lines: [{ lineItemId: '11', quantity: 1 }] } });
});

describe('a fulfillment order is ours', () => {
  const ours = (location: unknown): boolean | undefined => {
    const nodes = graphql.fulfillmentOrders.nodes.map((node) => ({ ...node, assignedLocation: { location } }));
    return fromGraphql({ fulfillmentOrders: { ...graphql.fulfillmentOrders, nodes } }).fulfillmentOrders?.[0]?.ours;
  };
  const at = (fulfillmentService: unknown) => ({ id: 'gid://shopify/Location/1', fulfillmentService });

  test.each([
    ['at a plain location', at(null), true],
    ["at the shop's own service", at({ handle: 'manual', type: 'MANUAL' }), true],
    ['at another service', at({ handle: 'shipwire', type: 'THIRD_PARTY' }), false],
    ['at a location that is gone', null, false],
  ])('%s', (_where, location, expected) => {
    expect(ours(location)).toBe(expected);
  });
});
