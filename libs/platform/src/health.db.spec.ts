import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { Database } from '@forma3d/database';
import { systemClock } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { Health } from './health';
import { MailReadiness } from './mail-readiness';
import { OutsideSightings } from './outside-troubles';

const database = useDatabase();
const open: Database[] = [];
const sockets: Socket[] = [];
let silent: Server;

beforeAll(async () => {
  silent = createServer((socket) => void sockets.push(socket));
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await Promise.all(open.map((db) => db.close()));
  silent.close();
});

function health(url: string, { stopping = false, listening = true, sightings = new OutsideSightings() } = {}): Health {
  const db = new Database({ url, max: 2, connectTimeoutMs: 4_000 });
  open.push(db);
  return new Health(db, { listening }, { stopping }, sightings, new MailReadiness(), systemClock);
}

test('a database that hangs is told within three seconds, long before a connection gives up', async () => {
  const startedAt = performance.now();
  const { port } = silent.address() as AddressInfo;
  expect(await health(`postgresql://127.0.0.1:${String(port)}/x`).readiness()).toMatchObject({
    status: 'not-ready',
    checks: { database: { status: 'failed', detail: 'cannot be reached' } },
  });
  expect(performance.now() - startedAt).toBeLessThan(3_000);
});

test('a process that is stopping is not ready, however well everything is', async () => {
  expect(await health(database.url(), { stopping: true }).readiness()).toMatchObject({ status: 'not-ready', checks: { database: { status: 'ok' } } });
});

test('an outside system that does not answer, or a lost wake-up connection, leaves it serving', async () => {
  const sightings = new OutsideSightings();
  sightings.saw('shopify', false);
  expect(await health(database.url(), { sightings, listening: false }).readiness()).toMatchObject({
    status: 'degraded',
    checks: { shopify: { status: 'degraded', detail: 'did not answer the last call' }, simplyprint: { status: 'ok' }, listener: { status: 'degraded' } },
  });
});

test('a pool that is full is told, and that of a server that takes no writes too', async () => {
  const full = health(database.url());
  const pool = open.at(-1)?.pool;
  const held = await Promise.all([pool?.connect(), pool?.connect()]);
  expect(await full.readiness()).toMatchObject({ status: 'not-ready', checks: { database: { detail: 'no connection of the pool is free' } } });
  for (const client of held) client?.release();
  expect(await full.readiness()).toMatchObject({ status: 'ok' });
  const standby = health(`${database.url()}?options=-c%20default_transaction_read_only%3Don`);
  expect(await standby.readiness()).toMatchObject({ status: 'not-ready', checks: { database: { status: 'failed', detail: 'takes no writes' } } });
});
