import { createHmac, randomUUID } from 'node:crypto';
import { Database, int } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { EventLog } from '@forma3d/tasks';
import { FakeClock, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { Store } from '../access';
import { Inbox } from './inbox';
import { ShopifyWebhookController } from './shopify-webhook.controller';
import { SimplyPrintWebhookController } from './simplyprint-webhook.controller';
import type { WebhookRequest } from './webhook-request';

const db = new Database({ url: useDatabase().url() });
const closed = new Database({ url: useDatabase().url() });
const clock = new FakeClock();
const wake = jest.fn();
const events = new EventLog({ clock, wake, deliver: () => undefined });
const inbox = new Inbox(db, events, clock);
const store: Store = {
  id: newId(),
  handle: 'shop',
  name: 'Shop',
  shopifyDomain: 'shop.myshopify.com',
  timeZone: 'Europe/Brussels',
  currency: 'EUR',
  policies: { produce_on: 'paid', print_on_hold: false, produce_test_orders: false, reprint_limit: 1, fulfill_on: 'production_complete', system_moves: { accept: true, production: true, complete: true } },
  produceOrdersFrom: clock.now(),
  uninstalledAt: null,
  reinstalledAt: null,
};
const stores = { byShopDomain: (domain: string) => Promise.resolve(domain === store.shopifyDomain ? store : undefined), all: () => Promise.resolve([store]) };
let secrets = { shopify: ['new-secret', 'old-secret'], simplyprint: ['printer-secret'] };
const sawDelivery = jest.fn();
const connections = { webhookSecrets: () => Promise.resolve(secrets), sawDelivery };
const logger = { error: jest.fn() };
const shopify = (into = inbox) => new ShopifyWebhookController(into, stores, connections, logger);
const simplyprint = (into = inbox) => new SimplyPrintWebhookController(into, stores, connections, logger);

beforeEach(async () => {
  secrets = { shopify: ['new-secret', 'old-secret'], simplyprint: ['printer-secret'] };
  await db.sql`TRUNCATE webhook_delivery, retry_queue`;
});
afterAll(() => db.close());

/** A request as the platform hands it over: webhooks' bodies are not parsed, the bytes are kept. */
function request(body: string, headers: Record<string, string | undefined>): WebhookRequest {
  return { headers: { 'content-type': 'application/json', ...headers }, rawBody: Buffer.from(body), body: undefined } as unknown as WebhookRequest;
}

function delivered(change: { body?: string; secret?: string; headers?: Record<string, string | undefined> } = {}): WebhookRequest {
  const body = change.body ?? '{"id":820982911946154508,"note":"a\\/b \\u0026"}';
  return request(body, {
    'x-shopify-topic': 'orders/create',
    'x-shopify-hmac-sha256': createHmac('sha256', change.secret ?? 'new-secret').update(body).digest('base64'),
    'x-shopify-shop-domain': 'shop.myshopify.com',
    'x-shopify-webhook-id': randomUUID(),
    'x-shopify-event-id': 'event-1',
    'x-shopify-api-version': '2026-10',
    'x-shopify-triggered-at': '2026-11-02T08:59:59Z',
    ...change.headers,
  });
}

const stored = async () =>
  (await db.sql.one(z.object({ deliveries: int, tasks: int }))`
    SELECT (SELECT count(*) FROM webhook_delivery) AS deliveries, (SELECT count(*) FROM retry_queue) AS tasks`);

describe('a Shopify delivery', () => {
  it('is stored as it came, with its task, and wakes the processor', async () => {
    const body = '{"id":820982911946154508,"note":"a\\/b \\u0026"}';
    expect(await shopify().take(delivered({ body, headers: { 'x-shopify-webhook-id': 'w-1' } }))).toEqual({ stored: true });
    const task = await db.sql.one(z.object({ type: z.string(), payload: z.object({ delivery_id: z.string() }), max_attempts: int, correlation_id: z.string(), due_at: z.date() }))`
      SELECT type, payload, max_attempts, correlation_id, due_at FROM retry_queue`;
    expect(task).toMatchObject({ type: 'ORDER_WEBHOOK', max_attempts: 5, correlation_id: 'wh-w-1', due_at: clock.now() });
    expect(await inbox.delivery(task.payload.delivery_id)).toEqual({
      id: task.payload.delivery_id,
      storeId: store.id,
      source: 'shopify',
      topic: 'orders/create',
      eventId: 'event-1',
      apiVersion: '2026-10',
      triggeredAt: new Date('2026-11-02T08:59:59Z'),
      receivedAt: clock.now(),
      body: Buffer.from(body),
      redactedAt: null,
    });
    expect(sawDelivery).toHaveBeenLastCalledWith(store.id, '2026-10');
    expect(wake).toHaveBeenCalled();
  });

  it('signed with the secret that is being replaced is as good', async () => {
    await shopify().take(delivered({ secret: 'old-secret' }));
    expect(await stored()).toEqual({ deliveries: 1, tasks: 1 });
  });

  it('that comes a hundred times at once is stored once, and answered each time', async () => {
    const controller = shopify();
    const same = { headers: { 'x-shopify-webhook-id': 'same' } };
    const answers = await Promise.all(Array.from({ length: 100 }, () => controller.take(delivered(same))));
    expect(answers).toHaveLength(100);
    expect(await stored()).toEqual({ deliveries: 1, tasks: 1 });
  });

  it('keeps its own body among two hundred others', async () => {
    const controller = shopify();
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        controller.take(delivered({ body: JSON.stringify({ id: index, pad: 'é'.repeat(index) }), headers: { 'x-shopify-webhook-id': `w-${String(index)}` } })),
      ),
    );
    const rows = await db.sql.rows(z.object({ dedupe_key: z.string(), body: z.instanceof(Buffer) }))`SELECT dedupe_key, body FROM webhook_delivery`;
    expect(rows).toHaveLength(200);
    for (const row of rows) {
      const index = Number(row.dedupe_key.slice(2));
      expect(row.body.toString()).toBe(JSON.stringify({ id: index, pad: 'é'.repeat(index) }));
    }
  });

  it.each(['bulk_operations/finish', 'constructor'])('of the topic %s is stored and causes nothing', async (topic) => {
    await shopify().take(delivered({ headers: { 'x-shopify-topic': topic } }));
    expect(await stored()).toEqual({ deliveries: 1, tasks: 0 });
  });

  it.each([
    ['unauthorized', 'a wrong signature', { secret: 'guess' }],
    ['unauthorized', 'a signature of other bytes', { headers: { 'x-shopify-hmac-sha256': createHmac('sha256', 'new-secret').update('{}').digest('base64') } }],
    ['unauthorized', 'no signature', { headers: { 'x-shopify-hmac-sha256': undefined } }],
    ['unauthorized', 'a wrong signature on a body that is no JSON', { secret: 'guess', body: '{' }],
    ['store-not-found', 'an unknown shop', { headers: { 'x-shopify-shop-domain': 'other.myshopify.com' } }],
    ['malformed', 'no shop', { headers: { 'x-shopify-shop-domain': undefined } }],
    ['malformed', 'no topic', { headers: { 'x-shopify-topic': undefined } }],
    ['malformed', 'no webhook id', { headers: { 'x-shopify-webhook-id': undefined } }],
    ['malformed', 'an endless webhook id', { headers: { 'x-shopify-webhook-id': 'x'.repeat(256) } }],
    ['malformed', 'a body that is no JSON', { body: '{"id":' }],
    ['malformed', 'a body that is a list', { body: '[]' }],
    ['malformed', 'a body that is null', { body: 'null' }],
    ['malformed', 'a body of one brace', { body: '{' }],
    ['malformed', 'a body of blanks', { body: ' \n\t ' }],
    ['malformed', 'an empty body', { body: '' }],
    ['unsupported-media-type', 'a form', { headers: { 'content-type': 'application/x-www-form-urlencoded' } }],
    ['unsupported-media-type', 'no content type', { headers: { 'content-type': undefined } }],
  ])('is refused as %s for %s, and nothing is stored', async (code, _what, change) => {
    await expect(shopify().take(delivered(change))).rejects.toMatchObject({ code });
    expect(await stored()).toEqual({ deliveries: 0, tasks: 0 });
  });

  it('that is signed but broken within its braces is kept, for a person to see', async () => {
    await shopify().take(delivered({ body: ' {"id":} ' }));
    expect(await stored()).toEqual({ deliveries: 1, tasks: 1 });
  });

  it('that cannot be stored is answered as not ready, so that Shopify sends it again', async () => {
    await closed.close();
    await expect(shopify(new Inbox(closed, events, clock)).take(delivered())).rejects.toMatchObject({ code: 'not-ready' });
  });

  it('with a value that the database refuses fails alone among its neighbours', async () => {
    const controller = shopify();
    const deliver = (headers: Record<string, string>) => controller.take(delivered({ headers }));
    const outcomes = await Promise.allSettled([
      deliver({ 'x-shopify-webhook-id': 'a' }),
      deliver({ 'x-shopify-webhook-id': 'b', 'x-shopify-event-id': 'nul \u0000' }),
      deliver({ 'x-shopify-webhook-id': 'c' }),
    ]);
    expect(outcomes.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
    expect(await stored()).toEqual({ deliveries: 2, tasks: 2 });
  });
});

describe('a SimplyPrint delivery', () => {
  const body = JSON.stringify({ webhook_id: 42, event: 'job.done', timestamp: 1_795_000_000, data: { job: { id: 456, uid: 'pj_1' } } });

  it.each(['x-sp-secret', 'x-sp-token'])('with its secret in %s is stored with its task, once', async (header) => {
    await Promise.all([1, 2, 3].map(() => simplyprint().take(request(body, { [header]: 'printer-secret' }))));
    expect(await stored()).toEqual({ deliveries: 1, tasks: 1 });
    const row = await db.sql.one(z.object({ source: z.string(), topic: z.string(), type: z.string() }))`
      SELECT d.source, d.topic, q.type FROM webhook_delivery d, retry_queue q`;
    expect(row).toEqual({ source: 'simplyprint', topic: 'job.done', type: 'SIMPLYPRINT_WEBHOOK' });
  });

  it('of an event that we do not follow is stored and causes nothing', async () => {
    await simplyprint().take(request(body.replace('job.done', 'printer.online'), { 'x-sp-secret': 'printer-secret' }));
    expect(await stored()).toEqual({ deliveries: 1, tasks: 0 });
  });

  it.each([
    ['unauthorized', 'a wrong secret', body, { 'x-sp-secret': 'guess' }],
    ['unauthorized', 'no secret', body, {}],
    ['malformed', 'a list', '[]', { 'x-sp-secret': 'printer-secret' }],
    ['invalid-delivery', 'no event', '{"webhook_id":1}', { 'x-sp-secret': 'printer-secret' }],
    ['unsupported-media-type', 'plain text', body, { 'x-sp-secret': 'printer-secret', 'content-type': 'text/plain' }],
  ])('is refused as %s for %s, and nothing is stored', async (code, _what, sent, headers) => {
    await expect(simplyprint().take(request(sent, headers))).rejects.toMatchObject({ code });
    expect(await stored()).toEqual({ deliveries: 0, tasks: 0 });
  });

  it('is refused where no secret is configured, also an empty one', async () => {
    secrets = { shopify: [], simplyprint: [''] };
    await expect(simplyprint().take(request(body, { 'x-sp-secret': '' }))).rejects.toMatchObject({ code: 'unauthorized' });
  });

  it('that cannot be stored is answered as not ready', async () => {
    const sent = request(body, { 'x-sp-secret': 'printer-secret' });
    await expect(simplyprint(new Inbox(closed, events, clock)).take(sent)).rejects.toMatchObject({ code: 'not-ready' });
  });
});

test('a delivery that is past its retention is nothing', async () => {
  expect(await inbox.delivery(newId())).toBeUndefined();
});
