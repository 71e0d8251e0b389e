import { createHmac } from 'node:crypto';
import { Database, int } from '@forma3d/database';
import { readConfig, type HttpApp } from '@forma3d/platform';
import { testSettings, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { createApp } from '../../app';

const db = new Database({ url: useDatabase().url() });
let app: HttpApp;

beforeAll(async () => {
  app = await createApp(readConfig(testSettings({ DATABASE_URL: useDatabase().url() })), { runTasks: false });
  await app.listen(0, '127.0.0.1');
});
afterAll(async () => {
  await app.close();
  await db.close();
});

async function post(body: string, headers: Record<string, string> = {}): Promise<{ status: number; problem: unknown }> {
  const response = await fetch(`${await app.getUrl()}/webhooks/shopify`, {
    method: 'POST',
    body,
    headers: {
      'content-type': 'application/json',
      'x-shopify-topic': 'products/update',
      'x-shopify-shop-domain': 'test-shop.myshopify.com',
      'x-shopify-webhook-id': 'w-1',
      'x-shopify-hmac-sha256': createHmac('sha256', 'shopify-secret-of-test').update(body).digest('base64'),
      ...headers,
    },
  });
  return { status: response.status, problem: await response.json() };
}

const stored = async (): Promise<number> =>
  (await db.sql.one(z.object({ n: int }))`SELECT count(*) AS n FROM webhook_delivery`).n;

it.each([
  [401, 'a forged body', '{}', { 'x-shopify-hmac-sha256': 'AAAA' }],
  [401, 'forged bytes that are no JSON', '{"a":', { 'x-shopify-hmac-sha256': 'AAAA' }],
  [400, 'signed bytes that are no JSON', '{"a":', {}],
  [404, 'a shop that nobody knows', '{}', { 'x-shopify-shop-domain': 'other.myshopify.com' }],
  [415, 'a body that is said to be text', '{}', { 'content-type': 'text/plain' }],
  [413, 'a body of three megabytes', JSON.stringify({ pad: 'x'.repeat(3_000_000) }), {}],
])('answers %i as a problem to %s and stores nothing', async (status, _what, body, headers) => {
  const answer = await post(body, headers);
  expect(answer).toMatchObject({ status, problem: { status } });
  expect(await stored()).toBe(0);
});

it('answers 200 to a signed delivery, and again to the same one', async () => {
  const body = '{"id":1,"note":"a\\/b \\u0026"}';
  expect(await post(body)).toEqual({ status: 200, problem: { stored: true } });
  expect(await post(body)).toEqual({ status: 200, problem: { stored: true } });
  expect(await stored()).toBe(1);
});
