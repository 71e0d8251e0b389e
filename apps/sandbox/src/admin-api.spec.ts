import { FULFILL, TestSandbox, whole, type Answer, type FulfillAnswer } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start();
});
afterEach(() => client.control('DELETE', 'faults'));
afterAll(() => client.stop());

const fulfill = async (variables: Record<string, unknown>) =>
  (await client.graphql<FulfillAnswer>(FULFILL, variables)).data.fulfillmentCreate;

const newOrder = async (...lines: Record<string, unknown>[]) => {
  const { id } = await client.order({ lines });
  return client.routed(id);
};

describe('who may ask what', () => {
  test('a wrong token is refused with 401', async () => {
    const answer = await client.graphqlRaw('{ shop { name } }', {}, 'shpat_other');
    expect(answer.status).toBe(401);
    expect(await answer.json()).toEqual({ errors: '[API] Invalid API key or access token (unrecognized login or wrong password)' });
  });

  test('an unknown field is refused in Shopify’s words, and nothing is done', async () => {
    const answer = await client.graphql('{ shop { nam } }');
    expect(answer).toMatchObject({
      errors: [{ message: "Field 'nam' doesn't exist on type 'Shop'", extensions: { code: 'undefinedField', typeName: 'Shop', fieldName: 'nam' } }],
    });
    expect(answer.data).toBeUndefined();
  });

  test.each([
    ['a wrong type of argument', '{ orders(first: "ten") { nodes { id } } }', /Int cannot represent/],
    ['a missing argument', '{ order { id } }', /argument "id"/],
    ['what does not parse', '{ shop {', /Syntax Error/],
    ['a connection without a page size', '{ orders { nodes { id } } }', /you must provide one of first or last/],
    ['a page that is too large', '{ orders(first: 251) { nodes { id } } }', /250/],
    ['an id of no kind', '{ order(id: "17") { id } }', /Invalid global id '17'/],
    ['a filter that the sandbox does not know', '{ orders(first: 1, query: "colour:red") { nodes { id } } }', /colour/],
    ['a field that is not simulated', '{ shop { resourceLimits { maxProductVariants } } }', /does not simulate Shop.resourceLimits/],
  ])('%s is refused', async (_name, query, message) => {
    const answer = await client.graphql(query);
    expect(answer.errors?.[0]?.message).toMatch(message);
  });

  test('a body that is no GraphQL request is a 400', async () => {
    const answer = await fetch(`${client.sandbox.url}/admin/api/2026-10/graphql.json`, {
      method: 'POST',
      headers: { 'x-shopify-access-token': 'shpat_sandbox' },
      body: '[]',
    });
    expect(answer.status).toBe(400);
  });

  test('another version falls forward, and the answer says which one it is', async () => {
    const answer = await fetch(`${client.sandbox.url}/admin/api/2019-04/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-shopify-access-token': 'shpat_sandbox' },
      body: JSON.stringify({ query: '{ shop { name } }' }),
    });
    expect(answer.status).toBe(200);
    expect(answer.headers.get('x-shopify-api-version')).toBe('2026-10');
  });
});

describe('points', () => {
  test('an answer says what it cost', async () => {
    const answer = await client.graphql('{ orders(first: 10) { nodes { id } } }');
    expect(answer.extensions?.cost).toMatchObject({ requestedQueryCost: 12, throttleStatus: { maximumAvailable: 200_000, restoreRate: 10_000 } });
    expect(answer.extensions?.cost.actualQueryCost).toBeLessThanOrEqual(12);
  });

  test('a query above a thousand points is refused', async () => {
    const answer = await client.graphql('{ orders(first: 100) { nodes { lineItems(first: 100) { nodes { id } } } } }');
    expect(answer.errors?.[0]).toMatchObject({
      message: expect.stringContaining('exceeds the single query max cost limit (1000)') as string,
      extensions: { code: 'MAX_COST_EXCEEDED' },
    });
    expect(answer.data).toBeUndefined();
  });

  test('an empty bucket throttles with HTTP 200, and does nothing', async () => {
    const order = await newOrder({ sku: 'T', quantity: 1 });
    await client.control('POST', 'shopify/limits', { maximum: 15, restore_rate: 0.001 });
    const answer = await client.graphqlRaw(FULFILL, whole(order.fulfillment_orders[0]?.id ?? ''));
    await client.control('POST', 'shopify/limits', { maximum: 200_000, restore_rate: 10_000 });
    expect(answer.status).toBe(200);
    expect(((await answer.json()) as Answer).errors?.[0]).toMatchObject({ message: 'Throttled', extensions: { code: 'THROTTLED' } });
    expect((await client.view(order.id)).fulfillments).toEqual([]);
  });
});

describe('webhook subscriptions', () => {
  const CREATE = `mutation m($topic: WebhookSubscriptionTopic!, $uri: String) {
    webhookSubscriptionCreate(topic: $topic, webhookSubscription: { uri: $uri }) {
      webhookSubscription { id topic uri }
      userErrors { field message }
    }
  }`;
  const create = async (topic: string, uri: string) =>
    (
      await client.graphql<{ data: { webhookSubscriptionCreate: { webhookSubscription: { id: string } | null; userErrors: unknown[] } } }>(
        CREATE,
        { topic, uri },
      )
    ).data.webhookSubscriptionCreate;
  const refusal = (message: string) => ({
    webhookSubscription: null,
    userErrors: [{ field: ['webhookSubscription', 'callbackUrl'], message }],
  });

  test('are refused in Shopify’s words', async () => {
    expect(await create('ORDERS_CREATE', '')).toEqual(refusal("Address can't be blank"));
    expect(await create('ORDERS_CREATE', 'http://shop.example.com/hook')).toEqual(refusal('Address protocol http:// is not supported'));
    const url = `${client.receiverUrl}/subscribed`;
    const made = await create('FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE', url);
    expect(made.userErrors).toEqual([]);
    expect(await create('FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE', url)).toEqual(refusal('Address for this topic has already been taken'));
    await client.control('POST', 'reset', { everything: true });
  });

  test('replace the configured address, and go when they are deleted', async () => {
    const made = await create('ORDERS_CREATE', `${client.receiverUrl}/subscribed`);
    await client.order({ lines: [{ sku: 'A', quantity: 1 }] });
    await client.until(
      () => Promise.resolve(client.received),
      (received) => received.some((each) => each.path === '/subscribed'),
    );
    const listed = await client.graphql<{ data: unknown }>('{ webhookSubscriptions(first: 5) { nodes { topic uri } } }');
    expect(listed.data).toEqual({
      webhookSubscriptions: { nodes: [{ topic: 'ORDERS_CREATE', uri: `${client.receiverUrl}/subscribed` }] },
    });
    const deleted = await client.graphql<{ data: { webhookSubscriptionDelete: unknown } }>(
      'mutation m($id: ID!) { webhookSubscriptionDelete(id: $id) { deletedWebhookSubscriptionId userErrors { message } } }',
      { id: made.webhookSubscription?.id },
    );
    expect(deleted.data.webhookSubscriptionDelete).toEqual({ deletedWebhookSubscriptionId: made.webhookSubscription?.id, userErrors: [] });
    await client.control('POST', 'reset', { everything: true });
  });
});

describe('reading', () => {
  test('orders come by the time of their change, page by page and backwards', async () => {
    await client.control('POST', 'reset', { everything: true });
    await client.control('POST', 'catalogue', { orders: 7, days: 30, seed: 4 });
    const page = (args: string) =>
      client.graphql<{ data: { orders: { nodes: { id: string; updatedAt: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } }>(
        `{ orders(${args}, sortKey: UPDATED_AT) { nodes { id updatedAt } pageInfo { hasNextPage endCursor } } }`,
      );
    const all = (await page('first: 50')).data.orders.nodes;
    expect(all).toHaveLength(7);
    expect(all.map((order) => order.updatedAt)).toEqual(all.map((order) => order.updatedAt).sort());
    const first = (await page('first: 3')).data.orders;
    const second = (await page(`first: 3, after: "${first.pageInfo.endCursor}"`)).data.orders;
    const third = (await page(`first: 3, after: "${second.pageInfo.endCursor}"`)).data.orders;
    expect([...first.nodes, ...second.nodes, ...third.nodes]).toEqual(all);
    expect(third.pageInfo.hasNextPage).toBe(false);
    expect((await page('first: 2, reverse: true')).data.orders.nodes).toEqual(all.slice(-2).reverse());
    const since = all[4]?.updatedAt ?? '';
    expect((await page(`first: 50, query: "updated_at:>='${since}'"`)).data.orders.nodes).toEqual(all.filter((order) => order.updatedAt >= since));
  });

  test('a node is found by its global id, and another kind of id finds nothing', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    const found = await client.graphql<{ data: unknown }>(
      'query q($id: ID!, $other: ID!) { node(id: $id) { id ... on Order { name } } order(id: $other) { id } }',
      { id: `gid://shopify/Order/${order.id}`, other: 'gid://shopify/Product/1' },
    );
    expect(found.data).toEqual({ node: { id: `gid://shopify/Order/${order.id}`, name: order.name }, order: null });
  });
});

describe('faults', () => {
  const fault = (body: Record<string, unknown>) => client.control('POST', 'faults', { target: 'shopify', ...body });

  test('a lost answer does the work once and drops the connection', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    await fault({ kind: 'lost-answer', operation: 'fulfillmentCreate', count: 1 });
    await expect(client.graphqlRaw(FULFILL, whole(order.fulfillment_orders[0]?.id ?? ''))).rejects.toThrow();
    expect((await client.view(order.id)).fulfillments).toHaveLength(1);
    expect((await client.graphql('{ shop { name } }')).errors).toBeUndefined();
  });

  test('a late answer does the work when nobody waits any more', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    await fault({ kind: 'late-answer', operation: 'fulfillmentCreate', count: 1, delay_ms: 150 });
    await expect(
      fetch(`${client.sandbox.url}/admin/api/2026-10/graphql.json`, {
        method: 'POST',
        headers: { 'x-shopify-access-token': 'shpat_sandbox' },
        body: JSON.stringify({ query: FULFILL, variables: whole(order.fulfillment_orders[0]?.id ?? '') }),
        signal: AbortSignal.timeout(50),
      }),
    ).rejects.toThrow();
    expect((await client.view(order.id)).fulfillments).toEqual([]);
    await client.until(() => client.view(order.id), (view) => view.fulfillments.length === 1);
  });

  test('an outage drops the connection before the work, or answers with a status', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    await fault({ kind: 'outage', count: 1 });
    await expect(client.graphqlRaw(FULFILL, whole(order.fulfillment_orders[0]?.id ?? ''))).rejects.toThrow();
    await fault({ kind: 'outage', count: 1, status: 503 });
    expect((await client.graphqlRaw('{ shop { name } }')).status).toBe(503);
    expect((await client.view(order.id)).fulfillments).toEqual([]);
  });

  test('throttled, refused and broken answers do no work', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    const variables = whole(order.fulfillment_orders[0]?.id ?? '');
    await fault({ kind: 'throttle', count: 1 });
    const throttled = await client.graphql(FULFILL, variables);
    expect(throttled.errors?.[0]?.extensions?.code).toBe('THROTTLED');
    await fault({ kind: 'error', operation: 'fulfillmentCreate', user_error: 'Not today', count: 1 });
    expect(await fulfill(variables)).toEqual({ fulfillment: null, userErrors: [{ field: ['fulfillment'], message: 'Not today' }] });
    await fault({ kind: 'error', operation: 'fulfillmentCreate', count: 1 });
    expect((await client.graphqlRaw(FULFILL, variables)).status).toBe(500);
    await fault({ kind: 'error', status: 402, count: 1 });
    expect((await client.graphqlRaw(FULFILL, variables)).status).toBe(402);
    expect((await client.view(order.id)).fulfillments).toEqual([]);
    expect((await fulfill(variables)).userErrors).toEqual([]);
  });

  test('a fault that makes no sense is refused', async () => {
    expect((await client.raw('POST', 'faults', { target: 'shopify', kind: 'fail-prints' })).status).toBe(422);
    expect((await client.raw('POST', 'faults', { target: 'moon', kind: 'outage' })).status).toBe(422);
  });
});
