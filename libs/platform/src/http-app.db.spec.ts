import { connect } from 'node:net';
import { Module } from '@nestjs/common';
import type { DestinationStream } from 'pino';
import { testSettings, useDatabase } from '@forma3d/testing';
import { OrdersController, WebhooksController } from './http-app.fixture';
import { createHttpApp, PlatformModule, readConfig, STORE_RESOLVER, type HttpApp } from './index';

const database = useDatabase();
const lines: string[] = [];
const token = 'a-token-of-the-test';
let app: HttpApp;
let url: string;

beforeAll(async () => {
  @Module({
    imports: [
      PlatformModule.forRoot(readConfig(testSettings({ DATABASE_URL: database.url(), ADMIN_TOKEN: token, LOG_LEVEL: 'info' })), {
        runTasks: false,
        logTo: { write: (line: string) => void lines.push(line) } satisfies DestinationStream,
      }),
    ],
    controllers: [OrdersController, WebhooksController],
    providers: [{ provide: STORE_RESOLVER, useValue: { resolve: (asked?: string) => Promise.resolve(asked ?? 'the-only-store') } }],
    exports: [STORE_RESOLVER],
  })
  class Root {}
  app = await createHttpApp(Root);
  await app.listen(0, '127.0.0.1');
  url = await app.getUrl();
});

afterAll(async () => {
  await app.close();
});

interface Answer {
  status: number;
  headers: Headers;
  body: Record<string, unknown>;
}

async function ask(path: string, { method = 'GET', headers = {}, body }: { method?: string; headers?: Record<string, string>; body?: string | Uint8Array<ArrayBuffer> } = {}): Promise<Answer> {
  const response = await fetch(`${url}${path}`, { method, headers, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  return { status: response.status, headers: response.headers, body: text === '' ? {} : (JSON.parse(text) as Record<string, unknown>) };
}

const signedIn = { authorization: `Bearer ${token}` };
const json = { ...signedIn, 'content-type': 'application/json' };
const anId = '01975b5e-8a00-7000-8000-000000000001';

test('a route answers at its prefix, without it, and under /api alike', async () => {
  for (const path of [`/api/v1/orders/${anId}`, `/orders/${anId}`, `/api/orders/${anId}?x=1`]) {
    const { status, body } = await ask(path, { headers: signedIn });
    expect({ path, status, id: body['id'] }).toEqual({ path, status: 200, id: anId });
  }
});

test('who asks and the correlation id given travel with the request, and the id comes back', async () => {
  const { body, headers } = await ask(`/orders/${anId}`, { headers: { ...signedIn, 'x-correlation-id': 'journey_7-a', 'x-store-id': 'store-9' } });
  expect(body).toEqual({ id: anId, store_id: 'store-9', actor: 'admin', correlation_id: 'journey_7-a' });
  expect(headers.get('x-correlation-id')).toBe('journey_7-a');
});

test('the correlation id also reaches handlers of requests with a body', async () => {
  const { status, body } = await ask('/orders', { method: 'POST', headers: { ...json, 'x-correlation-id': 'with-body' }, body: '{"name":"x","size":{"width":1}}' });
  expect({ status, body }).toEqual({ status: 201, body: { name: 'x', correlation_id: 'with-body' } });
});

test('a correlation id that is none is replaced by one of ours', async () => {
  const { headers } = await ask('/health/live', { headers: { 'x-correlation-id': 'not ok; drop table' } });
  expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
});

test.each([
  ['no token', {}],
  ['another token', { authorization: 'Bearer something-else-entirely' }],
  ['another scheme', { authorization: `Basic ${token}` }],
])('%s is refused with 401 and how to come in', async (_what, headers) => {
  const answer = await ask(`/orders/${anId}`, { headers });
  expect(answer.status).toBe(401);
  expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="forma3d"');
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body).toMatchObject({ type: 'urn:forma3d:problem:unauthorized', status: 401, code: 'unauthorized' });
});

test('input that the schema refuses is 422 and names every field', async () => {
  const { status, body } = await ask('/orders', { method: 'POST', headers: json, body: '{"name":"","size":{"width":"wide"}}' });
  expect(status).toBe(422);
  expect(body).toMatchObject({ code: 'invalid', errors: [{ path: 'name' }, { path: 'size.width' }] });
});

test.each([
  ['broken JSON is 400', '{"name":', 400, 'malformed'],
  ['JSON that reaches for a prototype is 400', '{"__proto__":{"admin":true}}', 400, 'malformed'],
  ['an empty body is no body, which is 422 where one is needed', '', 422, 'invalid'],
])('%s', async (_what, body, status, code) => {
  expect(await ask('/orders', { method: 'POST', headers: json, body })).toMatchObject({ status, body: { code } });
});

test('a body that is no JSON is 415', async () => {
  const form = await ask('/orders', { method: 'POST', headers: { ...signedIn, 'content-type': 'application/x-www-form-urlencoded' }, body: 'name=x' });
  expect(form).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
  const text = await ask('/orders', { method: 'POST', headers: { ...signedIn, 'content-type': 'text/plain' }, body: 'name' });
  expect(text).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
});

test('a route that takes CSV gets its text, within a limit of its own, and no other body; no other route takes CSV', async () => {
  const csv = { ...signedIn, 'content-type': 'Text/CSV; charset=utf-8', 'x-correlation-id': 'file' };
  expect(await ask('/orders/file', { method: 'POST', headers: csv, body: 'sku\r\nÄ' })).toMatchObject({ status: 201, body: { text: 'sku\r\nÄ', correlation_id: 'file' } });
  expect(await ask('/orders/file', { method: 'POST', headers: csv, body: '' })).toMatchObject({ status: 201, body: { text: 'none' } });
  expect(await ask('/orders/file', { method: 'POST', headers: csv, body: 'x'.repeat(1.9 * 1024 * 1024) })).toMatchObject({ status: 201 });
  expect(await ask('/orders/file', { method: 'POST', headers: csv, body: 'x'.repeat(2.1 * 1024 * 1024) })).toMatchObject({ status: 413, body: { code: 'too-large' } });
  expect(await ask('/orders/file', { method: 'POST', headers: csv, body: new Uint8Array([0x61, 0xe4]) })).toMatchObject({ status: 400, body: { code: 'malformed' } });
  expect(await ask('/orders/file', { method: 'POST', headers: csv, body: 'a\u0000b' })).toMatchObject({ status: 422, body: { code: 'invalid' } });
  for (const type of ['application/json', 'text/plain', 'text/csvx']) {
    const answer = await ask('/orders/file', { method: 'POST', headers: { ...signedIn, 'content-type': type }, body: '{}' });
    expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type', detail: 'The body must be CSV (Content-Type: text/csv).' } });
  }
  expect(await ask('/orders', { method: 'POST', headers: csv, body: 'name' })).toMatchObject({ status: 415 });
});

test.each([
  ['compressed', { 'content-encoding': 'gzip' }],
  ['in another encoding', { 'content-type': 'application/json; charset=utf-16' }],
])('a body that is %s is 415', async (_what, headers) => {
  const answer = await ask('/orders', { method: 'POST', headers: { ...json, ...headers }, body: '{"name":"x","size":{"width":1}}' });
  expect(answer).toMatchObject({ status: 415, body: { code: 'unsupported-media-type' } });
});

test('bytes that are not UTF-8 are 400, and never stored as something else', async () => {
  const body = Buffer.concat([Buffer.from('{"name":"'), Buffer.from([0xff]), Buffer.from('","size":{"width":1}}')]);
  expect(await ask('/orders', { method: 'POST', headers: json, body: new Uint8Array(body) })).toMatchObject({ status: 400, body: { code: 'malformed' } });
});

test('text that PostgreSQL cannot hold is 422 and named, before any schema sees it', async () => {
  const answer = await ask('/orders', { method: 'POST', headers: json, body: '{"name":"a\\u0000b","size":{"width":1},"more":["\\ud800"]}' });
  expect(answer).toMatchObject({ status: 422, body: { code: 'invalid' } });
  expect((answer.body['errors'] as { path: string }[]).map((each) => each.path).sort()).toEqual(['more.0', 'name']);
});

test('a body above 1 MiB is 413; a webhook may have 2 MiB, as it came', async () => {
  const mib = (size: number): string => JSON.stringify({ name: 'x'.repeat(size * 1024 * 1024 - 100) });
  expect(await ask('/orders', { method: 'POST', headers: json, body: mib(1.2) })).toMatchObject({ status: 413, body: { code: 'too-large' } });
  const webhook = mib(1.9);
  const headers = { 'content-type': 'application/json', 'x-correlation-id': 'hook' };
  expect(await ask('/webhooks/shopify', { method: 'POST', headers, body: webhook })).toMatchObject({
    status: 201,
    body: { bytes: Buffer.byteLength(webhook), correlation_id: 'hook' },
  });
  expect(await ask('/webhooks/shopify', { method: 'POST', headers, body: mib(2.1) })).toMatchObject({ status: 413 });
});

test.each([
  ['an unknown address', '/api/v1/nothing', 404, 'not-found'],
  ['an unknown address with strange letters', '/%00/..%2f', 404, 'not-found'],
  ['an address that cannot be decoded', '/orders/%E0%A4%A', 400, 'malformed'],
  ['an id that is none', '/orders/17', 422, 'invalid'],
])('%s is a problem with a code', async (_what, path, status, code) => {
  const answer = await ask(path, { headers: signedIn });
  expect(answer).toMatchObject({ status, body: { status, code } });
  expect(answer.headers.get('content-type')).toContain('application/problem+json');
  expect(answer.body['correlation_id']).toBe(answer.headers.get('x-correlation-id'));
});

test('a method that the address does not take is 405 and says which it takes', async () => {
  const answer = await ask(`/orders/${anId}`, { method: 'DELETE', headers: signedIn });
  expect(answer).toMatchObject({ status: 405, body: { code: 'method-not-allowed' } });
  expect(answer.headers.get('allow')).toBe('GET, HEAD');
});

test('a slash too many is no address, whatever the method', async () => {
  for (const path of [`/api/v1/orders/${anId}/`, `/api/v1/orders//`, `/api/v1//orders/${anId}`]) {
    expect(await ask(path, { headers: signedIn })).toMatchObject({ status: 404, body: { code: 'not-found' } });
  }
});

/** What the server says to bytes that fetch would not send. */
function send(bytes: string): Promise<string> {
  return new Promise((resolve, reject) => {
    let said = '';
    const socket = connect(Number(new URL(url).port), '127.0.0.1', () => void socket.write(bytes));
    socket.setEncoding('utf8').on('data', (text: string) => (said += text)).on('close', () => { resolve(said); }).on('error', reject);
  });
}

test.each([
  ['no HTTP at all', 'hello\r\n\r\n', 400, 'malformed'],
  ['a head that is too large', `GET /orders?q=${'x'.repeat(20_000)} HTTP/1.1\r\nHost: x\r\n\r\n`, 431, 'headers-too-large'],
  ['a length that is none', 'POST /orders HTTP/1.1\r\nHost: x\r\nContent-Length: abc\r\n\r\n', 400, 'malformed'],
])('%s is a problem too', async (_what, bytes, status, code) => {
  const said = await send(bytes);
  expect(said).toContain(`HTTP/1.1 ${String(status)} `);
  expect(said).toContain('content-type: application/problem+json');
  expect(JSON.parse(said.split('\r\n\r\n')[1] ?? '')).toMatchObject({ status, code, correlation_id: expect.any(String) as unknown });
});

test('a start says nothing of the building of the application at info', () => {
  expect(lines.filter((line) => line.includes('Mapped {') || line.includes('dependencies initialized'))).toEqual([]);
});

test('a refusal of ours carries its facts', async () => {
  expect(await ask(`/orders/${anId}/status`, { method: 'PATCH', headers: signedIn })).toMatchObject({
    status: 409,
    body: { code: 'illegal-transition', detail: 'A shipped order stays shipped.', allowed_transitions: ['delivered'] },
  });
});

test('an unexpected error is a 500 that tells nothing; the log has it under the correlation id', async () => {
  const answer = await ask('/orders/broken/secretly', { headers: { ...signedIn, 'x-correlation-id': 'find-me' } });
  expect(answer).toMatchObject({ status: 500, body: { code: 'internal', correlation_id: 'find-me' } });
  expect(JSON.stringify(answer.body)).not.toContain('hunter2');
  const line = lines.map((each) => JSON.parse(each) as Record<string, unknown>).find((each) => each['correlation_id'] === 'find-me' && each['level'] === 'error');
  expect(line).toMatchObject({ msg: 'a request failed unexpectedly', err: { message: 'the password is hunter2' } });
  expect(lines.join('')).not.toContain(token);
});

test('a database that cannot be reached is 503', async () => {
  expect(await ask('/orders/broken/database', { headers: signedIn })).toMatchObject({ status: 503, body: { code: 'not-ready' } });
});

test('liveness and readiness need no token', async () => {
  expect(await ask('/health/live')).toMatchObject({ status: 200, body: { status: 'ok' } });
  const ready = await ask('/health/ready');
  expect(ready).toMatchObject({ status: 200, body: { checks: { database: { status: 'ok' }, queue: { status: 'ok', lag_ms: 0 } } } });
});

test('every answer has the security headers', async () => {
  const { headers } = await ask('/api/v1/nothing');
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('x-frame-options')).toBe('DENY');
});

test('the OpenAPI document is 3.1, public, and tells the routes under their prefix with problems and credential', async () => {
  const { status, body } = await ask('/api/docs-json');
  expect(status).toBe(200);
  expect(body['openapi']).toBe('3.1.0');
  expect(Object.keys(body['paths'] as object)).toEqual(
    expect.arrayContaining(['/api/v1/orders', '/api/v1/orders/{id}', '/webhooks/shopify', '/health/live', '/health/ready']),
  );
  const page = await fetch(`${url}/api/docs`);
  expect(page.status).toBe(200);
  expect(await page.text()).toContain('Forma3D Connect');
});

test('every refusal in the document has a body that looks like itself, and no schema has bounds that say nothing', async () => {
  const { body } = await ask('/api/docs-json');
  const { paths } = body as { paths: Record<string, Record<string, { responses: Record<string, { content?: Record<string, { example?: { status: number } }> }> }>> };
  const refusals = Object.values(paths).flatMap((methods) => Object.values(methods)).flatMap(({ responses }) => Object.entries(responses).filter(([status]) => Number(status) >= 400));
  expect(refusals.length).toBeGreaterThan(5);
  const told = refusals.filter(([, { content }]) => content?.['application/json'] === undefined);
  expect(told.filter(([status, { content }]) => content?.['application/problem+json']?.example?.status !== Number(status))).toEqual([]);
  expect(JSON.stringify(body)).not.toContain(String(Number.MIN_SAFE_INTEGER));
});

test('who opens the product in a browser, or follows the link of a mail, finds the documentation', async () => {
  for (const path of ['/', '/app', '/app/orders/7']) {
    const answer = await fetch(`${url}${path}`, { redirect: 'manual' });
    expect({ path, status: answer.status, to: answer.headers.get('location') }).toEqual({ path, status: 302, to: '/api/docs' });
  }
});
