import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@forma3d/database';
import { within, type Clock } from '@forma3d/kernel';
import { z } from 'zod';
import { MailReadiness, type Check } from './mail-readiness';
import { OutsideSightings } from './outside-troubles';
import { TaskRunner } from './task-runner';
import { CLOCK } from './tokens';
import { Wakeups } from './wakeups';

/** A task that waits longer than this past its time says that the queue does not keep up. */
const LAG_TOLERATED_MS = 60_000;
/** Who asks for readiness waits a few seconds at most; a database that hangs is one that cannot be reached. */
const DATABASE_PATIENCE_MS = 2_000;
const LEAST_FREE_BYTES = 500 * 1024 * 1024;

export interface Readiness {
  /** `not-ready` only for what keeps this process from serving at all. */
  status: 'ok' | 'degraded' | 'not-ready';
  checks: { database: Check; queue: Check; listener: Check; shopify: Check; simplyprint: Check; smtp: Check; disk: Check };
}

const state = z.object({ due_at: z.date().nullable(), refusing: z.array(z.string()), read_only: z.boolean() });
const unknown: Check = { status: 'degraded', detail: 'not known without the database' };

/**
 * What `/health/ready` says. Shopify and SimplyPrint are reported as the last calls saw them: a probe calls neither. The mail server, which is
 * seldom called, is greeted once a minute at most.
 */
@Injectable()
export class Health {
  constructor(
    private readonly db: Database,
    @Inject(Wakeups) private readonly wakeups: Pick<Wakeups, 'listening'>,
    @Inject(TaskRunner) private readonly runner: Pick<TaskRunner, 'stopping'>,
    private readonly sightings: OutsideSightings,
    @Inject(MailReadiness) private readonly mail: Pick<MailReadiness, 'check'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async readiness(): Promise<Readiness> {
    const [database, disk, smtp] = await Promise.all([this.database(), freeSpace(), this.mail.check()]);
    const listener: Check = this.wakeups.listening ? { status: 'ok' } : { status: 'degraded', detail: 'new work is found by polling only' };
    const checks = { ...database, smtp, listener, disk };
    if (this.runner.stopping) return { status: 'not-ready', checks };
    if (database.database.status === 'failed') return { status: 'not-ready', checks };
    const well = Object.values(checks).every((check) => check.status === 'ok');
    return { status: well ? 'ok' : 'degraded', checks };
  }

  private async database(): Promise<Pick<Readiness['checks'], 'database' | 'queue' | 'shopify' | 'simplyprint'>> {
    try {
      const { due_at: oldestDue, refusing, read_only: readOnly } = await within(DATABASE_PATIENCE_MS, this.ask(), 'the database');
      const refusers = new Set(refusing);
      return {
        // A standby, or a primary that was told to write nothing: whatever we do here ends in a write.
        database: readOnly ? { status: 'failed', detail: 'takes no writes' } : { status: 'ok' },
        queue: lagCheck(oldestDue, this.clock.now()),
        shopify: this.outside('shopify', refusers),
        simplyprint: this.outside('simplyprint', refusers),
      };
    } catch {
      // The reason may name hosts and users; it is in the log of whoever needed the database.
      const detail = this.db.pool.waitingCount > 0 ? 'no connection of the pool is free' : 'cannot be reached';
      return { database: { status: 'failed', detail }, queue: unknown, shopify: unknown, simplyprint: unknown };
    }
  }

  /** One statement, so that a probe takes one connection. */
  private ask(): Promise<z.output<typeof state>> {
    return this.db.sql.one(state)`
      SELECT (SELECT min(due_at) FROM retry_queue WHERE status = 'PENDING') AS due_at,
        ARRAY(SELECT DISTINCT system FROM outside_limit WHERE refused_since IS NOT NULL) AS refusing,
        pg_is_in_recovery() OR current_setting('transaction_read_only') = 'on' AS read_only`;
  }

  private outside(system: 'shopify' | 'simplyprint', refusers: ReadonlySet<string>): Check {
    if (refusers.has(system)) return { status: 'degraded', detail: 'refuses our credentials' };
    if (!this.sightings.answers(system)) return { status: 'degraded', detail: 'did not answer the last call' };
    return { status: 'ok' };
  }
}

function lagCheck(oldestDue: Date | null, now: Date): Check {
  const lag = oldestDue === null ? 0 : Math.max(0, now.getTime() - oldestDue.getTime());
  return { status: lag > LAG_TOLERATED_MS ? 'degraded' : 'ok', lag_ms: lag };
}

async function freeSpace(): Promise<Check> {
  try {
    const { bavail, bsize } = await statfs(process.cwd());
    const free = bavail * bsize;
    return { status: free < LEAST_FREE_BYTES ? 'degraded' : 'ok', free_bytes: free };
  } catch {
    return { status: 'degraded', detail: 'free space cannot be read' };
  }
}
