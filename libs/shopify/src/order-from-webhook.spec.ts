import { orderFromGraphql } from './order-from-graphql';
import { graphqlOrder, graphqlRefund } from './graphql-order-schema';
import { fulfillmentFromWebhook, orderFromWebhook, refundFromWebhook } from './order-from-webhook';
import type { ShopifyOrder } from './shopify-order';

/** One order as both sides tell it: two lines and a tip, one line partly refunded, one fulfilled, in euro. */
const set = (amount: string) => ({ shop_money: { amount, currency_code: 'EUR' }, presentment_money: { amount: '1.00', currency_code: 'USD' } });
const rest = {
  id: 820982911946154500,
  admin_graphql_api_id: 'gid://shopify/Order/820982911946154508',
  name: '#1001',
  order_number: 1001,
  created_at: '2026-11-20T11:00:00+01:00',
  processed_at: '2026-11-20T11:00:01+01:00',
  updated_at: '2026-11-20T12:00:00+01:00',
  cancelled_at: null,
  cancel_reason: null,
  test: false,
  source_name: 'web',
  currency: 'EUR',
  taxes_included: true,
  financial_status: 'partially_refunded',
  fulfillment_status: 'partial',
  total_price: '75.50',
  total_price_set: set('75.50'),
  subtotal_price: '67.50',
  subtotal_price_set: set('67.50'),
  total_tax: '11.71',
  total_tax_set: set('11.71'),
  total_discounts: '2.50',
  total_discounts_set: set('2.50'),
  total_shipping_price_set: set('5.00'),
  total_tip_received: '3.00',
  current_subtotal_price: '47.50',
  current_subtotal_price_set: set('47.50'),
  current_total_price: '55.50',
  current_total_price_set: set('55.50'),
  shipping_lines: [
    { id: 1, title: 'Old', code: 'old', source: 'shopify', price: '9.00', is_removed: true },
    { id: 2, title: 'Standard', code: 'standard', source: 'shopify', price: '5.00', is_removed: false },
  ],
  customer: { id: 207119551, email: 'ada@example.com', first_name: 'Ada', last_name: '', phone: null },
  email: 'ada@example.com',
  phone: '',
  shipping_address: {
    name: 'Ada L',
    first_name: 'Ada',
    company: '',
    address1: 'Long Lane 1',
    address2: null,
    zip: '1000',
    city: 'Brussels',
    province_code: null,
    country_code: 'BE',
    phone: '+32 1',
  },
  note: 'please hurry',
  tags: 'gift, rush ,',
  line_items: [
    {
      id: 11,
      admin_graphql_api_id: 'gid://shopify/LineItem/11',
      title: 'Lamp',
      variant_title: 'Red',
      sku: 'LAMP-R',
      variant_id: 820982911946154600,
      product_id: 31,
      vendor: 'Ada Prints',
      quantity: 3,
      current_quantity: 2,
      fulfillable_quantity: 1,
      price: '20.00',
      price_set: set('20.00'),
      requires_shipping: true,
      gift_card: false,
      fulfillment_service: 'manual',
      discount_allocations: [{ amount: '2.50', amount_set: set('2.50') }],
      tax_lines: [{ price: '9.98', price_set: set('9.98') }, { price: '0.02', price_set: set('0.02') }],
    },
    {
      id: 12,
      title: 'Custom plate',
      variant_title: null,
      sku: '',
      variant_id: null,
      product_id: null,
      vendor: null,
      quantity: 1,
      current_quantity: 1,
      fulfillable_quantity: 1,
      price: '7.00',
      price_set: set('7.00'),
      requires_shipping: true,
      gift_card: false,
      fulfillment_service: 'manual',
      discount_allocations: [],
      tax_lines: [],
    },
    {
      id: 13,
      title: 'Tip',
      variant_title: null,
      sku: null,
      variant_id: null,
      product_id: null,
      vendor: null,
      quantity: 1,
      current_quantity: 1,
      fulfillable_quantity: 0,
      price: '3.00',
      price_set: set('3.00'),
      requires_shipping: false,
      gift_card: false,
      fulfillment_service: 'manual',
      discount_allocations: [],
      tax_lines: [],
    },
  ],
  refunds: [
    {
      id: 50,
      created_at: '2026-11-20T11:30:00+01:00',
      refund_line_items: [
        { id: 51, line_item_id: 11, quantity: 1, restock_type: 'no_restock', subtotal: 19.17, subtotal_set: set('19.17'), total_tax: 3.33, total_tax_set: set('3.33') },
      ],
      order_adjustments: [
        { kind: 'refund_discrepancy', amount: '-1.00', amount_set: set('-1.00'), tax_amount: '0.00' },
        { kind: 'shipping_refund', amount: '-5.00', amount_set: set('-5.00'), tax_amount: '0.00' },
      ],
      transactions: [
        { kind: 'refund', status: 'success', amount: '25.17', currency: 'EUR' },
        { kind: 'refund', status: 'failure', amount: '25.17', currency: 'EUR' },
      ],
    },
  ],
  fulfillments: [
    {
      id: 60,
      order_id: 1,
      status: 'success',
      created_at: '2026-11-20T11:40:00+01:00',
      updated_at: '2026-11-20T11:45:00+01:00',
      tracking_number: 'T1',
      tracking_url: 'https://post.example/T1',
      tracking_company: 'Post',
      line_items: [{ id: 11, quantity: 1 }],
    },
  ],
};

const money = (amount: string) => ({ shopMoney: { amount } });
const page = <T>(nodes: T[]) => ({ pageInfo: { hasNextPage: false, endCursor: null }, nodes });
const graphqlLine = (line: Record<string, unknown>) => ({
  variantTitle: null,
  sku: null,
  vendor: null,
  currentQuantity: line.quantity,
  requiresShipping: true,
  isGiftCard: false,
  product: null,
  variant: null,
  fulfillmentService: { handle: 'manual' },
  discountAllocations: [],
  taxLines: [],
  ...line,
});
const graphql = {
  id: 'gid://shopify/Order/820982911946154508',
  name: '#1001',
  number: 1001,
  createdAt: '2026-11-20T10:00:00Z',
  processedAt: '2026-11-20T10:00:01Z',
  updatedAt: '2026-11-20T11:00:00Z',
  cancelledAt: null,
  cancelReason: null,
  test: false,
  sourceName: 'web',
  currencyCode: 'EUR',
  taxesIncluded: true,
  displayFinancialStatus: 'PARTIALLY_REFUNDED',
  displayFulfillmentStatus: 'PARTIALLY_FULFILLED',
  email: 'ada@example.com',
  phone: null,
  note: 'please hurry',
  tags: ['gift', 'rush'],
  totalPriceSet: money('75.5'),
  subtotalPriceSet: money('67.5'),
  totalTaxSet: money('11.71'),
  totalDiscountsSet: money('2.5'),
  totalShippingPriceSet: money('5.0'),
  totalTipReceivedSet: money('3.0'),
  currentSubtotalPriceSet: money('47.5'),
  currentTotalPriceSet: money('55.5'),
  shippingLine: { title: 'Standard', code: 'standard', source: 'shopify', deliveryCategory: null },
  customer: {
    id: 'gid://shopify/Customer/207119551',
    firstName: 'Ada',
    lastName: null,
    defaultEmailAddress: { emailAddress: 'ada@example.com' },
    defaultPhoneNumber: null,
  },
  shippingAddress: {
    name: 'Ada L',
    company: null,
    address1: 'Long Lane 1',
    address2: null,
    zip: '1000',
    city: 'Brussels',
    provinceCode: null,
    countryCodeV2: 'BE',
    phone: '+32 1',
  },
  lineItems: page([
    graphqlLine({
      id: 'gid://shopify/LineItem/11',
      title: 'Lamp',
      variantTitle: 'Red',
      sku: 'LAMP-R',
      vendor: 'Ada Prints',
      quantity: 3,
      currentQuantity: 2,
      fulfillableQuantity: 1,
      product: { id: 'gid://shopify/Product/31' },
      variant: { id: 'gid://shopify/ProductVariant/820982911946154612' },
      originalUnitPriceSet: money('20.0'),
      discountAllocations: [{ allocatedAmountSet: money('2.5') }],
      taxLines: [{ priceSet: money('9.98') }, { priceSet: money('0.02') }],
    }),
    graphqlLine({ id: 'gid://shopify/LineItem/12', title: 'Custom plate', quantity: 1, fulfillableQuantity: 1, originalUnitPriceSet: money('7.0') }),
    graphqlLine({
      id: 'gid://shopify/LineItem/13',
      title: 'Tip',
      quantity: 1,
      fulfillableQuantity: 0,
      requiresShipping: false,
      originalUnitPriceSet: money('3.0'),
    }),
  ]),
  refunds: [{ id: 'gid://shopify/Refund/50' }],
  fulfillments: [
    {
      id: 'gid://shopify/Fulfillment/60',
      status: 'SUCCESS',
      createdAt: '2026-11-20T10:40:00Z',
      updatedAt: '2026-11-20T10:45:00Z',
      trackingInfo: [{ number: 'T1', url: 'https://post.example/T1', company: 'Post' }],
      fulfillmentLineItems: page([{ quantity: 1, lineItem: { id: 'gid://shopify/LineItem/11' } }]),
    },
  ],
  fulfillmentOrders: page([
    {
      id: 'gid://shopify/FulfillmentOrder/70',
      status: 'OPEN',
      fulfillAt: null,
      supportedActions: [{ action: 'CREATE_FULFILLMENT' }],
      deliveryMethod: { methodType: 'SHIPPING' },
      assignedLocation: { location: { id: 'gid://shopify/Location/1', fulfillmentService: null } },
      lineItems: page([
        { id: 'gid://shopify/FulfillmentOrderLineItem/71', totalQuantity: 2, remainingQuantity: 1, lineItem: { id: 'gid://shopify/LineItem/11' } },
      ]),
    },
  ]),
};
const graphqlRefundNode = {
  id: 'gid://shopify/Refund/50',
  createdAt: '2026-11-20T10:30:00Z',
  processedAt: '2026-11-20T10:30:00Z',
  totalRefundedSet: money('25.17'),
  orderAdjustments: { nodes: [{ amountSet: money('-1.0') }] },
  refundLineItems: page([
    {
      id: 'gid://shopify/RefundLineItem/51',
      quantity: 1,
      restockType: 'NO_RESTOCK',
      lineItem: { id: 'gid://shopify/LineItem/11' },
      subtotalSet: money('19.17'),
      totalTaxSet: money('3.33'),
    },
  ]),
};

/** As Shopify sends it: the long ids unrounded, which `JSON.stringify` cannot write. */
const bytes = (body: unknown): Buffer =>
  Buffer.from(JSON.stringify(body).replace('820982911946154500', '820982911946154508').replace('820982911946154600', '820982911946154612'));
const fromWebhook = (change: Record<string, unknown> = {}): ShopifyOrder => orderFromWebhook(bytes({ ...rest, ...change }));
const fromGraphql = (change: Record<string, unknown> = {}): ShopifyOrder => {
  const order = graphqlOrder.parse({ ...graphql, ...change });
  return orderFromGraphql({
    order,
    lineItems: order.lineItems.nodes,
    refunds: [graphqlRefund.parse(graphqlRefundNode)],
    fulfillments: order.fulfillments,
    fulfillmentOrders: order.fulfillmentOrders.nodes,
  });
};

test('the same order is the same from a webhook and from GraphQL, but for the fulfillment orders', () => {
  const webhook = fromWebhook();

  expect(webhook.fulfillmentOrders).toBeNull();
  expect({ ...webhook, fulfillmentOrders: [] }).toEqual({ ...fromGraphql(), fulfillmentOrders: [] });
});

test('ids above 2^53, shop money and the tip are read exactly', () => {
  const order = fromWebhook();

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
  const raw = typeof body === 'string' ? body : bytes(body);
  let thrown: unknown;
  try {
    orderFromWebhook(raw);
  } catch (error) {
    thrown = error;
  }
  expect(thrown).toMatchObject({ name: 'DomainError', code: 'invalid-delivery', details: { errors: [{ path }] } });
  expect(JSON.stringify(thrown) + String(thrown)).not.toContain('Ada');
});

test('a refund and a fulfillment of their own name their order', () => {
  const refund = refundFromWebhook(bytes({ ...rest.refunds[0], order_id: 9 }), 'EUR');
  const fulfillment = fulfillmentFromWebhook(bytes({ ...rest.fulfillments[0], order_id: 9 }));

  expect(refund).toMatchObject({ orderId: '9', refund: { id: '50', totalCents: 2517 } });
  expect(fulfillment).toMatchObject({ orderId: '9', fulfillment: { id: '60', trackingNumber: 'T1', lines: [{ lineItemId: '11', quantity: 1 }] } });
});

describe('a fulfillment order is ours', () => {
  const ours = (location: unknown): boolean | undefined => {
    const [node] = graphql.fulfillmentOrders.nodes;
    return fromGraphql({ fulfillmentOrders: page([{ ...node, assignedLocation: { location } }]) }).fulfillmentOrders?.[0]?.ours;
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
