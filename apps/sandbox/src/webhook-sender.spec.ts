import { TestSandbox } from './test-client';

let client: TestSandbox;
beforeEach(async () => {
  client = await TestSandbox.start({ speed: 0, webhookRetryDelaysMs: [5, 10, 15] });
});
afterEach(() => client.stop());

const fault = (body: Record<string, unknown>) => client.control('POST', 'faults', { target: 'webhooks', ...body });
const order = () => client.order({ lines: [{ sku: 'A', quantity: 1 }], paid: false });
const bodyIds = (deliveries: { body: string }[]) => deliveries.map(({ body }) => /"name":"(#\d+)"/.exec(body)?.[1]);

test('a delivery that is not answered with 2xx comes again, with the same webhook id', async () => {
  client.answers = { 'orders/create': [500, 302] };
  await order();
  const deliveries = await client.webhooks('orders/create', 3);
  expect(new Set(deliveries.map(({ headers }) => headers['x-shopify-webhook-id'])).size).toBe(1);
  expect(new Set(deliveries.map(({ body }) => body)).size).toBe(1);
});

test('after the last retry a subscription made through the API is deleted', async () => {
  await client.graphql(
    `mutation m($uri: String!) { webhookSubscriptionCreate(topic: ORDERS_CREATE, webhookSubscription: { uri: $uri }) { userErrors { message } } }`,
    { uri: `${client.receiverUrl}/subscribed` },
  );
  client.answers = { 'orders/create': [500, 500, 500, 500] };
  await order();
  await client.until(
    () => client.control<{ subscriptions: unknown[] }>('GET', 'webhooks'),
    ({ subscriptions }) => subscriptions.length === 0,
  );
  expect(client.received).toHaveLength(4);
});

test('duplicate sends the very same delivery twice', async () => {
  await fault({ kind: 'duplicate', operation: 'orders/create' });
  await order();
  const [first, second] = await client.webhooks('orders/create', 2);
  expect(second?.headers['x-shopify-webhook-id']).toBe(first?.headers['x-shopify-webhook-id']);
});

test('drop never sends, and says so in the log', async () => {
  await fault({ kind: 'drop', operation: 'shopify:orders/create', count: 1 });
  await order();
  const second = await order();
  expect(bodyIds(await client.webhooks('orders/create'))).toEqual([second.name]);
  const { deliveries } = await client.control<{ deliveries: { topic: string; outcome: string }[] }>('GET', 'webhooks');
  expect(deliveries.filter(({ topic }) => topic === 'orders/create').map(({ outcome }) => outcome)).toEqual(['dropped', expect.any(String)]);
});

test('late arrives after what came later', async () => {
  await fault({ kind: 'late', operation: 'orders/create', count: 1, delay_ms: 100 });
  const first = await order();
  const second = await order();
  expect(bodyIds(await client.webhooks('orders/create', 2))).toEqual([second.name, first.name]);
});

test('reorder lets the next delivery overtake', async () => {
  await fault({ kind: 'reorder', operation: 'orders/*', count: 1 });
  const { id } = await order();
  await client.webhooks('fulfillment_orders/order_routing_complete');
  await client.control('POST', `orders/${id}/pay`);
  await client.webhooks('orders/paid');
  const topics = client.received.map(({ headers }) => headers['x-shopify-topic']);
  expect(topics.indexOf('orders/create')).toBeGreaterThan(topics.indexOf('fulfillment_orders/order_routing_complete'));
});

test('an outage of webhooks counts as failed attempts, which are retried', async () => {
  await fault({ kind: 'outage', count: 2 });
  await order();
  await client.webhooks('orders/create');
  const { deliveries } = await client.control<{ deliveries: { attempts: number; outcome: string }[] }>('GET', 'webhooks');
  expect(deliveries[0]).toMatchObject({ attempts: 3 });
});

test('uninstalling and privacy requests are told, the latter always to the configured address', async () => {
  const { id } = await order();
  await client.control('POST', 'webhooks', { topic: 'customers/redact', order_id: id });
  const [redact] = await client.webhooks('customers/redact');
  expect(redact?.body).toContain(`"orders_to_redact":[${id}]`);
  await client.control('POST', 'webhooks', { topic: 'app/uninstalled' });
  await client.webhooks('app/uninstalled');
  await client.control('POST', 'webhooks', { topic: 'shop/redact' });
  await client.webhooks('shop/redact');
});
