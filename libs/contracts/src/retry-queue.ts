import { z } from 'zod';
import { actionLink } from './actions';
import { dayOrMoment } from './dates';
import { pageOf, pageQuery } from './pagination';
import { TASK_STATUSES } from './states';
import { TASK_TYPES } from './tasks';

const id = z.uuid();
const time = z.iso.datetime();
const type = z.enum(TASK_TYPES);

const summary = {
  id,
  type: type.meta({ example: 'FULFILLMENT' }),
  status: z.enum(TASK_STATUSES),
  order_id: id.nullable(),
  order_name: z.string().nullable().meta({ example: '#1001' }),
  failures: z.number().int().meta({ description: 'Attempts that failed since it was asked for or replayed.' }),
  max_attempts: z.number().int(),
  replays: z.number().int().meta({ description: 'How often a person had it tried again after it had ended.' }),
  waiting: z.boolean().meta({ description: 'It waits for something (a hold, a rate limit, an answer), not after a failure.' }),
  last_error: z.string().nullable().meta({ description: 'Why it failed, or what it waits for.' }),
  due_at: time.meta({ description: 'When it runs, or should have run.' }),
  started_at: time.nullable().meta({ description: 'When its latest attempt began.' }),
  finished_at: time.nullable().meta({ description: 'When it was done, failed for good or was discarded.' }),
  created_at: time,
};

const EXAMPLE = {
  id: '0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e',
  type: 'WEBHOOK_SUBSCRIPTIONS' as const,
  status: 'FAILED' as const,
  order_id: null,
  order_name: null,
  failures: 20,
  max_attempts: 20,
  replays: 0,
  waiting: false,
  last_error: 'Shopify, webhookSubscriptions: HTTP 503',
  due_at: '2026-11-21T08:10:00.000Z',
  started_at: '2026-11-21T08:10:00.021Z',
  finished_at: '2026-11-21T08:10:00.480Z',
  created_at: '2026-11-21T00:00:00.000Z',
};

/** A task as it stands in a list. */
export const retryQueueTask = z.object(summary).meta({ id: 'RetryQueueTask', example: EXAMPLE });
export type RetryQueueTask = z.output<typeof retryQueueTask>;
export const retryQueuePage = pageOf(retryQueueTask).meta({ id: 'RetryQueuePage' });

/** One attempt; waiting is none. */
export const taskAttempt = z
  .object({
    started_at: time.nullable(),
    ended_at: time.nullable().meta({ description: 'Null while it runs.' }),
    duration_ms: z.number().int().nullable(),
    error: z.string().nullable().meta({ description: 'Null of the one that runs, and of the one that succeeded.' }),
  })
  .meta({
    id: 'TaskAttempt',
    example: { started_at: '2026-11-21T08:10:00.021Z', ended_at: '2026-11-21T08:10:00.480Z', duration_ms: 459, error: 'Shopify, webhookSubscriptions: HTTP 503' },
  });
export type TaskAttemptView = z.output<typeof taskAttempt>;

/** A task with what it is about, and how its attempts went. */
export const retryQueueDetail = z
  .object({
    ...summary,
    payload: z.record(z.string(), z.unknown()).meta({ description: 'What the work is about. Secrets and personal data are never shown.' }),
    dedupe_key: z.string().nullable().meta({ description: 'Repeats with this key, while one is open, are one task.' }),
    event_id: id.nullable().meta({ description: 'The event that asked for it.' }),
    correlation_id: z.string().nullable(),
    attempts: z.array(taskAttempt).meta({ description: 'Latest first, a hundred at most.' }),
    attempts_total: z.number().int(),
    actions: z.array(actionLink).meta({ description: 'What may be done with it now.' }),
  })
  .meta({
    id: 'RetryQueueDetail',
    example: {
      ...EXAMPLE,
      payload: {},
      dedupe_key: '0193f3a0-1111-7c1a-9d2e-3f4a5b6c7d8e',
      event_id: null,
      correlation_id: 'start-1',
      attempts: [{ started_at: '2026-11-21T08:10:00.021Z', ended_at: '2026-11-21T08:10:00.480Z', duration_ms: 459, error: 'Shopify, webhookSubscriptions: HTTP 503' }],
      attempts_total: 20,
      actions: [
        { method: 'POST', href: '/api/v1/retry-queue/0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e/retry', label: 'Try again' },
        { method: 'POST', href: '/api/v1/retry-queue/0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e/discard', label: 'Discard' },
      ],
    },
  });
export type RetryQueueDetail = z.output<typeof retryQueueDetail>;

/** Days are the store's, and the last one counts whole. */
export const retryQueueQuery = pageQuery.extend({
  type: type.optional(),
  status: z.enum(TASK_STATUSES).optional(),
  order_id: id.optional(),
  from: dayOrMoment.optional().meta({ description: 'Asked for on this day, or at this time, or later.', example: '2026-11-01' }),
  to: dayOrMoment.optional().meta({ description: 'Asked for on this day or earlier, or before this time.', example: '2026-11-30' }),
  failed_from: dayOrMoment.optional().meta({ description: 'Failed for good on this day, or at this time, or later.' }),
  failed_to: dayOrMoment.optional().meta({ description: 'Failed for good on this day or earlier, or before this time.' }),
});
export type RetryQueueQuery = z.output<typeof retryQueueQuery>;

/** Which failed tasks; without a word: all of the store. */
export const failedTasks = z
  .strictObject({
    type: type.optional(),
    failed_from: dayOrMoment.optional().meta({ description: 'Failed for good on this day, or at this time, or later.' }),
    failed_to: dayOrMoment.optional().meta({ description: 'Failed for good on this day or earlier, or before this time.' }),
  })
  .meta({ id: 'FailedTasks', example: { type: 'FULFILLMENT', failed_from: '2026-11-21T04:00:00Z', failed_to: '2026-11-21T09:00:00Z' } });
export type FailedTasks = z.output<typeof failedTasks>;

/** What became of many failed tasks. */
export const retryAllAnswer = z
  .object({
    retried: z.number().int(),
    skipped: z.number().int().meta({ description: 'Left as they were: the same work is open already, or trying again cannot help.' }),
    remaining: z.number().int().meta({ description: 'Failed tasks that this request did not come to; ask again for them.' }),
    first_due_at: time.nullable(),
    last_due_at: time.nullable().meta({ description: 'They run one after the other until then, those that failed first at once.' }),
  })
  .meta({
    id: 'RetryAllAnswer',
    example: { retried: 120, skipped: 1, remaining: 0, first_due_at: '2026-11-21T09:00:00.000Z', last_due_at: '2026-11-21T09:00:29.750Z' },
  });
export type RetryAllAnswer = z.output<typeof retryAllAnswer>;

export const discardAllAnswer = z
  .object({ discarded: z.number().int(), remaining: z.number().int().meta({ description: 'Ask again for them.' }) })
  .meta({ id: 'DiscardAllAnswer', example: { discarded: 12, remaining: 0 } });
export type DiscardAllAnswer = z.output<typeof discardAllAnswer>;

const count = z.number().int();
const counts = {
  pending: count.meta({ description: 'Waiting for their time, or due.' }),
  due: count.meta({ description: 'Of the pending: could run now.' }),
  retrying: count.meta({ description: 'Of the pending: after a failure.' }),
  processing: count,
  failed: count,
  discarded: count,
  completed_last_hour: count,
};

/** The queue in figures. */
export const retryQueueStats = z
  .object({
    generated_at: time,
    ...counts,
    lag_seconds: z.number().meta({ description: 'How long the task that is due longest waits by now.' }),
    next_due_at: time.nullable().meta({ description: 'When the next task that waits is due.' }),
    types: z.array(z.object({ type, ...counts })).meta({ description: 'By type, those alone of which there are any.' }),
  })
  .meta({
    id: 'RetryQueueStats',
    example: {
      generated_at: '2026-11-21T09:00:00.000Z',
      pending: 4, due: 0, retrying: 3, processing: 1, failed: 2, discarded: 0, completed_last_hour: 311,
      lag_seconds: 0,
      next_due_at: '2026-11-21T09:00:07.000Z',
      types: [{ type: 'FULFILLMENT', pending: 4, due: 0, retrying: 3, processing: 1, failed: 2, discarded: 0, completed_last_hour: 311 }],
    },
  });
export type RetryQueueStats = z.output<typeof retryQueueStats>;
