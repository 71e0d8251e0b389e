import { readFileSync, rmSync } from 'node:fs';
import { Database } from '@forma3d/database';
import { until } from '@forma3d/testing';
import { z } from 'zod';
import { ApiProcess } from './api-process.setup';
import { Product } from './product.setup';

const QUICK = { SETTLE_SECONDS: '1', TASK_LEASE_SECONDS: '3', OUTSIDE_TIMEOUT_MS: '1000', DATABASE_POOL: '8' };
/** The slots of cron are minutes; a little more, so that one surely begins. */
const A_MINUTE_MS = 65_000;
/** One part each; the first print of all fails once and is made again. */
const LINES = [
  { sku: 'PLANTER', quantity: 2, location: 'Workshop' },
  { sku: 'SAUCER', quantity: 1, location: 'City counter' },
];

/** What the journey ended in, as Shopify, the farm and our own records have it. */
export interface Ending {
  shopify: { status: string; fulfillments: number; units: number };
  farm: { added: number; left: number; prints: number };
  ours: { orders: number; queueItems: number; prints: number; completed: number; failed: number; ready: number; fulfilled: number; production: string };
  tasksFailed: unknown[];
}

/** How every journey has to end, wherever the process died on the way. */
export const RIGHT_ENDING: Ending = {
  shopify: { status: 'FULFILLED', fulfillments: 2, units: 3 },
  farm: { added: 3, left: 0, prints: 4 },
  ours: { orders: 1, queueItems: 3, prints: 4, completed: 3, failed: 1, ready: 1, fulfilled: 2, production: 'COMPLETED' },
  tasksFailed: [],
};

export interface Journey {
  /** Every point that was passed, once, in order; up to the death when there was one. */
  points: string[];
  /** The last point that the first process passed: the one it died at. */
  lastPoint: string | undefined;
  deaths: number;
  /** From the death until both fulfillments were there; null when it did not die before. */
  recoveryMs: number | null;
  ending: Ending;
}

/**
 * One order of two lines at two locations, one print of which fails, from an empty database and an empty sandbox to the very end.
 * The API is a process of its own, killed at `crashPoint` and then started again without it.
 */
export async function travel(url: string, record: string, crashPoint?: string): Promise<Journey> {
  rmSync(record, { force: true });
  await emptyDatabase(url);
  const watching = { FORMA3D_RECORD_POINTS: record, ...(crashPoint !== undefined && { FORMA3D_CRASH_POINT: crashPoint }) };
  let api: ApiProcess | undefined;
  const product = await Product.start(url, { env: QUICK, startApi: async (settings) => (api = await ApiProcess.start(settings, watching)) });
  try {
    for (const { sku } of LINES) await mapThrough(product, sku);
    await product.fault({ target: 'simplyprint', kind: 'fail-prints', count: 1 });
    const id = await product.order(LINES);
    await reachTheEnd(product, id);
    const recoveryMs = api?.diedAt === undefined ? null : performance.now() - api.diedAt;
    await settled(product);
    const died = (): boolean => crashPoint === undefined || (api?.deaths ?? 0) > 0;
    // What the clock does in a while: each journey passes it.
    for (const type of ['CATCH_UP', 'PRINT_JOB_SWEEP'] as const) await product.wake(type);
    await settled(product);
    if (!died()) await until(died, { timeoutMs: crashPoint?.includes(' cron.') === true ? A_MINUTE_MS : 3_000 }).catch(() => false);
    await settled(product);
    // It may have died a moment ago, and not listen yet.
    const ending = await until(() => endingOf(product, id), { timeoutMs: 20_000, everyMs: 100, what: 'the API to tell the ending' });
    const passed = readFileSync(record, 'utf8').trimEnd().split('\n');
    return { points: [...new Set(passed)], lastPoint: passed.at(-1), deaths: api?.deaths ?? 0, recoveryMs, ending };
  } catch (error) {
    throw new Error(`the journey that crashed at "${crashPoint ?? 'no point'}" did not end; the API said:\n${api?.said.slice(-4_000) ?? ''}`, { cause: error });
  } finally {
    await product.stop();
  }
}

/** As an operator does it: once more when no answer came, and content when it turns out to be there. */
async function mapThrough(product: Product, sku: string): Promise<void> {
  await until(() => product.map(sku).then(() => true, (error: unknown) => String(error).includes(': 409 ')), { timeoutMs: 20_000, everyMs: 100, what: `mapping ${sku}` });
}

async function reachTheEnd(product: Product, id: string): Promise<void> {
  await until(
    async () => (await product.ours(id)).timeline.filter((entry) => entry.type === 'fulfillment.created').length === 2,
    { timeoutMs: 90_000, everyMs: 100, what: 'both fulfillments' },
  );
}

/** Also what a dead process holds: its lease has to run out first. */
async function settled(product: Product): Promise<void> {
  await until(() => product.settled().then(() => true), { timeoutMs: 40_000 });
}

async function endingOf(product: Product, id: string): Promise<Ending> {
  const [shop, farm, order] = [await product.shopOrder(id), await product.farm(), await product.ours(id)];
  const prints = await product.db.sql.rows(z.object({ status: z.string() }))`SELECT status FROM print_job`;
  const failed = await product.db.sql.rows(z.unknown())`SELECT type, last_error FROM retry_queue WHERE status = 'FAILED'`;
  const told = (type: string): number => order.timeline.filter((entry) => entry.type === type).length;
  return {
    shopify: {
      status: shop.display_fulfillment_status,
      fulfillments: shop.fulfillments.length,
      units: shop.fulfillments.flatMap((each) => each.lines).reduce((sum, line) => sum + line.quantity, 0),
    },
    farm: { added: farm.calls['queue/AddItem'] ?? 0, left: farm.queue.reduce((sum, item) => sum + item.left, 0), prints: farm.jobs.length },
    ours: {
      orders: await product.count('orders'),
      queueItems: await product.count('queue_item'),
      prints: prints.length,
      completed: prints.filter((print) => print.status === 'COMPLETED').length,
      failed: prints.filter((print) => print.status === 'FAILED').length,
      ready: told('order.ready-for-fulfillment'),
      fulfilled: told('fulfillment.created'),
      production: order.production_status,
    },
    tasksFailed: failed,
  };
}

async function emptyDatabase(url: string): Promise<void> {
  const db = new Database({ url, max: 1 });
  try {
    await db.pool.query(`DO $$ BEGIN EXECUTE (SELECT 'TRUNCATE ' || string_agg(quote_ident(tablename), ', ') || ' CASCADE'
      FROM pg_tables WHERE schemaname = 'public' AND tablename <> '_prisma_migrations'); END $$`);
  } finally {
    await db.close();
  }
}
