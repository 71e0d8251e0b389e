import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { TcpProxy, testSettings, until, useDatabase } from '@forma3d/testing';
import { buildApi } from './api-process.setup';

const ROOT = path.resolve(__dirname, '../../../..');
const MAIN = path.join(ROOT, 'dist/apps/api/src/main.js');
const { url } = useDatabase();
let proxy: TcpProxy;
let child: ChildProcess;
let said: string;
let port: number;

beforeAll(() => buildApi(), 120_000);
beforeEach(async () => {
  proxy = await TcpProxy.start(url());
  port = await freePort();
  said = '';
});
afterEach(async () => {
  if (child.exitCode === null && child.signalCode === null) {
    child.kill('SIGKILL');
    await once(child, 'exit');
  }
  await proxy.close();
});

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port: free } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return free;
}

function start(databaseUrl: string): void {
  const { PATH = '', HOME = '' } = process.env;
  const env = { PATH, HOME, ...testSettings({ PORT: String(port), DATABASE_URL: databaseUrl, LOG_LEVEL: 'info' }) };
  child = spawn(process.execPath, [MAIN], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe'] });
  for (const stream of [child.stdout, child.stderr]) stream?.on('data', (chunk: Buffer) => { said += chunk.toString(); });
}

const status = async (what: 'live' | 'ready'): Promise<number> => (await fetch(`http://127.0.0.1:${String(port)}/health/${what}`)).status;
const becomes = (what: 'live' | 'ready', wanted: number) => until(async () => (await status(what)) === wanted, { timeoutMs: 30_000, everyMs: 50, what: `${what} to be ${String(wanted)}; it said:\n${said}` });
const ended = async (): Promise<number | null> => (child.exitCode !== null ? child.exitCode : ((await once(child, 'exit')) as [number | null])[0]);

test('an API that starts before its database waits for it, then serves, and ends in order although the database falls silent', async () => {
  proxy.refuse();
  start(proxy.through(url()));
  await becomes('live', 200);
  expect(await status('ready')).toBe(503);
  proxy.pass();
  await becomes('ready', 200);
  expect(said).toContain('waiting for it before the start');
  proxy.freeze();
  await becomes('ready', 503);
  expect(await status('live')).toBe(200);
  child.kill('SIGTERM');
  const startedAt = performance.now();
  expect(await ended()).toBe(0);
  expect(performance.now() - startedAt).toBeLessThan(20_000);
}, 90_000);

test('a signal ends the waiting, as an orderly end', async () => {
  proxy.refuse();
  start(proxy.through(url()));
  await becomes('live', 200);
  child.kill('SIGTERM');
  expect(await ended()).toBe(0);
}, 60_000);
