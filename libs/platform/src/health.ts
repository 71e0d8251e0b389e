import { statfs } from 'node:fs/promises';
import { Inject, Injectable } from '@nestjs/common';
import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { z } from 'zod';
import { OutsideSightings } from './outside-troubles';
import { TaskRunner } from './task-runner';
import { CLOCK } from './tokens';
import { Wakeups } from './wakeups';

/** A task that waits longer than this past its time says that the queue does not keep up. */
const LAG_TOLERATED_MS = 60_000;
/** Who asks for readiness waits a few seconds at most; a database that hangs is one that cannot be reached. */
const DATABASE_PATIENCE_MS = 2_000;
const LEAST_FREE_BYTES = 500 * 1024 * 1024;

export interface Check {
  status: 'ok' | 'degraded' | 'failed';
  detail?: string;
  lag_ms?: number;
  free_bytes?: number;
}

export interface Readiness {
  /** `not-ready` only for what keeps this process from serving at all. */
  status: 'ok' | 'degraded' | 'not-ready';
  checks: { database: Check; queue: Check; listener: Check; shopify: Check; simplyprint: Check; disk: Check };
}

const due = z.object({ due_at: z.date().nullable() });
const refusing = z.object({ system: z.string() });
const unknown: Check = { status: 'degraded', detail: 'not known without the database' };

/** What `/health/ready` says. Outside systems are reported as the last calls saw them: a probe calls nobody. */
@Injectable()
export class Health {
  constructor(
    private readonly db: Database,
    @Inject(Wakeups) private readonly wakeups: Pick<Wakeups, 'listening'>,
    @Inject(TaskRunner) private readonly runner: Pick<TaskRunner, 'stopping'>,
    private readonly sightings: OutsideSightings,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async readiness(): Promise<Readiness> {
    const [database, disk] = await Promise.all([this.database(), freeSpace()]);
    const listener: Check = this.wakeups.listening ? { status: 'ok' } : { status: 'degraded', detail: 'new work is found by polling only' };
    const checks = { ...database, listener, disk };
    if (this.runner.stopping) return { status: 'not-ready', checks };
    if (database.database.status === 'failed') return { status: 'not-ready', checks };
    const well = Object.values(checks).every((check) => check.status === 'ok');
    return { status: well ? 'ok' : 'degraded', checks };
  }

  private async database(): Promise<Pick<Readiness['checks'], 'database' | 'queue' | 'shopify' | 'simplyprint'>> {
    try {
      const asked = Promise.all([
        this.db.sql.one(due)`SELECT min(due_at) AS due_at FROM retry_queue WHERE status = 'PENDING'`,
        this.db.sql.rows(refusing)`SELECT DISTINCT system FROM outside_limit WHERE refused_since IS NOT NULL`,
      ]);
      const [oldest, refused] = await within(DATABASE_PATIENCE_MS, asked);
      const refusers = new Set(refused.map((row) => row.system));
      return {
        database: { status: 'ok' },
        queue: lagCheck(oldest.due_at, this.clock.now()),
        shopify: this.outside('shopify', refusers),
        simplyprint: this.outside('simplyprint', refusers),
      };
    } catch {
      // The reason may name hosts and users; it is in the log of whoever needed the database.
      return { database: { status: 'failed', detail: 'cannot be reached' }, queue: unknown, shopify: unknown, simplyprint: unknown };
    }
  }

  private outside(system: 'shopify' | 'simplyprint', refusers: ReadonlySet<string>): Check {
    if (refusers.has(system)) return { status: 'degraded', detail: 'refuses our credentials' };
    if (!this.sightings.answers(system)) return { status: 'degraded', detail: 'did not answer the last call' };
    return { status: 'ok' };
  }
}

/** Rejects when the answer takes longer. */
function within<T>(ms: number, answer: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => { reject(new Error('no answer in time')); }, ms);
    answer.then(resolve, reject).finally(() => { clearTimeout(timer); });
  });
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
