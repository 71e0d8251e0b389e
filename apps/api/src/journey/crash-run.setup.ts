import { readFileSync, rmSync } from 'node:fs';
import { Database } from '@forma3d/database';
import { until } from '@forma3d/testing';
import { z } from 'zod';
import { ApiProcess, preciseNow, type Death } from './api-process.setup';
import { CrashWorld, type CrashJourney, type Ending } from './crash-world.setup';
import { Product } from './product.setup';

/** As short as the product allows it: what a death costs is waited for hundreds of times. */
export const LEASE_MS = 4_000;
const QUICK = { SETTLE_SECONDS: '1', TASK_LEASE_SECONDS: String(LEASE_MS / 1_000), OUTSIDE_TIMEOUT_MS: '2000', DATABASE_POOL: '8' };
const DAY_MS = 86_400_000;
const LATE_DEATH_MS = 3_000;

/** A point that a process passed, in milliseconds from the start of the journey; below 0 while the process starts. */
export interface Passed {
  point: string;
  ms: number;
}

export interface Run {
  /** By the first process, up to its death when there was one. */
  passed: readonly Passed[];
  /** From the start of the journey to its end, in milliseconds. */
  tookMs: number;
  death: { ms: number; restartMs: number; takenUpMs: number } | null;
  deaths: number;
  /** How often people did something once more, because no answer had come. */
  repeats: number;
  ending: Ending;
}

/** What a journey is made with: the built API, a database that is emptied first, and a file for the points passed. */
export interface Vehicle {
  main: string;
  url: string;
  record: string;
}

/** Makes one journey from an empty database and an empty sandbox, with the API as a process of its own that is killed at `crashPoint`. */
export async function travel({ main, url, record }: Vehicle, journey: CrashJourney, crashPoint?: string): Promise<Run> {
  rmSync(record, { force: true });
  await emptyDatabase(url);
  const watching = { FORMA3D_RECORD_POINTS: record, ...(crashPoint !== undefined && { FORMA3D_CRASH_POINT: crashPoint }) };
  let api: ApiProcess | undefined;
  let takenUp: Promise<number> | undefined;
  const startApi = async (settings: Record<string, string>): Promise<ApiProcess> => {
    const movedMs = journey.startsAt === undefined ? 0 : -msSince(journey.startsAt);
    return ApiProcess.start(settings, watching, {
      main,
      movedMs,
      started: (starting) => { api = starting; },
      died: (death) => { takenUp = heldTasksGone(url, death); },
    });
  };
  const product = await Product.start(url, { env: { ...QUICK, ...journey.env }, startApi });
  try {
    const theApi = (): ApiProcess => {
      if (api === undefined) throw new Error('the API was not started');
      return api;
    };
    const world = new CrashWorld(product, theApi);
    const startedAt = preciseNow();
    await journey.travel(world);
    const endedAt = preciseNow();
    await aroundTheClock(world);
    if (crashPoint !== undefined) await until(() => theApi().deaths.length > 0, { timeoutMs: LATE_DEATH_MS }).catch(() => false);
    await world.settled();
    const ending = await world.until('the ending to be told', () => world.ending());
    const [first] = theApi().deaths;
    const restarted = first && (await world.until('the API to be back', () => first.listensAgainAt));
    return {
      passed: readPoints(record, startedAt),
      tookMs: endedAt - startedAt,
      death: first && restarted !== undefined ? { ms: first.at - startedAt, restartMs: restarted - first.at, takenUpMs: (await takenUp) ?? 0 } : null,
      deaths: theApi().deaths.length,
      repeats: world.repeats,
      ending,
    };
  } catch (error) {
    const words = [`the journey that crashed at "${crashPoint ?? 'no point'}" did not end; the API said:`, api?.said.slice(-4_000) ?? '', await tableOf(product)];
    throw new Error(words.join('\n'), { cause: error });
  } finally {
    await product.stop();
  }
}

/** What is left to do, for the words of a failure. */
async function tableOf(product: Product): Promise<string> {
  const row = z.object({ row: z.string() });
  const rows = await product.db.sql.rows(row)`
    SELECT 'task ' || type || ' ' || status || ' due ' || due_at || ' ' || COALESCE(last_error, '') AS row FROM retry_queue WHERE status NOT IN ('COMPLETED')
    UNION ALL SELECT 'queue item ' || state || ' ' || COALESCE(simplyprint_id, '') || ' ' || COALESCE(last_error, '') FROM queue_item
    UNION ALL SELECT 'print ' || status || ' ' || COALESCE(simplyprint_job_id, '') FROM print_job`;
  return [...rows.map((each) => each.row), JSON.stringify(await product.farm())].join('\n');
}

/** What the clock does in a while, after each journey: it must find nothing left to do, and double nothing. */
async function aroundTheClock(world: CrashWorld): Promise<void> {
  await world.settled();
  await world.wake('CATCH_UP', 'PRINT_JOB_SWEEP');
  await world.settled();
}

/** Resolves with the milliseconds from the death until no task is held by the dead process any more. */
async function heldTasksGone(url: string, death: Death): Promise<number> {
  const db = new Database({ url, max: 1 });
  try {
    const claim = z.object({ id: z.string(), attempt: z.number() });
    const held = await db.sql.rows(claim)`SELECT id, attempt FROM retry_queue WHERE status = 'PROCESSING'`;
    if (held.length === 0) return 0;
    await until(
      async () => (await db.sql.rows(claim)`
        SELECT q.id, q.attempt FROM retry_queue q
        JOIN unnest(${held.map((each) => each.id)}::uuid[], ${held.map((each) => each.attempt)}::int[]) AS h (id, attempt) USING (id, attempt)
        WHERE q.status = 'PROCESSING'`).length === 0,
      { timeoutMs: 60_000, everyMs: 50, what: 'the tasks of the dead process to be taken up' },
    );
    return preciseNow() - death.at;
  } finally {
    await db.close();
  }
}

export function readPoints(file: string, startedAt: number): Passed[] {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [at = '', point = ''] = line.split('\t');
    return { point, ms: Number(at) - startedAt };
  });
}

/** Milliseconds since it was this time of day (UTC). */
function msSince(timeOfDay: string): number {
  const now = new Date();
  const then = Date.parse(`${now.toISOString().slice(0, 10)}T${timeOfDay}Z`);
  return (now.getTime() - then + DAY_MS) % DAY_MS;
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
