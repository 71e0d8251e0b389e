import { setTimeout as pause } from 'node:timers/promises';
import { Database, DatabaseTrouble, troubleOf } from '@forma3d/database';
import { z } from 'zod';
import { makeLogger } from './logging';
import { standIn } from './stand-in';

/** Longer than a restart, a failover or a restore of a small database takes; after that a supervisor should see that something is wrong. */
const PATIENCE_MS = 300_000;
const EVERY_MS = 1_000;
const TELL_EVERY_MS = 10_000;

export interface AwaitedDatabase {
  port: number;
  host: string;
  databaseUrl: string;
  logLevel: string;
}

export interface AwaitOptions {
  /** Ends the waiting, as a signal to the process does. */
  signal?: AbortSignal;
  patienceMs?: number;
  everyMs?: number;
  /** Where log lines go instead of stdout. */
  log?: { warn: (facts: object, words: string) => void; info: (words: string) => void };
}

/** SQLSTATE of a write that a standby refuses. */
const READ_ONLY = '25006';
const readOnly = z.object({ read_only: z.boolean() });

/**
 * Resolves when the database takes writes; at once where it does. Until then the process answers that it lives and is not ready, so that
 * it may be started at the same moment as its database, or during an outage of it. What no waiting cures ends the start at once: a wrong
 * password, a database that is not there, an address that is none.
 *
 * @throws DatabaseTrouble after the time that an operator would want to know
 */
export async function awaitDatabase(config: AwaitedDatabase, { signal, patienceMs = PATIENCE_MS, everyMs = EVERY_MS, log = makeLogger(config.logLevel) }: AwaitOptions = {}): Promise<void> {
  const db = new Database({ url: config.databaseUrl, max: 1, applicationName: 'forma3d-start' });
  try {
    const first = await troubleWith(db);
    if (!first) return;
    const end = await standIn(config.port, config.host);
    try {
      await outlast(db, first, { patienceMs, everyMs, log, ...(signal && { signal }) });
    } finally {
      await end();
    }
    log.info('the database is there; starting');
  } finally {
    await db.close();
  }
}

async function outlast(db: Database, first: DatabaseTrouble, { signal, patienceMs, everyMs, log }: Required<Omit<AwaitOptions, 'signal'>> & Pick<AwaitOptions, 'signal'>): Promise<void> {
  const startedAt = performance.now();
  let toldAt = -Infinity;
  for (let trouble: DatabaseTrouble | undefined = first; trouble; trouble = await troubleWith(db)) {
    const waitedMs = performance.now() - startedAt;
    if (waitedMs >= patienceMs) throw trouble;
    if (performance.now() - toldAt >= TELL_EVERY_MS) {
      toldAt = performance.now();
      log.warn({ code: trouble.code, waited_s: Math.round(waitedMs / 1_000), patience_s: patienceMs / 1_000 }, 'the database cannot be reached; waiting for it before the start');
    }
    await pause(everyMs, undefined, signal && { signal });
  }
}

/** What keeps the database from serving, if it is something that passes. */
async function troubleWith(db: Database): Promise<DatabaseTrouble | undefined> {
  try {
    const { read_only: standby } = await db.sql.one(readOnly)`SELECT pg_is_in_recovery() AS read_only`;
    return standby ? new DatabaseTrouble('away', READ_ONLY, undefined) : undefined;
  } catch (error) {
    const trouble = troubleOf(error);
    if (!trouble) throw error;
    return trouble;
  }
}
