import { startOutsideServer, type OutsideServer } from '@forma3d/testing';
import { postJson, type PostOptions } from './post-json';

let server: OutsideServer;
beforeAll(async () => {
  server = await startOutsideServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

const options = (change: Partial<PostOptions> = {}): PostOptions => ({ timeoutMs: 2_000, signal: new AbortController().signal, privateAllowed: true, ...change });
const post = (change: Partial<PostOptions> = {}) => postJson(`${server.url}/hook?x=1`, '{"a":"ü"}', options(change));

test('JSON is posted with its headers, and 2xx is done', async () => {
  server.reply = () => ({ status: 204, body: '' });
  expect(await post({ headers: { 'webhook-id': 'x' } })).toEqual({ kind: 'done' });
  expect(server.requests).toMatchObject([
    { method: 'POST', path: '/hook?x=1', body: '{"a":"ü"}', headers: { 'content-type': 'application/json', 'webhook-id': 'x', 'content-length': '10' } },
  ]);
});

test.each([[500], [503], [408], [429]])('%i comes again', async (status) => {
  server.reply = () => ({ status, body: 'no' });
  expect(await post()).toEqual({ kind: 'retry', why: `answered ${String(status)}` });
});

test('a wait that is asked for is waited', async () => {
  server.reply = () => ({ status: 429, headers: { 'retry-after': '7' }, body: 'no' });
  expect(await post()).toEqual({ kind: 'retry', why: 'answered 429', afterMs: 7_000 });
});

test.each([[400], [404], [410]])('%i is given up', async (status) => {
  server.reply = () => ({ status, body: 'no' });
  expect(await post()).toEqual({ kind: 'giveUp', why: `answered ${String(status)}` });
});

test('a redirect is not followed', async () => {
  server.reply = () => ({ status: 302, headers: { location: `${server.url}/elsewhere` }, body: '' });
  expect(await post()).toEqual({ kind: 'giveUp', why: 'answered 302' });
  expect(server.requests).toHaveLength(1);
});

test('what does not answer, breaks off or is not there comes again, and the reason holds no address', async () => {
  server.reply = () => 'hang';
  expect(await post({ timeoutMs: 100 })).toEqual({ kind: 'retry', why: expect.stringContaining('was not reached: ') });
  server.reply = () => 'drop';
  expect(await post()).toEqual({ kind: 'retry', why: 'was not reached: ECONNRESET' });
  expect(await postJson('http://127.0.0.1:1/secret', '{}', options())).toEqual({ kind: 'retry', why: 'was not reached: ECONNREFUSED' });
});

test('a task that is aborted stops waiting', async () => {
  server.reply = () => 'hang';
  const abort = new AbortController();
  const posted = post({ signal: abort.signal });
  abort.abort();
  expect(await posted).toMatchObject({ kind: 'retry' });
});

test('outside the sandbox nothing private is reached, by address or by name', async () => {
  const { port } = new URL(server.url);
  for (const url of [server.url, `http://localhost:${port}/`, `http://[::1]:${port}/`, `http://0x7f.1:${port}/`, 'http://169.254.169.254/latest/meta-data', 'http://10.0.0.1/']) {
    expect(await postJson(url, '{}', options({ privateAllowed: false }))).toEqual({ kind: 'giveUp', why: 'the address leads to this machine or a private network' });
  }
  expect(server.requests).toEqual([]);
});

test('only http and https are spoken', async () => {
  expect(await postJson('ftp://example.com/', '{}', options())).toMatchObject({ kind: 'giveUp' });
});
