import { attentionPage, orderDetail, orderPage } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { readConfig, type HttpApp } from '@forma3d/platform';
import { anOrder, testSettings, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { createApp } from '../../app';
import { RecordShopifyOrder } from './record-shopify-order';

const db = new Database({ url: useDatabase().url() });
let app: HttpApp;
let orderId: string;

beforeAll(async () => {
  app = await createApp(readConfig(testSettings({ DATABASE_URL: useDatabase().url() })), { runTasks: false });
  await app.listen(0, '127.0.0.1');
  const store = await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM store`;
  const placed = new Date(Date.now() + 60_000);
  const recorded = await app.get(RecordShopifyOrder).record(store.id, anOrder({ processedAt: placed, createdAt: placed, updatedAt: placed }));
  orderId = recorded.orderId ?? '';
});
afterAll(async () => {
  await app.close();
  await db.close();
});

async function get(path: string, token = 'admin-token-of-test'): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${await app.getUrl()}${path}`, { headers: { authorization: `Bearer ${token}` } });
  return { status: response.status, body: await response.json() };
}

it.each(['/orders', '/api/orders', '/api/v1/orders'])('GET %s lists orders', async (path) => {
  const { status, body } = await get(`${path}?limit=1&q=1001`);
  expect(status).toBe(200);
  expect(orderPage.parse(body).data).toMatchObject([{ id: orderId, name: '#1001', status: 'accepted' }]);
});

it('GET /orders/{id} shows one, to the promised shape', async () => {
  const { status, body } = await get(`/orders/${orderId}`);
  expect(status).toBe(200);
  expect(orderDetail.parse(body)).toMatchObject({ id: orderId, timeline: [{ type: 'order.created' }, { type: 'order.paid' }, {}] });
});

it('GET /api/v1/attention lists what needs a person', async () => {
  const { status, body } = await get('/api/v1/attention');
  expect(status).toBe(200);
  expect(attentionPage.parse(body).data).toEqual([]);
});

it.each([
  [401, 'a wrong token', '/orders', 'not-the-token-of-test'],
  [404, 'an order that nobody has', `/orders/${newId()}`, undefined],
  [422, 'an id that is none', '/orders/1001', undefined],
  [422, 'an unknown status', '/orders?status=lost', undefined],
  [422, 'a day that is none', '/orders?from=2026-02-31', undefined],
  [422, 'too long a page', '/orders?limit=101', undefined],
  [422, 'a cursor that is none', '/orders?cursor=abc', undefined],
])('answers %i as a problem to %s', async (status, _what, path, token) => {
  expect(await get(path, token)).toMatchObject({ status, body: { status } });
});

it('describes itself', async () => {
  const { body } = await get('/api/docs-json');
  const { paths } = z.object({ paths: z.record(z.string(), z.unknown()) }).parse(body);
  expect(Object.keys(paths)).toEqual(expect.arrayContaining(['/api/v1/orders', '/api/v1/orders/{id}', '/api/v1/attention', '/webhooks/shopify']));
});
