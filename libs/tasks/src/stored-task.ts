import { TASK_TYPES } from '@forma3d/contracts';
import { z } from 'zod';
import type { Task } from './task';

/** What a handler is told of a row of `retry_queue`. */
export const storedTask = z.object({
  id: z.string(),
  type: z.enum(TASK_TYPES),
  store_id: z.string(),
  order_id: z.string().nullable(),
  event_id: z.string().nullable(),
  payload: z.unknown(),
  attempt: z.number(),
  failures: z.number(),
  max_attempts: z.number(),
  replays: z.number(),
  correlation_id: z.string().nullable(),
});

/** The task as its handler knows it. */
export function taskOf(row: z.output<typeof storedTask>): Task {
  return {
    id: row.id,
    type: row.type,
    storeId: row.store_id,
    orderId: row.order_id,
    eventId: row.event_id,
    payload: row.payload as Task['payload'],
    attempt: row.attempt,
    failures: row.failures,
    maxAttempts: row.max_attempts,
    replays: row.replays,
    correlationId: row.correlation_id,
  };
}
