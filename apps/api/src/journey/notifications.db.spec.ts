import { createHmac } from 'node:crypto';
import { startOutsideServer, until, useDatabase, type OutsideServer } from '@forma3d/testing';
import { z } from 'zod';
import { Product } from './product.setup';

const { url } = useDatabase();
const SECRET = 'a-secret-of-sixteen-or-more';
const KEY = 'secrets-key-of-the-journey-0123456789';
let product: Product;
let outside: OutsideServer;

beforeAll(async () => {
  outside = await startOutsideServer();
  product = await Product.start(url(), { env: { ADMIN_EMAIL: 'admin@forma3d.test', SECRETS_KEY: KEY, ALERT_WINDOW_SECONDS: '2' } });
}, 30_000);
afterAll(async () => {
  await product.stop();
  await outside.close();
});
beforeEach(() => {
  outside.requests.length = 0;
  outside.reply = () => ({ status: 200, body: 'ok' });
});

const mailbox = z.object({ mails: z.array(z.object({ to: z.array(z.string()), subject: z.string(), text: z.string() })) });
const mails = async (words: string) => mailbox.parse(await product.control('GET', '/mail')).mails.filter(({ subject }) => subject.includes(words));
const put = (body: unknown) => product.api('PUT', '/api/v1/notifications/settings', body);
const settings = async () => (await product.api('GET', '/api/v1/notifications/settings')).body;

it('a mail server that is away while 40 alerts come loses none: they arrive as few mails that count 40', async () => {
  await product.fault({ target: 'smtp', kind: 'outage' });
  for (let index = 0; index < 40; index += 1) await product.order([{ sku: `UNKNOWN-${String(index)}`, quantity: 1 }]);
  const failing = z.object({ n: z.coerce.number() });
  await until(async () => (await product.db.sql.one(failing)`SELECT count(*) AS n FROM retry_queue WHERE type = 'NOTIFICATION' AND failures >= 2`).n, { timeoutMs: 20_000 });
  expect(await mails('')).toEqual([]);
  await product.control('DELETE', '/faults');
  const count = async () => (await mails('Unmapped Product')).reduce((sum, { subject }) => sum + Number(/\((\d+) alerts\)/.exec(subject)?.[1] ?? 1), 0);
  // Of a server that was silent for several mails in a row only a few find out at a time whether it is back; the others wait up to a minute.
  await until(async () => (await count()) === 40, { timeoutMs: 100_000, everyMs: 100, what: 'all alerts to arrive' });
  expect((await mails('Unmapped Product')).length).toBeLessThan(15);
  expect((await mails('Unmapped Product')).every(({ to }) => to.join() === 'operator@forma3d.test')).toBe(true);
}, 150_000);

it('a store chooses a chat and a webhook; what is secret goes in and does not come out', async () => {
  expect(await settings()).toMatchObject({ email: { enabled: true, operator: true, administrator: true }, chat: null, webhook: null });
  const chosen = await put({ chat: { url: `${outside.url}/services/T0/B0/very-secret` }, webhook: { url: `${outside.url}/hook?key=very-secret`, secret: SECRET, kinds: ['fulfillment-failed'] } });
  expect(chosen.status).toBe(200);
  expect(chosen.body).toMatchObject({ chat: { host: new URL(outside.url).host, format: 'slack', kinds: null }, webhook: { kinds: ['fulfillment-failed'] } });
  const { rows } = await product.db.pool.query<Record<string, unknown>>('SELECT encode(sealed, \'escape\') AS sealed FROM notification_channel');
  const { rows: audited } = await product.db.pool.query<Record<string, unknown>>("SELECT actor, meta FROM audit_log WHERE action = 'notification-settings-changed'");
  expect(audited).toHaveLength(1);
  for (const seen of [await settings(), rows, audited, product.logs]) expect(JSON.stringify(seen)).not.toMatch(/very-secret|a-secret-of/);
});

it('a test goes out by every channel, signed where that was chosen', async () => {
  expect(await product.api('POST', '/api/v1/notifications/test')).toMatchObject({ status: 202, body: { channels: ['email', 'chat', 'webhook'] } });
  await until(() => outside.requests.length === 2);
  const [mail] = await until(async () => { const found = await mails('Test Notification'); return found.length > 0 && found; });
  expect(mail?.to).toEqual(['operator@forma3d.test', 'admin@forma3d.test']);
  const hook = outside.requests.find(({ path }) => path === '/hook?key=very-secret');
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = hook?.headers ?? {};
  expect(signature).toBe(`v1,${createHmac('sha256', SECRET).update(`${String(id)}.${String(at)}.${hook?.body ?? ''}`).digest('base64')}`);
  expect(Math.abs(Number(at) - Date.now() / 1_000)).toBeLessThan(60);
  expect(JSON.parse(outside.requests.find(({ path }) => path.startsWith('/services'))?.body ?? '')).toHaveProperty('text');
  await product.settled();
  // Tests are not gathered: a second one goes at once too.
  await product.api('POST', '/api/v1/notifications/test');
  await until(() => outside.requests.length === 4);
}, 30_000);

it('what is left out of a channel stays, what is null goes', async () => {
  await put({ chat: null, webhook: { kinds: null } });
  expect(await settings()).toMatchObject({ chat: null, webhook: { kinds: null, host: new URL(outside.url).host } });
  await product.api('POST', '/api/v1/notifications/test');
  const hook = await until(() => outside.requests[0]);
  expect(hook.headers['webhook-signature']).toBe(
    `v1,${createHmac('sha256', SECRET).update(`${String(hook.headers['webhook-id'])}.${String(hook.headers['webhook-timestamp'])}.${hook.body}`).digest('base64')}`,
  );
  await put({ chat: null, webhook: null });
});

it.each([
  [{ chat: {}, webhook: null }, 'chat.url'],
  [{ chat: null, webhook: { url: 'https://example.com/' } }, 'webhook.secret'],
  [{ chat: null, webhook: { url: 'ftp://example.com/', secret: SECRET } }, 'webhook.url'],
  [{ chat: null, webhook: { url: 'https://user:pass@example.com/', secret: SECRET } }, 'webhook.url'],
  [{ chat: null, webhook: { url: 'https://example.com/', secret: 'short' } }, 'webhook.secret'],
  [{ chat: { url: 'https://example.com/', kinds: ['no-such-kind'] }, webhook: null }, 'chat.kinds.0'],
  [{ chat: { url: 'https://example.com/', format: 'teams' }, webhook: null }, 'chat.format'],
])('%j is refused at %s', async (body, path) => {
  const answer = await put(body);
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid', errors: [expect.objectContaining({ path })] } });
  expect(await settings()).toMatchObject({ chat: null, webhook: null });
});

it('both channels must be named, so that none is dropped by mistake', async () => {
  expect((await put({ chat: null })).status).toBe(422);
});

it('readiness tells of a mail server that is away, and the product goes on serving', async () => {
  await product.stopApi();
  await product.fault({ target: 'smtp', kind: 'outage' });
  await product.startApi();
  const ready = z.looseObject({ status: z.string(), checks: z.looseObject({ smtp: z.object({ status: z.string(), detail: z.string() }) }) });
  const { status, body } = await product.api('GET', '/health/ready');
  expect(status).toBe(200);
  expect(ready.parse(body)).toMatchObject({ status: 'degraded', checks: { smtp: { status: 'degraded', detail: 'cannot be reached' } } });
  await product.control('DELETE', '/faults');
}, 30_000);
