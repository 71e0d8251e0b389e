import { TASK_STATUSES, TASK_TYPES, type FailedTasks, type TaskType } from '@forma3d/contracts';
import { fragment, nothing, storeTime, timestamptz, uuid, type Database, type SqlText, type Tx } from '@forma3d/database';
import { storedTask } from '@forma3d/tasks';
import { z } from 'zod';

const lockedRow = storedTask.extend({
  status: z.enum(TASK_STATUSES),
  dedupe_key: z.string().nullable(),
  last_error: z.string().nullable(),
  due_at: timestamptz,
  finished_at: timestamptz.nullable(),
});
/** A task whose row this transaction holds. */
export type LockedTask = z.output<typeof lockedRow>;

const COLUMNS = fragment`
  q.id, q.type, q.status, q.store_id, q.order_id, q.event_id, q.payload, q.dedupe_key, q.attempt, q.failures, q.max_attempts, q.replays,
  q.last_error, q.correlation_id, q.due_at, q.finished_at`;

export function lockTask(tx: Tx, storeId: string, id: string): Promise<LockedTask | undefined> {
  return tx.sql.maybe(lockedRow)`SELECT ${COLUMNS} FROM retry_queue q WHERE q.id = ${id} AND q.store_id = ${storeId} FOR UPDATE`;
}

/** Where a walk through the failed tasks stands: those that failed first come first. */
export interface Position {
  finishedAt: Date;
  id: string;
}

/** A walk through failed tasks. What fails after `until` is none of it: also what the walk itself had tried again. */
export interface Walk {
  storeId: string;
  which: FailedTasks;
  until: Date;
}

const failed = ({ storeId, which, until }: Walk, after: Position | undefined): SqlText => fragment`
  FROM retry_queue q JOIN store s ON s.id = q.store_id
  WHERE q.store_id = ${storeId} AND q.status = 'FAILED' AND q.finished_at <= ${until}
    ${which.type === undefined ? nothing : fragment`AND q.type = ${which.type}`}
    ${storeTime(fragment`q.finished_at`, which.failed_from, which.failed_to)}
    ${after === undefined ? nothing : fragment`AND (q.finished_at, q.id) > (${after.finishedAt}::timestamptz, ${after.id}::uuid)`}`;

/** The next failed tasks, those that failed first first; what somebody else holds is left to them. Index retry_queue_ended. */
export function lockFailed(tx: Tx, walk: Walk, after: Position | undefined, limit: number): Promise<LockedTask[]> {
  return tx.sql.rows(lockedRow)`
    SELECT ${COLUMNS} ${failed(walk, after)} ORDER BY q.finished_at, q.id LIMIT ${limit} FOR UPDATE OF q SKIP LOCKED`;
}

export async function countFailed(db: Database, walk: Walk, after: Position | undefined): Promise<number> {
  const { n } = await db.sql.one(z.object({ n: z.coerce.number() }))`SELECT count(*) AS n ${failed(walk, after)}`;
  return n;
}

const openRow = z.object({ id: uuid, type: z.enum(TASK_TYPES), dedupe_key: z.string() });

/** Open tasks about the same as one of these. Index retry_queue_open. */
export function openTwins(tx: Tx, tasks: readonly Pick<LockedTask, 'type' | 'dedupe_key'>[]): Promise<{ id: string; type: TaskType; dedupe_key: string }[]> {
  const keyed = tasks.filter((task) => task.dedupe_key !== null);
  if (keyed.length === 0) return Promise.resolve([]);
  return tx.sql.rows(openRow)`
    SELECT q.id, q.type, q.dedupe_key FROM retry_queue q
    JOIN unnest(${keyed.map((task) => task.type)}::text[], ${keyed.map((task) => task.dedupe_key)}::text[]) AS k (type, dedupe_key)
      ON q.type = k.type AND q.dedupe_key = k.dedupe_key
    WHERE q.status IN ('PENDING', 'PROCESSING')`;
}

/** Tasks that had ended wait again, each for its time, with all attempts before them. */
export async function reopen(tx: Tx, tasks: readonly { id: string; dueAt: Date }[]): Promise<void> {
  await tx.sql`
    UPDATE retry_queue q SET status = 'PENDING', failures = 0, replays = q.replays + 1, due_at = r.due_at, finished_at = NULL, snoozed = false, again = false
    FROM unnest(${tasks.map((task) => task.id)}::uuid[], ${tasks.map((task) => task.dueAt.toISOString())}::timestamptz[]) AS r (id, due_at)
    WHERE q.id = r.id AND q.status IN ('FAILED', 'DISCARDED')`;
}

/** A task that waits for a later time runs now. */
export async function bringForward(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.sql`UPDATE retry_queue SET due_at = LEAST(due_at, ${now}::timestamptz) WHERE id = ${id} AND status = 'PENDING'`;
}

export async function discard(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx.sql`
    UPDATE retry_queue SET status = 'DISCARDED', finished_at = ${now}, snoozed = false, again = false
    WHERE id = ANY (${ids}::uuid[]) AND status IN ('PENDING', 'FAILED')`;
}
