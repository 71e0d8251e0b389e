import { TcpProxy, until } from '@forma3d/testing';
import { Client } from 'pg';
import { z } from 'zod';
import { PostgresServer } from './postgres-server.setup';
import { ADMIN_TOKEN, Product } from './product.setup';
import { SteadyLoad, type Answer, type Kind } from './steady-load.setup';

/** How long anybody may wait at the very most, whatever PostgreSQL does, the last is how soon readiness must tell. */
const BOUNDS_MS: Readonly<Record<Kind, number>> = { webhook: 5_500, read: 16_500, live: 2_500, ready: 4_000 };
const TOLD_WITHIN_MS = 5_000;
const RETRIES_MS = [50, 100, 200, 400, 800, ...Array.from({ length: 30 }, () => 1_000)];

let server: PostgresServer;
let proxy: TcpProxy;
let product: Product;
let orders: number;
const unhandled: unknown[] = [];
const onUnhandled = (reason: unknown): void => void unhandled.push(reason);

beforeAll(async () => {
  process.on('unhandledRejection', onUnhandled);
  server = await PostgresServer.start();
  proxy = await TcpProxy.start(server.url);
  product = await Product.start(proxy.through(server.url), {
    sandbox: { webhookRetryDelaysMs: RETRIES_MS },
    // A simulated shop that is slow because the machine is crowded is no trouble with PostgreSQL.
    env: { OUTSIDE_TIMEOUT_MS: '8000' },
  });
  await product.map('PLANTER');
  orders = 0;
}, 60_000);
afterAll(async () => {
  await product?.stop();
  await proxy?.close();
  await server?.remove();
  process.off('unhandledRejection', onUnhandled);
}, 60_000);

interface Trouble {
  /** Begins it; answers how it ends, if anybody must end it. */
  begin: () => Promise<() => Promise<unknown>>;
  /** Whether it must show to those who ask: readiness, and a webhook that was told to come again. */
  shows: boolean;
}

const TROUBLES: Record<string, Trouble> = {
  'a crash of the server and its restart': {
    shows: true,
    begin: async () => {
      await server.stop('immediate');
      return restart;
    },
  },
  'an orderly restart of the server': {
    shows: true,
    begin: async () => {
      await server.stop('fast');
      return restart;
    },
  },
  'every connection ended by an administrator': {
    shows: false,
    begin: async () => {
      for (let time = 0; time < 3; time += 1) await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'forma3d%'`);
      return nothingToEnd;
    },
  },
  'every connection cut by the network, and none to be had': {
    shows: true,
    begin: () => {
      proxy.refuse();
      return Promise.resolve(() => Promise.resolve(proxy.pass()));
    },
  },
  'every connection fallen silent, half-open': {
    shows: true,
    begin: () => {
      proxy.freeze();
      return Promise.resolve(() => Promise.resolve(proxy.pass()));
    },
  },
  'a table that somebody keeps locked': { shows: true, begin: () => keeping(`LOCK TABLE retry_queue IN ACCESS EXCLUSIVE MODE`) },
  'a server without a connection to spare': {
    shows: true,
    begin: async () => {
      const others: Client[] = [];
      const first = await another('postgres');
      others.push(first);
      // Whoever is faster has the connection that another lost: until the product has none.
      await until(async () => {
        await first.query(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'forma3d%'`);
        try {
          for (;;) others.push(await another('forma3d'));
        } catch {
          // full
        }
        return (await first.query(`SELECT FROM pg_stat_activity WHERE application_name LIKE 'forma3d%'`)).rowCount === 0;
      });
      return () => Promise.all(others.map((each) => each.end()));
    },
  },
  'a server that takes no writes': {
    shows: true,
    begin: async () => {
      await admin(`ALTER DATABASE forma3d SET default_transaction_read_only = on`);
      await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'forma3d%'`);
      return async () => {
        await admin(`ALTER DATABASE forma3d RESET default_transaction_read_only`);
        // As after a failover: the connections to the old server end.
        await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'forma3d%'`);
      };
    },
  },
};
const nothingToEnd = () => Promise.resolve();
/** How the trouble that there is ends: also when the test finds fault with it. */
let ending: () => Promise<unknown> = nothingToEnd;
afterEach(() => over());

async function over(): Promise<void> {
  const end = ending;
  ending = nothingToEnd;
  await end();
}

/** Over the server's other database, which no trouble of the product's touches. */
const admin = (statement: string) => server.ask('postgres', statement);

async function restart(): Promise<void> {
  await server.start();
  proxy.aimAt(server.url);
}

/** A connection of somebody else's. */
async function another(database: 'forma3d' | 'postgres'): Promise<Client> {
  const url = new URL(server.url);
  url.pathname = `/${database}`;
  const other = new Client({ connectionString: url.toString() });
  other.on('error', () => undefined);
  await other.connect();
  return other;
}

async function keeping(statement: string): Promise<() => Promise<unknown>> {
  const holder = await another('forma3d');
  await holder.query('BEGIN');
  await holder.query(statement);
  return () => holder.end();
}

async function placeOrder(): Promise<string> {
  orders += 1;
  return product.order([{ sku: 'PLANTER', quantity: 1 }]);
}

const slowest = (answers: readonly Answer[]): number => Math.max(0, ...answers.map(({ ms }) => ms));
const statuses = (answers: readonly Answer[]): number[] => [...new Set(answers.map(({ status }) => status))].sort();

describe('under load', () => {
  test.each(Object.entries(TROUBLES))('%s: nobody hangs, readiness tells, and everything goes on by itself', async (_name, { begin, shows }) => {
    const load = new SteadyLoad(product.origin, ADMIN_TOKEN);
    const placed = [await placeOrder()];
    await until(() => load.of('webhook').length > 3);
    const linesBefore = product.logs.length;
    const struckAt = performance.now();
    ending = await begin();
    const begunAt = performance.now();
    placed.push(await placeOrder());
    if (shows) {
      const told = await until(() => load.of('ready', struckAt).find(({ status }) => status === 503), { timeoutMs: 40_000 });
      expect(told.at - begunAt).toBeLessThan(TOLD_WITHIN_MS);
      await until(() => load.of('webhook', struckAt).some(({ status }) => status === 503), { timeoutMs: 40_000 });
    }
    await over();
    const endedAt = performance.now();
    await until(() => load.of('ready', endedAt).some(({ status }) => status === 200), { timeoutMs: 40_000 });
    await until(() => load.of('webhook', endedAt).some(({ status }) => status === 200), { timeoutMs: 40_000 });
    placed.push(await placeOrder());
    for (const id of placed) expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
    await load.stop();

    // No request hangs, and none is refused with anything but "come again".
    for (const kind of ['webhook', 'read', 'live', 'ready'] as const) {
      expect({ kind, slow: slowest(load.of(kind)) > BOUNDS_MS[kind] ? slowest(load.of(kind)) : 'no' }).toEqual({ kind, slow: 'no' });
    }
    expect(statuses(load.of('live'))).toEqual([200]);
    expect(statuses([...load.of('webhook'), ...load.of('read'), ...load.of('ready')]).filter((status) => ![200, 503].includes(status))).toEqual([]);
    const refused = [...load.of('webhook'), ...load.of('read')].filter(({ status }) => status === 503);
    expect(refused.filter(({ problem, retryAfter }) => !problem || retryAfter === null)).toEqual([]);

    // What was said to be stored is, once; what was not is when it comes again.
    const ids = (status: number) => load.of('webhook').filter((each) => each.status === status).map(({ webhookId }) => webhookId ?? '');
    const stored = async (keys: string[]) =>
      (await product.db.sql.one(z.object({ n: z.number() }))`SELECT count(*) AS n FROM webhook_delivery WHERE dedupe_key = ANY (${keys})`).n;
    expect(await stored(ids(200))).toBe(ids(200).length);
    const again = ids(503);
    await Promise.all(again.map((id) => load.webhook(id)));
    expect(await stored(again)).toBe(again.length);

    // Nothing is charged to a task, nothing done twice outside.
    await product.settled();
    const failed = await product.db.sql.rows(z.looseObject({}))`SELECT type, status, failures, last_error FROM retry_queue WHERE failures > 0 OR status = 'FAILED'`;
    expect(failed).toEqual([]);
    expect((await product.farm()).calls['queue/AddItem']).toBe(orders);
    expect(product.logs.slice(linesBefore).filter((line) => line.includes('failed unexpectedly'))).toEqual([]);
    expect(product.logs.length - linesBefore).toBeLessThan(150);
    expect(unhandled).toEqual([]);
  }, 180_000);
});

test('a lost LISTEN connection is degraded, not 503, and is made again', async () => {
  const listening = async (): Promise<unknown> => z.looseObject({ checks: z.looseObject({ listener: z.looseObject({ status: z.string() }) }) }).parse((await product.api('GET', '/health/ready')).body).checks.listener.status;
  const seen: number[] = [];
  await admin(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'forma3d-listener'`);
  await until(async () => {
    seen.push((await product.api('GET', '/health/ready')).status);
    return (await listening()) === 'degraded';
  });
  await until(async () => (await listening()) === 'ok');
  expect(new Set(seen)).toEqual(new Set([200]));
});
