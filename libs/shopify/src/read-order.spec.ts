import { openGate } from '@forma3d/kernel';
import { startOutsideServer, type OutsideServer } from '@forma3d/testing';

import { createShopifyClient } from './shopify-client';
import type { ShopifyClient } from './shopify-client-types';

type Variables = { id: string; after?: string | null };
let server: OutsideServer;
let shopify: ShopifyClient;

beforeAll(async () => {
  server = await startOutsideServer();
  shopify = createShopifyClient({
    storeId: 'store-1',
    shopDomain: 'made-to-order.myshopify.com',
    accessToken: 'token-of-test',
    apiVersion: '2026-10',
    apiBaseUrl: server.url,
    gate: openGate,
    timeoutMs: 2_000,
  });
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

/** Answers each operation with what is prepared for it, given its variables. */
function prepare(answers: Record<string, (variables: Variables) => unknown>): void {
  server.reply = ({ body }) => {
    const { query, variables } = JSON.parse(body) as { query: string; variables: Variables };
    const operation = /^query (\w+)/m.exec(query)?.[1] ?? '';
    const answer = answers[operation];
    return answer ? { body: { data: answer(variables) } } : { status: 404, body: {} };
  };
}
const asked = (): string[] =>
  server.requests.map(({ body }) => /^query (\w+)/m.exec((JSON.parse(body) as { query: string }).query)?.[1] ?? '');

const money = (amount: string) => ({ shopMoney: { amount } });
const page = <T>(nodes: T[], endCursor: string | null = null) => ({ pageInfo: { hasNextPage: endCursor !== null, endCursor }, nodes });
const line = (id: number) => ({
  id: `gid://shopify/LineItem/${id}`,
  title: `Thing ${id}`,
  quantity: 1,
  currentQuantity: 1,
  requiresShipping: true,
  isGiftCard: false,
  originalUnitPriceSet: money('1.0'),
  discountAllocations: [],
  taxLines: [],
});
const fulfillment = (id: number, lines = page([{ quantity: 1, lineItem: { id: 'gid://shopify/LineItem/1' } }])) => ({
  id: `gid://shopify/Fulfillment/${id}`,
  status: 'SUCCESS',
  createdAt: '2026-11-20T10:00:00Z',
  updatedAt: '2026-11-20T10:00:00Z',
  trackingInfo: [],
  fulfillmentLineItems: lines,
});
const openLine = (id: number) => ({
  id: `gid://shopify/FulfillmentOrderLineItem/${id}`,
  totalQuantity: 1,
  remainingQuantity: 1,
  lineItem: { id: `gid://shopify/LineItem/${id}`, currentQuantity: 1 },
});
const fulfillmentOrder = (id: number, lines = page([openLine(1)])) => ({
  id: `gid://shopify/FulfillmentOrder/${id}`,
  status: 'OPEN',
  supportedActions: [{ action: 'CREATE_FULFILLMENT' }],
  assignedLocation: { location: { id: 'gid://shopify/Location/1' } },
  lineItems: lines,
});
const refund = (id: number, lines: number[], endCursor: string | null = null) => ({
  id: `gid://shopify/Refund/${id}`,
  processedAt: '2026-11-20T10:00:00Z',
  totalRefundedSet: money('1.0'),
  orderAdjustments: { nodes: [] },
  refundLineItems: page(
    lines.map((each) => ({
      quantity: 1,
      restockType: 'RETURN',
      lineItem: { id: `gid://shopify/LineItem/${each}` },
      subtotalSet: money('1.0'),
      totalTaxSet: money('0.0'),
    })),
    endCursor,
  ),
});
const order = (change: Record<string, unknown> = {}) => ({
  id: 'gid://shopify/Order/9',
  name: '#9',
  createdAt: '2026-11-20T10:00:00Z',
  processedAt: '2026-11-20T10:00:00Z',
  updatedAt: '2026-11-20T10:00:00Z',
  test: false,
  currencyCode: 'EUR',
  taxesIncluded: false,
  displayFulfillmentStatus: 'UNFULFILLED',
  tags: [],
  totalPriceSet: money('1.0'),
  currentSubtotalPriceSet: money('1.0'),
  currentTotalPriceSet: money('1.0'),
  lineItems: page([line(1)]),
  refunds: [],
  fulfillments: [],
  fulfillmentOrders: page([fulfillmentOrder(1)]),
  ...change,
});

test('an ordinary order takes one question', async () => {
  prepare({ order: () => ({ order: order() }) });

  const read = await shopify.getOrder('9');

  expect(read).toMatchObject({ id: '9', refunds: [], fulfillments: [] });
  expect(read?.fulfillmentOrders).toEqual([
    {
      id: '1',
      status: 'OPEN',
      supportedActions: ['CREATE_FULFILLMENT'],
      locationId: '1',
      ours: true,
      deliveryMethod: null,
      fulfillAt: null,
      lines: [{ id: '1', lineItemId: '1', totalQuantity: 1, remainingQuantity: 1 }],
    },
  ]);
  expect(asked()).toEqual(['order']);
});

test('an order that Shopify does not have is null', async () => {
  prepare({ order: () => ({ order: null }), orderFulfillmentWork: () => ({ order: null }) });
  expect(await shopify.getOrder('9')).toBeNull();
  expect(await shopify.getFulfillmentWork('9')).toBeNull();
});

test('an order without access to customer data is read without it', async () => {
  server.reply = () => ({
    body: {
      data: { order: { ...order(), customer: null } },
      errors: [{ message: 'Access denied', path: ['order', 'customer'], extensions: { code: 'ACCESS_DENIED' } }],
    },
  });
  expect(await shopify.getOrder('9')).toMatchObject({ id: '9', customer: null });
});

test('an order whose fulfillment orders may not be read is refused, not taken for one without', async () => {
  server.reply = () => ({
    body: {
      data: { order: order() },
      errors: [{ message: 'Access denied', path: ['order', 'fulfillmentOrders'], extensions: { code: 'ACCESS_DENIED' } }],
    },
  });
  await expect(shopify.getOrder('9')).rejects.toMatchObject({ failure: 'transient' });
});

test('what does not fit on the first pages is read on', async () => {
  prepare({
    order: () => ({
      order: order({
        lineItems: page([line(1)], 'l1'),
        fulfillments: [fulfillment(1, page([{ quantity: 1, lineItem: { id: 'gid://shopify/LineItem/1' } }], 'f1'))],
        fulfillmentOrders: page([fulfillmentOrder(1, page([openLine(1)], 'o1'))], 'fo1'),
        refunds: [{ id: 'gid://shopify/Refund/1' }],
      }),
    }),
    orderLineItems: ({ after }) => ({ order: { lineItems: after === 'l1' ? page([line(2)], 'l2') : page([line(3)]) } }),
    fulfillment: () => ({ fulfillment: fulfillment(1, page([{ quantity: 2, lineItem: { id: 'gid://shopify/LineItem/2' } }])) }),
    orderFulfillmentOrders: () => ({ order: { fulfillmentOrders: page([fulfillmentOrder(2)]) } }),
    fulfillmentOrderLineItems: () => ({ fulfillmentOrder: { lineItems: page([openLine(2)]) } }),
    refund: ({ after }) => ({ refund: after ? refund(1, [2]) : refund(1, [1], 'r1') }),
  });

  const read = await shopify.getOrder('9');

  expect(read?.lineItems.map(({ id }) => id)).toEqual(['1', '2', '3']);
  expect(read?.fulfillments?.[0]?.lines).toEqual([
    { lineItemId: '1', quantity: 1 },
    { lineItemId: '2', quantity: 2 },
  ]);
  expect(read?.fulfillmentOrders?.map(({ id, lines }) => [id, lines.length])).toEqual([
    ['1', 2],
    ['2', 1],
  ]);
  expect(read?.refunds?.[0]?.lines.map(({ lineItemId }) => lineItemId)).toEqual(['1', '2']);
});

test('lists without a cursor are asked for whole once they are full', async () => {
  const refundIds = Array.from({ length: 7 }, (_each, index) => ({ id: `gid://shopify/Refund/${index + 1}` }));
  const numberOf = ({ id }: Variables): number => Number(id.split('/').at(-1));
  prepare({
    order: () => ({ order: order({ fulfillments: [1, 2, 3].map((id) => fulfillment(id)), refunds: refundIds.slice(0, 5) }) }),
    orderFulfillmentIds: () => ({ order: { fulfillments: [1, 2, 3, 4, 5, 6].map((id) => ({ id: `gid://shopify/Fulfillment/${id}` })) } }),
    fulfillment: (variables) => ({ fulfillment: fulfillment(numberOf(variables)) }),
    orderRefundIds: () => ({ order: { refunds: refundIds } }),
    refund: (variables) => ({ refund: refund(numberOf(variables), [1]) }),
  });

  const read = await shopify.getOrder('9');

  expect(read?.fulfillments?.map(({ id }) => id)).toEqual(['1', '2', '3', '4', '5', '6']);
  expect(read?.refunds).toHaveLength(7);
});

test('what is fulfilled and what is open can be read without the rest', async () => {
  prepare({
    orderFulfillmentWork: () => ({
      order: {
        updatedAt: '2026-11-20T10:00:00Z',
        cancelledAt: null,
        displayFulfillmentStatus: 'PARTIALLY_FULFILLED',
        fulfillments: [fulfillment(1)],
        fulfillmentOrders: page([fulfillmentOrder(2)]),
      },
    }),
  });

  expect(await shopify.getFulfillmentWork('9')).toMatchObject({
    updatedAt: new Date('2026-11-20T10:00:00Z'),
    cancelledAt: null,
    fulfillmentStatus: 'PARTIALLY_FULFILLED',
    fulfillments: [{ id: '1' }],
    fulfillmentOrders: [{ id: '2' }],
    currentQuantities: new Map([['1', 1]]),
  });
  expect(asked()).toEqual(['orderFulfillmentWork']);
});
