import { TASK_STATUSES, TASK_TYPES, type RetryQueueDetail, type RetryQueueQuery, type RetryQueueTask, type TaskAttemptView } from '@forma3d/contracts';
import { Database, fragment, nothing, storeTime, timestamptz, uuid } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { shownPayload } from './shown-payload';
import { actionsOf } from './task-actions';

/** How many attempts of a task are shown. */
const ATTEMPTS_SHOWN = 100;

const time = timestamptz.transform((date) => date.toISOString());
const summary = {
  id: uuid,
  type: z.enum(TASK_TYPES),
  status: z.enum(TASK_STATUSES),
  order_id: uuid.nullable(),
  order_name: z.string().nullable(),
  failures: z.number(),
  max_attempts: z.number(),
  replays: z.number(),
  waiting: z.boolean(),
  last_error: z.string().nullable(),
  due_at: time,
  started_at: time.nullable(),
  finished_at: time.nullable(),
  created_at: time,
};
const summaryRow = z.object(summary);
const detailRow = z.object({
  ...summary,
  payload: z.unknown(),
  dedupe_key: z.string().nullable(),
  event_id: uuid.nullable(),
  correlation_id: z.string().nullable(),
});
const attemptRow = z.object({ started_at: timestamptz.nullable(), ended_at: timestamptz, error: z.string(), total: z.coerce.number() });

const SUMMARY = fragment`
  q.id, q.type, q.status, q.order_id, o.name AS order_name, q.failures, q.max_attempts, q.replays,
  q.status = 'PENDING' AND q.snoozed AS waiting, q.last_error, q.due_at, q.started_at, q.finished_at, q.created_at`;
const FROM = fragment`
  FROM retry_queue q
  JOIN store s ON s.id = q.store_id
  LEFT JOIN orders o ON o.id = q.order_id AND o.store_id = q.store_id`;

/** The task queue as people read it. */
@Injectable()
export class TaskViews {
  constructor(private readonly db: Database) {}

  /**
   * Newest first; one row more than the limit when there is more. Indexes: the primary key; retry_queue_order for an order's; retry_queue_ended
   * and retry_queue_due for those that failed, were discarded or wait. A rare type that is asked for without any of these is looked for in all tasks
   * of the days that are kept (0.1 s for 400,000): an index for it would be written three times a task, at its insert, claim and end.
   */
  list(storeId: string, query: RetryQueueQuery, before: string | undefined): Promise<RetryQueueTask[]> {
    return this.db.sql.rows(summaryRow)`
      SELECT ${SUMMARY} ${FROM}
      WHERE q.store_id = ${storeId}
        ${before === undefined ? nothing : fragment`AND q.id < ${before}`}
        ${query.type === undefined ? nothing : fragment`AND q.type = ${query.type}`}
        ${query.status === undefined ? nothing : fragment`AND q.status = ${query.status}`}
        ${query.order_id === undefined ? nothing : fragment`AND q.order_id = ${query.order_id}`}
        ${storeTime(fragment`q.created_at`, query.from, query.to)}
        ${query.failed_from === undefined && query.failed_to === undefined ? nothing : fragment`AND q.status = 'FAILED'`}
        ${storeTime(fragment`q.finished_at`, query.failed_from, query.failed_to)}
      ORDER BY q.id DESC LIMIT ${query.limit + 1}`;
  }

  /** @throws DomainError `task-not-found` */
  async get(storeId: string, id: string): Promise<RetryQueueDetail> {
    const task = await this.db.sql.maybe(detailRow)`
      SELECT ${SUMMARY}, q.payload, q.dedupe_key, q.event_id, q.correlation_id ${FROM} WHERE q.id = ${id} AND q.store_id = ${storeId}`;
    if (!task) throw new DomainError('task-not-found', 'There is no such task.');
    const failed = await this.db.sql.rows(attemptRow)`
      SELECT started_at, ended_at, error, count(*) OVER () AS total FROM task_attempt
      WHERE task_id = ${id} ORDER BY attempt DESC LIMIT ${ATTEMPTS_SHOWN}`;
    const latest = latestOf(task);
    return {
      ...task,
      payload: shownPayload(task.payload),
      attempts: [...latest, ...failed.map((each) => attemptOf(each.started_at, each.ended_at, each.error))].slice(0, ATTEMPTS_SHOWN),
      attempts_total: latest.length + (failed[0]?.total ?? 0),
      actions: actionsOf(task),
    };
  }
}

/** The attempt that runs, or that succeeded: the task itself knows of it. */
function latestOf({ status, started_at: startedAt, finished_at: finishedAt }: Pick<RetryQueueTask, 'status' | 'started_at' | 'finished_at'>): TaskAttemptView[] {
  if (status === 'PROCESSING') return [attemptOf(asDate(startedAt), null, null)];
  return status === 'COMPLETED' ? [attemptOf(asDate(startedAt), asDate(finishedAt), null)] : [];
}

const asDate = (text: string | null): Date | null => (text === null ? null : new Date(text));

function attemptOf(startedAt: Date | null, endedAt: Date | null, error: string | null): TaskAttemptView {
  return {
    started_at: startedAt?.toISOString() ?? null,
    ended_at: endedAt?.toISOString() ?? null,
    duration_ms: startedAt && endedAt ? Math.max(0, endedAt.getTime() - startedAt.getTime()) : null,
    error,
  };
}
