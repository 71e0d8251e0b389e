import { openGate } from '@forma3d/kernel';
import { outsideFailureOf as failureOf, startOutsideServer, type OutsideReply, type OutsideServer } from '@forma3d/testing';

import { createShopifyClient } from './shopify-client';
import type { ShopifyClient } from './shopify-client-types';

let server: OutsideServer;

beforeAll(async () => {
  server = await startOutsideServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

function client(): ShopifyClient {
  return createShopifyClient({
    storeId: 'store-1',
    shopDomain: 'made-to-order.myshopify.com',
    accessToken: 'token-of-test',
    apiVersion: '2026-10',
    apiBaseUrl: server.url,
    gate: openGate,
    timeoutMs: 2_000,
  });
}

const answers = (...replies: OutsideReply[]): void => {
  let next = 0;
  server.reply = () => replies[Math.min(next++, replies.length - 1)] ?? 'drop';
};
const data = (body: Record<string, unknown>): OutsideReply => ({ body: { data: body } });
const variables = (index: number): Record<string, unknown> =>
  (JSON.parse(server.requests[index]?.body ?? '{}') as { variables: Record<string, unknown> }).variables;

const fulfillment = {
  id: 'gid://shopify/Fulfillment/1',
  status: 'SUCCESS',
  createdAt: '2026-11-20T10:00:00Z',
  updatedAt: '2026-11-20T10:00:00Z',
  trackingInfo: [{ number: 'T1', url: 'https://post.example/T1', company: 'Post' }],
};
const create = {
  orderId: '9',
  groups: [{ fulfillmentOrderId: '5', lines: [{ id: '6', quantity: 2 }] }],
  notifyCustomer: true,
};

test('a fulfillment is created for the units asked, with tracking, in one call', async () => {
  answers(data({ fulfillmentCreate: { fulfillment, userErrors: [] } }));

  const made = await client().createFulfillment({ ...create, tracking: { number: 'T1', company: 'Post' } });

  expect(variables(0)).toEqual({
    fulfillment: {
      notifyCustomer: true,
      trackingInfo: { number: 'T1', company: 'Post' },
      lineItemsByFulfillmentOrder: [
        {
          fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/5',
          fulfillmentOrderLineItems: [{ id: 'gid://shopify/FulfillmentOrderLineItem/6', quantity: 2 }],
        },
      ],
    },
  });
  expect(made).toMatchObject({ id: '1', status: 'SUCCESS', trackingNumber: 'T1' });
});

test('user errors are a plain no', async () => {
  const userErrors = [{ field: ['fulfillment'], message: 'Fulfillment order does not exist.' }];
  answers(data({ fulfillmentCreate: { fulfillment: null, userErrors } }));

  const error = await failureOf(client().createFulfillment(create));

  expect(error).toMatchObject({ failure: 'permanent', operation: 'fulfillmentCreate', userErrors });
});

test('a mutation that answered without a result is looked after', async () => {
  answers(data({ fulfillmentCreate: { fulfillment: null, userErrors: [] } }));
  expect((await failureOf(client().createFulfillment(create))).failure).toBe('unknown');

  answers(data({ fulfillmentCreate: { fulfillment: { id: 'gid://shopify/Fulfillment/1' }, userErrors: [] } }));
  expect((await failureOf(client().createFulfillment(create))).failure).toBe('unknown');
});

test('changed orders come a page at a time, sorted as filtered', async () => {
  const node = { id: 'gid://shopify/Order/820982911946154508', updatedAt: '2026-11-20T10:00:00Z' };
  answers(
    data({ orders: { pageInfo: { hasNextPage: true, endCursor: 'abc' }, nodes: [node] } }),
    data({ orders: { pageInfo: { hasNextPage: false, endCursor: 'def' }, nodes: [] } }),
  );
  const since = new Date('2026-11-20T09:00:00Z');

  const first = await client().changedOrders({ since });
  const second = await client().changedOrders({ since, after: 'abc' });

  expect(first).toEqual({ orders: [{ id: '820982911946154508', updatedAt: new Date('2026-11-20T10:00:00Z') }], nextCursor: 'abc' });
  expect(second).toEqual({ orders: [], nextCursor: null });
  expect(variables(0)).toEqual({ query: "updated_at:>='2026-11-20T09:00:00.000Z'", after: null });
  expect(variables(1)).toMatchObject({ after: 'abc' });
});

test('the order of a fulfillment order is found, or is none', async () => {
  answers(data({ fulfillmentOrder: { orderId: 'gid://shopify/Order/9' } }), data({ fulfillmentOrder: null }));
  expect(await client().orderIdOfFulfillmentOrder('5')).toBe('9');
  expect(await client().orderIdOfFulfillmentOrder('6')).toBeNull();
});

test('tracking, cancelling and pickup name what they change', async () => {
  server.reply = ({ body }) => {
    const { query } = JSON.parse(body) as { query: string };
    const operation = /^mutation (\w+)/m.exec(query)?.[1] ?? '';
    if (operation === 'orderCancel') return data({ orderCancel: { job: { id: 'gid://shopify/Job/1' }, orderCancelUserErrors: [] } });
    return data({ [operation]: { fulfillment, userErrors: [] } });
  };
  const shopify = client();
  await shopify.updateTracking({ fulfillmentId: '1', tracking: { number: 'T2', url: 'https://post.example/T2' }, notifyCustomer: false });
  await shopify.cancelFulfillment('1');
  await shopify.markPreparedForPickup(['5', '6']);
  expect(await shopify.cancelOrder({ orderId: '9', reason: 'CUSTOMER', notifyCustomer: true })).toEqual({ jobId: 'gid://shopify/Job/1' });

  expect(server.requests.map((_request, index) => variables(index))).toEqual([
    {
      fulfillmentId: 'gid://shopify/Fulfillment/1',
      trackingInfoInput: { number: 'T2', url: 'https://post.example/T2' },
      notifyCustomer: false,
    },
    { id: 'gid://shopify/Fulfillment/1' },
    {
      input: {
        lineItemsByFulfillmentOrder: [
          { fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/5' },
          { fulfillmentOrderId: 'gid://shopify/FulfillmentOrder/6' },
        ],
      },
    },
    { orderId: 'gid://shopify/Order/9', reason: 'CUSTOMER', notifyCustomer: true, staffNote: null },
  ]);
});

test('an order that cannot be cancelled says why', async () => {
  const message = 'Cannot cancel an order that has already been canceled';
  answers(data({ orderCancel: { job: null, orderCancelUserErrors: [{ field: ['orderId'], message, code: 'INVALID' }] } }));
  const error = await failureOf(client().cancelOrder({ orderId: '9', reason: 'OTHER', notifyCustomer: false }));
  expect(error.userErrors).toEqual([{ field: ['orderId'], message, code: 'INVALID' }]);
});

test('a job is under way, over, or forgotten, and a cancellation without a job is none', async () => {
  const id = 'gid://shopify/Job/1';
  answers(data({ job: { id, done: false } }), data({ job: { id, done: true } }), data({ job: null }), data({ orderCancel: null }));
  const shopify = client();
  expect([await shopify.isJobDone(id), await shopify.isJobDone(id), await shopify.isJobDone(id)]).toEqual([false, true, true]);
  expect(variables(0)).toEqual({ id });
  expect(await failureOf(shopify.cancelOrder({ orderId: '9', reason: 'OTHER', notifyCustomer: false }))).toMatchObject({ failure: 'unknown' });
});

test('webhook subscriptions speak of topics as deliveries do', async () => {
  const subscription = (id: number, topic: string, uri: string) => ({ id: `gid://shopify/WebhookSubscription/${id}`, topic, uri });
  const page = (nodes: unknown[], endCursor: string | null) =>
    data({ webhookSubscriptions: { pageInfo: { hasNextPage: endCursor !== null, endCursor }, nodes } });
  answers(
    page([subscription(1, 'ORDERS_CREATE', 'https://a.example/hook')], 'c1'),
    page([subscription(2, 'FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE', 'arn:aws:events:1'), subscription(3, 'BULK_OPERATIONS_FINISH', 'https://a.example/hook')], null),
  );

  expect((await client().listWebhookSubscriptions()).map(({ topic, url }) => [topic, url])).toEqual([
    ['orders/create', 'https://a.example/hook'],
    ['fulfillment_orders/order_routing_complete', null],
    ['bulk_operations/finish', 'https://a.example/hook'],
  ]);
  expect(variables(1)).toEqual({ after: 'c1' });
});

test('a webhook subscription is made for a topic and a URL', async () => {
  const webhookSubscription = { id: 'gid://shopify/WebhookSubscription/4', topic: 'APP_UNINSTALLED', uri: 'https://a.example/hook' };
  answers(data({ webhookSubscriptionCreate: { webhookSubscription, userErrors: [] } }));

  const made = await client().createWebhookSubscription('app/uninstalled', 'https://a.example/hook');

  expect(made.topic).toBe('app/uninstalled');
  expect(variables(0)).toEqual({ topic: 'APP_UNINSTALLED', webhookSubscription: { uri: 'https://a.example/hook', format: 'JSON' } });
});
