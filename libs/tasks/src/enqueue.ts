import { TASKS, type TaskType } from '@forma3d/contracts';
import { currentScope, type Database, type Tx } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { z } from 'zod';
import type { NewTask } from './task';

/** A new task as the row it becomes. Also the shape that the inbox's own statement inserts. */
export function taskRow<T extends TaskType>(task: NewTask<T>, clock: Clock) {
  const definition = TASKS[task.type];
  return {
    id: newId(),
    type: task.type,
    store_id: task.storeId,
    event_id: task.eventId ?? null,
    order_id: task.orderId ?? null,
    payload: definition.payload.parse(task.payload),
    dedupe_key: task.dedupeKey ?? null,
    max_attempts: definition.maxAttempts,
    due_at: (task.dueAt ?? clock.now()).toISOString(),
    correlation_id: currentScope().correlationId,
  };
}

/** Within one statement a dedupe key may stand once; sorted, so that two transactions lock keys in the same order. */
function withoutRepeats(rows: ReturnType<typeof taskRow>[]): ReturnType<typeof taskRow>[] {
  const byKey = new Map(rows.map((row) => [`${row.type} ${row.dedupe_key ?? row.id}`, row]));
  return [...byKey.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, row]) => row);
}

/**
 * Writes tasks in the caller's transaction, set-based. A repeat of an open task (same type and dedupe key) adds none:
 * one that waits stays as it is, or comes forward when it was only snoozed; one that runs will run once more, because
 * it may have read before this change.
 */
export async function insertTasks(tx: Tx, clock: Clock, tasks: readonly NewTask[]): Promise<void> {
  if (tasks.length === 0) return;
  const rows = withoutRepeats(tasks.map((task) => taskRow(task, clock)));
  await tx.sql`
    INSERT INTO retry_queue AS open
      (id, type, store_id, event_id, order_id, payload, dedupe_key, max_attempts, due_at, correlation_id)
    SELECT id, type, store_id, event_id, order_id, payload, dedupe_key, max_attempts, due_at, correlation_id
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
      (id uuid, type text, store_id uuid, event_id uuid, order_id uuid, payload jsonb, dedupe_key text,
       max_attempts smallint, due_at timestamptz, correlation_id text)
    ON CONFLICT (type, dedupe_key) WHERE status IN ('PENDING', 'PROCESSING') DO UPDATE SET
      again = open.status = 'PROCESSING',
      due_at = CASE WHEN open.status = 'PENDING' THEN LEAST(open.due_at, excluded.due_at) ELSE open.due_at END
    WHERE (open.status = 'PROCESSING' AND NOT open.again)
       OR (open.status = 'PENDING' AND open.snoozed AND open.due_at > excluded.due_at)`;
}

/** Lets a task that waits for a later time (after a failure, or snoozed) run at once; one that runs or is due stays as it is. */
export async function hastenTask(tx: Tx, clock: Clock, task: Pick<NewTask, 'type'> & { dedupeKey: string }): Promise<void> {
  const now = clock.now();
  await tx.sql`
    UPDATE retry_queue SET due_at = ${now}
    WHERE type = ${task.type} AND dedupe_key = ${task.dedupeKey} AND status = 'PENDING' AND due_at > ${now}`;
}

/** Lets every task of a store that waits for something (a refusal, a limit, a hold) look at once whether it is over. */
export async function hastenSnoozed(tx: Tx, clock: Clock, storeId: string): Promise<void> {
  const now = clock.now();
  await tx.sql`
    UPDATE retry_queue SET due_at = ${now}
    WHERE store_id = ${storeId} AND status = 'PENDING' AND snoozed AND due_at > ${now}`;
}

/**
 * Whether such a task is asked for already and has not begun: asking once more would change nothing. Only for whose reason to ask is
 * committed: what is not committed yet, that task may not see. Takes no lock, where hundreds ask for the same at once.
 */
export async function isAsked(db: Pick<Database, 'sql'>, clock: Clock, task: Pick<NewTask, 'type'> & { dedupeKey: string }): Promise<boolean> {
  const { asked } = await db.sql.one(z.object({ asked: z.boolean() }))`
    SELECT EXISTS (
      SELECT 1 FROM retry_queue WHERE type = ${task.type} AND dedupe_key = ${task.dedupeKey}
        AND ((status = 'PENDING' AND (due_at <= ${clock.now()} OR NOT snoozed)) OR (status = 'PROCESSING' AND again))) AS asked`;
  return asked;
}
