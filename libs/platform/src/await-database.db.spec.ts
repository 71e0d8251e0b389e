import { createServer, type AddressInfo } from 'node:net';
import { Database, DatabaseTrouble } from '@forma3d/database';
import { TcpProxy, until, useDatabase } from '@forma3d/testing';
import { awaitDatabase } from './await-database';
import { startFailure } from './start-failure';

const { url } = useDatabase();
let proxy: TcpProxy;
let port: number;
let said: string[];
const log = {
  warn: (_facts: object, words: string) => void said.push(words),
  info: (words: string) => void said.push(words),
};

beforeEach(async () => {
  proxy = await TcpProxy.start(url());
  said = [];
  port = await freePort();
});
afterEach(() => proxy.close());

const wait = (change: { databaseUrl?: string; signal?: AbortSignal; patienceMs?: number } = {}) => {
  const { databaseUrl = proxy.through(url()), ...options } = change;
  return awaitDatabase({ port, host: '127.0.0.1', databaseUrl, logLevel: 'silent' }, { everyMs: 20, log, ...options });
};
const ask = (path: string, init?: RequestInit) => fetch(`http://127.0.0.1:${String(port)}${path}`, init);

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

test('a database that is there lets the start go on at once, and nothing is said', async () => {
  await wait();
  expect(said).toEqual([]);
  await expect(ask('/health/live')).rejects.toThrow();
});

test('one that is away is waited for: the process lives, is not ready, and asks to come again; then it frees its port', async () => {
  proxy.refuse();
  const waiting = wait();
  const live = await until(() => ask('/health/live'));
  expect({ status: live.status, body: await live.json() }).toEqual({ status: 200, body: { status: 'ok' } });
  const ready = await ask('/health/ready');
  expect({ status: ready.status, body: await ready.json() }).toMatchObject({ status: 503, body: { status: 'not-ready', checks: { database: { status: 'failed' } } } });
  const webhook = await ask('/webhooks/shopify', { method: 'POST', body: '{}' });
  expect({ status: webhook.status, type: webhook.headers.get('content-type'), later: webhook.headers.get('retry-after'), body: await webhook.json() }).toMatchObject({
    status: 503, type: 'application/problem+json', later: '5', body: { code: 'not-ready', status: 503 },
  });
  proxy.pass();
  await waiting;
  await expect(ask('/health/live')).rejects.toThrow();
  expect(said).toEqual(['the database cannot be reached; waiting for it before the start', 'the database is there; starting']);
});

test('after the time that an operator would want to know, the start ends in words', async () => {
  proxy.refuse();
  const error: unknown = await wait({ patienceMs: 50 }).catch((reason: unknown) => reason);
  expect(error).toBeInstanceOf(DatabaseTrouble);
  expect(startFailure(error)).toBe('Cannot start with DATABASE_URL: the database cannot be reached (ECONNRESET).');
});

test('a signal ends the waiting', async () => {
  proxy.refuse();
  const stop = new AbortController();
  const waiting = wait({ signal: stop.signal });
  await until(() => said.length > 0);
  stop.abort();
  await expect(waiting).rejects.toThrow();
  await expect(ask('/health/live')).rejects.toThrow();
});

test.each([
  ['a wrong password', (there: URL) => { there.password = 'wrong'; }, 'refuses the user or the password'],
  ['a database that is not there', (there: URL) => { there.pathname = '/none'; }, 'has no database of that name'],
])('%s is not waited for', async (_what, spoil, words) => {
  const there = new URL(url());
  spoil(there);
  const error: unknown = await wait({ databaseUrl: there.toString() }).catch((reason: unknown) => reason);
  expect(startFailure(error)).toContain(words);
  expect(said).toEqual([]);
});

test('a standby is waited for until it is promoted', async () => {
  // A real standby needs a second server: here the question whether it is one is answered by a function of the same name.
  const db = new Database({ url: url(), max: 1 });
  const answer = (is: boolean) => db.pool.query(`CREATE OR REPLACE FUNCTION standby.pg_is_in_recovery() RETURNS boolean LANGUAGE sql AS 'SELECT ${String(is)}'`);
  await db.sql`CREATE SCHEMA standby`;
  await answer(true);
  const waiting = wait({ databaseUrl: `${url()}?options=-c%20search_path%3Dstandby,pg_catalog` });
  await until(() => said.length > 0);
  await answer(false);
  await waiting;
  await db.close();
});
