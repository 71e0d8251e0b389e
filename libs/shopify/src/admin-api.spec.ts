import { outsideFailureOf as failureOf, recordingGate, startOutsideServer, type OutsideReply, type OutsideServer } from '@forma3d/testing';

import { createShopifyClient } from './shopify-client';
import type { ShopifyClient, ShopifyClientOptions } from './shopify-client-types';

let server: OutsideServer;
const gate = recordingGate();
const { calls, bills } = gate;

beforeAll(async () => {
  server = await startOutsideServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  gate.clear();
});

function client(change: Partial<ShopifyClientOptions> = {}): ShopifyClient {
  return createShopifyClient({
    storeId: 'store-1',
    shopDomain: 'made-to-order.myshopify.com',
    accessToken: 'token-of-test',
    apiVersion: '2026-10',
    apiBaseUrl: server.url,
    gate,
    timeoutMs: 2_000,
    ...change,
  });
}

const answers = (...replies: OutsideReply[]): void => {
  let next = 0;
  server.reply = () => replies[Math.min(next++, replies.length - 1)] ?? 'drop';
};
const data = (body: Record<string, unknown>, more: Record<string, unknown> = {}): OutsideReply => ({ body: { data: body, ...more } });
const fails = (code: string, more: Record<string, unknown> = {}): OutsideReply => ({
  body: { errors: [{ message: `it says ${code}`, extensions: { code } }], ...more },
});
const shop = {
  shop: {
    id: 'gid://shopify/Shop/548380009',
    name: 'Made to order',
    myshopifyDomain: 'made-to-order.myshopify.com',
    email: 'shop@example.com',
    currencyCode: 'EUR',
    ianaTimezone: 'Europe/Brussels',
  },
};
const throttleStatus = { maximumAvailable: 2000, currentlyAvailable: 1999, restoreRate: 100 };
const cost = { requestedQueryCost: 1, actualQueryCost: 1, throttleStatus };
const create = {
  orderId: '9',
  groups: [{ fulfillmentOrderId: '5', lines: [{ id: '6', quantity: 2 }] }],
  notifyCustomer: true,
};

test('a question goes to the base URL under the version asked, as the shop, through the gate', async () => {
  answers(data(shop, { extensions: { cost } }));

  expect(await client().getShop()).toEqual({
    id: '548380009',
    name: 'Made to order',
    domain: 'made-to-order.myshopify.com',
    email: 'shop@example.com',
    currency: 'EUR',
    timeZone: 'Europe/Brussels',
  });

  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/admin/api/2026-10/graphql.json' });
  expect(request?.headers).toMatchObject({
    'x-shopify-access-token': 'token-of-test',
    'x-shopify-shop-domain': 'made-to-order.myshopify.com',
  });
  expect(calls).toEqual([{ storeId: 'store-1', system: 'shopify', operation: 'shop', timeoutMs: 2_000, cost: 1 }]);
  expect(bills).toEqual([{ actualCost: 1, maximumAvailable: 2000, currentlyAvailable: 1999, restoreRate: 100 }]);
});

test('clients of several shops at once keep their own base URL', async () => {
  const other = await startOutsideServer();
  answers(data(shop));
  other.reply = () => data({ shop: { ...shop.shop, name: 'Another' } });

  const [one, two] = await Promise.all([client().getShop(), client({ apiBaseUrl: `${other.url}/` }).getShop()]);
  await other.close();

  expect([one.name, two.name]).toEqual(['Made to order', 'Another']);
});

test('an answer in another version is reported', async () => {
  const drift: unknown[] = [];
  server.reply = () => ({ headers: { 'x-shopify-api-version': '2027-01' }, body: { data: shop } });
  await client({ onVersionDrift: (seen) => drift.push(seen) }).getShop();
  expect(drift).toEqual([{ asked: '2026-10', answered: '2027-01' }]);
});

describe('a mutation that may have happened is unknown, a query is asked again', () => {
  test.each<[string, OutsideReply]>([
    ['a connection dropped after the work', 'drop'],
    ['a server error', { status: 500, body: '' }],
    ['a bad gateway', { status: 502, body: '<html></html>' }],
    ['a request timeout', { status: 408, body: {} }],
    ['an answer that is no JSON', { body: '<html></html>' }],
    ['an answer without data', { body: {} }],
    ["Shopify's own trouble", fails('INTERNAL_SERVER_ERROR')],
  ])('%s', async (_what, reply) => {
    answers(reply);
    expect((await failureOf(client().createFulfillment(create))).failure).toBe('unknown');
    expect((await failureOf(client().getShop())).failure).toBe('transient');
    // Never sent a second time by anything below.
    expect(server.requests).toHaveLength(2);
    expect(bills).toHaveLength(2);
  });

  test('no answer in time', async () => {
    answers('hang');
    const slow = client({ timeoutMs: 60 });
    expect((await failureOf(slow.createFulfillment(create))).failure).toBe('unknown');
    expect((await failureOf(slow.getShop())).failure).toBe('transient');
  });

  test('given up by the caller', async () => {
    const stop = new AbortController();
    server.reply = () => {
      stop.abort();
      return 'hang';
    };
    expect((await failureOf(client().createFulfillment(create, stop.signal))).failure).toBe('unknown');
  });
});

test('a mutation whose connection was never made is simply tried again', async () => {
  const gone = await startOutsideServer();
  await gone.close();
  expect((await failureOf(client({ apiBaseUrl: gone.url }).createFulfillment(create))).failure).toBe('transient');
});

test('a used-up budget says how long to wait', async () => {
  const used = { requestedQueryCost: 486, throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 186, restoreRate: 100 } };
  answers(fails('THROTTLED', { extensions: { cost: used } }));

  const error = await failureOf(client().createFulfillment(create));

  expect(error).toMatchObject({ failure: 'throttled', retryAfterMs: 3_000 });
  expect(bills).toEqual([{ maximumAvailable: 2000, currentlyAvailable: 186, restoreRate: 100, blockedForMs: 3_000 }]);
});

test('too many requests wait as long as they are told', async () => {
  answers({ status: 429, headers: { 'retry-after': '2.0' }, body: {} });
  expect(await failureOf(client().getShop())).toMatchObject({ failure: 'throttled', retryAfterMs: 2_000 });
  expect(bills).toEqual([{ blockedForMs: 2_000 }]);
});

test.each([401, 402, 403, 423])('status %d concerns the credentials or the shop', async (status) => {
  answers({ status, body: { errors: 'no' } });
  expect((await failureOf(client().createFulfillment(create))).failure).toBe('refused');
  expect(bills).toEqual([{ refused: true }]);
});

test.each<[string, OutsideReply]>([
  ['an unknown version', { status: 404, body: {} }],
  ['a document that is not valid', fails('undefinedField')],
])('%s is permanent', async (_what, reply) => {
  answers(reply);
  expect((await failureOf(client().getShop())).failure).toBe('permanent');
});

test('a scope that is missing may be granted later, and stops no other call', async () => {
  answers(fails('ACCESS_DENIED', { data: { shop: null } }));
  expect(await failureOf(client().getShop())).toMatchObject({ failure: 'transient', message: expect.stringContaining('scope') as unknown });
  expect(bills.some((bill) => bill.refused)).toBe(false);
});

test('errors never carry the token', async () => {
  answers({ status: 401, body: { errors: 'no' } });
  const error = await failureOf(client().getShop());
  expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('token-of-test');
});
