import { createHmac } from 'node:crypto';

import { FULFILL, TestSandbox, whole, type FulfillAnswer } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start();
});
afterAll(() => client.stop());

test('an order travels from its webhook over the print farm to its fulfillment', async () => {
  const { id, name } = await client.order({ lines: [{ sku: 'DRAGON-S', quantity: 2 }] });
  expect(name).toMatch(/^#\d+$/);
  const [created] = await client.webhooks('orders/create');
  const [paid] = await client.webhooks('orders/paid');
  expect(created?.headers['x-shopify-event-id']).toBe(paid?.headers['x-shopify-event-id']);
  expect(created?.headers['x-shopify-webhook-id']).not.toBe(paid?.headers['x-shopify-webhook-id']);
  expect(JSON.parse(paid?.body ?? '')).toMatchObject({ financial_status: 'paid', line_items: [{ sku: 'DRAGON-S', quantity: 2 }] });
  await client.webhooks('fulfillment_orders/order_routing_complete');

  const added = await client.print('POST', 'queue/AddItem', { filesystem: 'a'.repeat(32), amount: 2 });
  expect(added).toEqual({ status: true, message: null, created_id: expect.any(Number) as number });
  const started = await client.webhooks('job.started', 2);
  const done = await client.webhooks('job.done', 2);
  expect(started[0]?.headers['x-sp-secret']).toBe('sandbox-simplyprint-secret');
  expect(done[0]?.headers['x-sp-token']).toBe('sandbox-simplyprint-secret');
  // The correlation trap: the webhook names the job alone.
  expect(done[0]?.body).not.toContain(String(added.created_id));
  const farm = await client.farm();
  expect(farm.queue).toEqual([]);
  expect(farm.jobs.map((job) => [job.queue_item_id, job.status])).toEqual([
    [added.created_id, 'done'],
    [added.created_id, 'done'],
  ]);

  const order = await client.routed(id);
  const answer = await client.graphql<FulfillAnswer>(FULFILL, whole(order.fulfillment_orders[0]?.id ?? ''));
  expect(answer.data.fulfillmentCreate).toMatchObject({ fulfillment: { status: 'SUCCESS' }, userErrors: [] });
  await client.webhooks('fulfillments/create');
  const after = await client.view(id);
  expect(after.display_fulfillment_status).toBe('FULFILLED');
  expect(after.fulfillments).toMatchObject([{ status: 'SUCCESS', notified: true, tracking: null, lines: [{ sku: 'DRAGON-S', quantity: 2 }] }]);
});

test('a webhook is signed over its exact bytes, in which slashes and ampersands are escaped and large ids stay whole', async () => {
  const id = '820982911946154508';
  await client.order({ id, lines: [{ sku: 'A&B/C', quantity: 1, vendor: 'Tabletop & Co' }] });
  const all = await client.webhooks('orders/create', 2);
  const delivery = all.find(({ body }) => body.includes(id));
  expect(delivery?.body).toContain(`"id":${id},"admin_graphql_api_id":"gid:\\/\\/shopify\\/Order\\/${id}"`);
  expect(delivery?.body).toContain('"sku":"A\\u0026B\\/C"');
  const signature = createHmac('sha256', 'sandbox-shopify-secret').update(delivery?.body ?? '').digest('base64');
  expect(delivery?.headers).toMatchObject({
    'x-shopify-hmac-sha256': signature,
    'x-shopify-shop-domain': 'forma3d-sandbox.myshopify.com',
    'x-shopify-api-version': '2026-10',
  });
  const reworked = createHmac('sha256', 'sandbox-shopify-secret').update(JSON.stringify(JSON.parse(delivery?.body ?? ''))).digest('base64');
  expect(reworked).not.toBe(signature);
});

test('pages, health and unknown addresses answer as such', async () => {
  expect(await (await fetch(client.sandbox.url)).text()).toContain('Forma3D sandbox');
  expect((await fetch(`${client.sandbox.url}/health`)).status).toBe(200);
  expect((await fetch(`${client.sandbox.url}/nothing`)).status).toBe(404);
  expect((await client.raw('POST', 'orders', { lines: [] })).status).toBe(422);
  expect((await client.raw('GET', 'orders/1')).status).toBe(404);
  const all = await client.control<{ id: string }[]>('GET', 'orders');
  const newest = await client.control<{ id: string }[]>('GET', 'orders?limit=1');
  expect(newest.map((order) => order.id)).toEqual(all.slice(-1).map((order) => order.id));
  expect(all.length).toBeGreaterThan(1);
});
