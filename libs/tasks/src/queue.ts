import { TASKS, type TaskType } from '@forma3d/contracts';
import type { Database, Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { z } from 'zod';
import type { Task } from './task';
import { storedTask, taskOf } from './stored-task';

const claimed = storedTask.transform(taskOf);

const touched = z.object({ id: z.string() });

/** Which claim of a task: finishing for another one touches nothing. */
export interface Claim {
  id: string;
  attempt: number;
}

const ids = (claims: readonly Claim[]): string[] => claims.map((claim) => claim.id);
const attempts = (claims: readonly Claim[]): number[] => claims.map((claim) => claim.attempt);

/** Every statement on `retry_queue` that the processor runs. Due times are the clock's, leases the database's. */
export class Queue {
  constructor(
    private readonly db: Database,
    private readonly clock: Clock,
    private readonly worker: string,
    private readonly leaseMs: number,
  ) {}

  /**
   * Completes the tasks of the last round and claims the next, in one statement: round trips are what limits a queue
   * (measured: 1.4 × the speed of two statements). A task that was asked for again while it ran is claimed once more.
   */
  completeAndClaim(finished: readonly Claim[], types: readonly TaskType[], limit: number): Promise<Task[]> {
    const now = this.clock.now();
    return this.db.sql.rows(claimed)`
      WITH finished AS (
        UPDATE retry_queue q SET
          status = CASE WHEN NOT q.again THEN 'COMPLETED' WHEN ${limit}::int > 0 THEN 'PROCESSING' ELSE 'PENDING' END,
          attempt = CASE WHEN q.again THEN q.attempt + 1 ELSE q.attempt END,
          failures = CASE WHEN q.again THEN 0 ELSE q.failures END,
          due_at = CASE WHEN q.again THEN ${now} ELSE q.due_at END,
          started_at = CASE WHEN q.again THEN ${now} ELSE q.started_at END,
          finished_at = CASE WHEN q.again THEN NULL ELSE ${now}::timestamptz END,
          lease_until = CASE WHEN q.again AND ${limit}::int > 0 THEN clock_timestamp() + ${this.leaseMs} * interval '1 ms' END,
          again = false, snoozed = false
        FROM unnest(${ids(finished)}::uuid[], ${attempts(finished)}::int[]) AS f (id, attempt)
        WHERE q.id = f.id AND q.attempt = f.attempt AND q.status = 'PROCESSING'
        RETURNING q.*
      ), taken AS (
        UPDATE retry_queue q SET
          status = 'PROCESSING', attempt = q.attempt + 1, snoozed = false, started_at = ${now},
          lease_until = clock_timestamp() + ${this.leaseMs} * interval '1 ms', leased_by = ${this.worker}
        -- An array is looked up by the primary key; a join may be planned as one with the whole table.
        WHERE id = ANY (ARRAY(
          SELECT id FROM retry_queue
          WHERE status = 'PENDING' AND due_at <= ${now} AND type = ANY (${types})
          ORDER BY due_at LIMIT ${limit} FOR UPDATE SKIP LOCKED
        ))
        RETURNING q.*
      )
      SELECT id, type, store_id, order_id, event_id, payload, attempt, failures, max_attempts, replays, correlation_id
      FROM (SELECT * FROM taken UNION ALL SELECT * FROM finished WHERE status = 'PROCESSING') AS ours`;
  }

  /** Prolongs the leases of all running tasks in one statement; answers the ids that are still ours. */
  async renew(running: readonly Claim[]): Promise<Set<string>> {
    const rows = await this.db.sql.rows(z.object({ id: z.string() }))`
      UPDATE retry_queue q SET lease_until = clock_timestamp() + ${this.leaseMs} * interval '1 ms'
      FROM unnest(${ids(running)}::uuid[], ${attempts(running)}::int[]) AS r (id, attempt)
      WHERE q.id = r.id AND q.attempt = r.attempt AND q.status = 'PROCESSING'
      RETURNING q.id`;
    return new Set(rows.map((row) => row.id));
  }

  /** Puts a claimed task back to wait; an attempt that failed is noted. Answers false when the claim is no longer ours. */
  async postpone(tx: Tx, claim: Claim, how: { dueAt: Date; why: string; failed: boolean }): Promise<boolean> {
    const now = this.clock.now();
    const row = await tx.sql.maybe(touched)`
      WITH moved AS (
        UPDATE retry_queue SET
          status = 'PENDING', failures = failures + ${how.failed ? 1 : 0}, last_error = ${how.why}, snoozed = ${!how.failed},
          due_at = CASE WHEN again AND ${!how.failed} THEN ${now} ELSE ${how.dueAt}::timestamptz END,
          again = false, lease_until = NULL, leased_by = NULL
        WHERE id = ${claim.id} AND attempt = ${claim.attempt} AND status = 'PROCESSING'
        RETURNING id, attempt, store_id, started_at
      ), noted AS (
        INSERT INTO task_attempt (task_id, attempt, store_id, started_at, ended_at, error)
        SELECT id, attempt, store_id, started_at, ${now}::timestamptz, ${how.why}::text FROM moved WHERE ${how.failed}
        ON CONFLICT DO NOTHING
      )
      SELECT id FROM moved`;
    return row !== undefined;
  }

  /**
   * Ends a claimed task as FAILED. One that was asked for again while it ran has not seen why: it starts anew instead.
   * Answers `lost` when the claim is no longer ours.
   */
  async fail(tx: Tx, claim: Claim, why: string): Promise<'failed' | 'again' | 'lost'> {
    const now = this.clock.now();
    const row = await tx.sql.maybe(z.object({ status: z.string() }))`
      WITH ended AS (
        UPDATE retry_queue SET
          status = CASE WHEN again THEN 'PENDING' ELSE 'FAILED' END,
          failures = CASE WHEN again THEN 0 ELSE failures + 1 END,
          due_at = CASE WHEN again THEN ${now} ELSE due_at END,
          finished_at = CASE WHEN again THEN NULL ELSE ${now}::timestamptz END,
          last_error = ${why}, again = false, snoozed = false, lease_until = NULL, leased_by = NULL
        WHERE id = ${claim.id} AND attempt = ${claim.attempt} AND status = 'PROCESSING'
        RETURNING id, attempt, store_id, started_at, status
      ), noted AS (
        INSERT INTO task_attempt (task_id, attempt, store_id, started_at, ended_at, error)
        SELECT id, attempt, store_id, started_at, ${now}::timestamptz, ${why}::text FROM ended
        ON CONFLICT DO NOTHING
      )
      SELECT status FROM ended`;
    if (!row) return 'lost';
    return row.status === 'FAILED' ? 'failed' : 'again';
  }

  /** Gives tasks back unharmed, for a process that stops: no attempt is used. */
  async handBack(claims: readonly Claim[]): Promise<void> {
    await this.db.sql`
      UPDATE retry_queue q SET status = 'PENDING', due_at = ${this.clock.now()}, again = false,
        lease_until = NULL, leased_by = NULL
      FROM unnest(${ids(claims)}::uuid[], ${attempts(claims)}::int[]) AS r (id, attempt)
      WHERE q.id = r.id AND q.attempt = r.attempt AND q.status = 'PROCESSING'`;
  }

  /**
   * Gives back what this worker holds without knowing: claims whose answer was lost, and tasks whose outcome could not be written. The
   * work is done again; no attempt is used, because the database was at fault.
   *
   * @param known the tasks that this worker does know of
   */
  handBackStrays(known: readonly string[]): Promise<number> {
    return this.db.sql`
      UPDATE retry_queue SET status = 'PENDING', due_at = ${this.clock.now()}, again = false, lease_until = NULL, leased_by = NULL
      WHERE status = 'PROCESSING' AND leased_by = ${this.worker} AND NOT (id = ANY (${known}::uuid[]))`;
  }

  /**
   * Takes tasks whose lease ran out: their worker died or hangs. Each becomes due at once with one failure more; those
   * without an attempt left are claimed for the caller, who ends them as FAILED, or has them start anew when they were asked for again.
   */
  reap(limit: number): Promise<Task[]> {
    return this.db.sql.rows(claimed)`
      WITH lost AS (
        SELECT id, failures + 1 >= max_attempts AS over FROM retry_queue
        WHERE status = 'PROCESSING' AND lease_until < clock_timestamp()
        ORDER BY lease_until LIMIT ${limit} FOR UPDATE SKIP LOCKED
      ), reaped AS (
        UPDATE retry_queue q SET
          status = CASE WHEN lost.over THEN 'PROCESSING' ELSE 'PENDING' END,
          attempt = q.attempt + 1,
          failures = CASE WHEN lost.over THEN q.failures ELSE q.failures + 1 END,
          last_error = 'the process that worked on it died or lost its lease',
          due_at = ${this.clock.now()}, again = q.again AND lost.over, leased_by = ${this.worker},
          lease_until = CASE WHEN lost.over THEN clock_timestamp() + ${this.leaseMs} * interval '1 ms' END
        FROM lost WHERE q.id = lost.id
        RETURNING q.*, lost.over
      ), noted AS (
        INSERT INTO task_attempt (task_id, attempt, store_id, started_at, ended_at, error)
        SELECT id, attempt - 1, store_id, started_at, ${this.clock.now()}::timestamptz, last_error FROM reaped WHERE NOT over
        ON CONFLICT DO NOTHING
      )
      SELECT id, type, store_id, order_id, event_id, payload, attempt, failures, max_attempts, replays, correlation_id
      FROM reaped WHERE over`;
  }

  payloadOf(task: Task): Task['payload'] {
    return TASKS[task.type].payload.parse(task.payload);
  }
}
