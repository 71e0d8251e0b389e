import { createHmac } from 'node:crypto';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Product, SHOPIFY_SECRET } from '../../api/src/journey/product.setup';
import { QuietApi, TOKEN } from './product.setup';
import { requestBytes, sendRaw, type Answer } from './wire.setup';

/** What fuzzing has found in answers, each on its own. */
const { url } = useDatabase();
const api = new QuietApi();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url(), api.options);
}, 60_000);
afterAll(() => product.stop());

async function answerTo(bytes: Buffer | string): Promise<Answer | undefined> {
  return (await sendRaw(api.port, [bytes], { timeoutMs: 8_000 })).answers[0];
}
const ask = (method: string, target: string, body?: string, more: readonly (readonly [string, string])[] = []): Promise<Answer | undefined> =>
  answerTo(
    requestBytes(
      method,
      target,
      [['host', 'x'], ['connection', 'close'], ['authorization', `Bearer ${TOKEN}`], ...(body === undefined ? [] : [['content-type', 'application/json'] as const, ['content-length', String(Buffer.byteLength(body))] as const]), ...more],
      body === undefined ? undefined : Buffer.from(body),
    ),
  );

it.each([['GET', '/api/v1/orders/%'], ['PURGE', '/api/v1/orders/%'], ['PURGE', '/api/v1/orders'], ['SEARCH', '/%ff']])('%s %s is refused with a correlation id, and with the headers of every answer', async (method, target) => {
  const answer = await ask(method, target);
  expect(answer?.status).toBeGreaterThanOrEqual(400);
  expect(answer?.headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(answer?.headers.get('x-content-type-options')).toBe('nosniff');
});

it.each([
  ['names no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n', 400],
  ['names two hosts', 'GET /health/live HTTP/1.1\r\nHost: a\r\nhost: b\r\nConnection: close\r\n\r\n', 400],
  ['expects something odd', 'POST /webhooks/shopify HTTP/1.1\r\nHost: a\r\nExpect: 200-maybe\r\nContent-Length: 2\r\n\r\n{}', 417],
])('a request that %s is refused with a problem', async (_what, bytes, status) => {
  const answer = await answerTo(bytes);
  expect(answer).toMatchObject({ status });
  expect(answer?.headers.get('content-type')).toContain('application/problem+json');
  expect(JSON.parse(answer?.body ?? '')).toMatchObject({ status, correlation_id: answer?.headers.get('x-correlation-id') });
});

it('a request of HTTP/1.0 needs no host', async () => {
  expect(await answerTo('GET /health/live HTTP/1.0\r\n\r\n')).toMatchObject({ status: 200 });
});

it('a name of a million letters is not repeated to who sent it', async () => {
  const answer = await ask('POST', '/api/v1/product-mappings', JSON.stringify({ ['n'.repeat(1_000_000)]: 1 }));
  expect(answer?.status).toBe(422);
  expect(answer?.body.length).toBeLessThan(2_000);
});

it("Shopify's delivery whose topic is the name of SimplyPrint's event is stored, and nobody works it off", async () => {
  const body = JSON.stringify({ id: 1 });
  const hmac = createHmac('sha256', SHOPIFY_SECRET).update(body).digest('base64');
  const headers = [['x-shopify-topic', 'job.done'], ['x-shopify-webhook-id', 'odd'], ['x-shopify-shop-domain', 'forma3d-sandbox.myshopify.com'], ['x-shopify-hmac-sha256', hmac]] as const;
  expect((await ask('POST', '/webhooks/shopify', body, headers))?.status).toBe(200);
  const tasks = await product.db.sql.rows(z.object({ type: z.string() }))`SELECT type FROM retry_queue WHERE type = 'SIMPLYPRINT_WEBHOOK'`;
  expect(tasks).toEqual([]);
  expect(await product.count('webhook_delivery')).toBe(1);
});
