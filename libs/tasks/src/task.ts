import type { TaskPayload, TaskType } from '@forma3d/contracts';
import type { Tx } from '@forma3d/database';
import type { Outcome } from './outcome';

/** A claimed task as its handler sees it. */
export interface Task<T extends TaskType = TaskType> {
  id: string;
  type: T;
  storeId: string;
  orderId: string | null;
  eventId: string | null;
  payload: TaskPayload<T>;
  /** Rises with each claim; the fence. */
  attempt: number;
  /** Attempts that failed before this one. */
  failures: number;
  maxAttempts: number;
  /** How often a person had it tried again after it had ended. */
  replays: number;
  correlationId: string | null;
}

export interface TaskHandler<T extends TaskType = TaskType> {
  /**
   * Does the work, or finds it done: it may run twice, also at the same time after a lost lease. Errors that it throws
   * become outcomes by their kind (`outcomeOfError`).
   *
   * @param signal aborted when the lease is lost or the process stops
   */
  handle(task: Task<T>, signal: AbortSignal): Promise<Outcome>;
  /** In the transaction that ends the task as FAILED: what that means for the business. */
  failed?(tx: Tx, task: Task<T>, reason: string): Promise<void>;
  /**
   * In the transaction in which a person has a task tried again that had ended: what their word changes, so that running again does
   * more than find that a person is needed. Reads before it writes.
   *
   * @throws DomainError `conflict` when trying again cannot help
   */
  replayed?(tx: Tx, task: Task<T>): Promise<void>;
}

/** A task to be written. The payload is checked against the contract when it is enqueued. */
export interface NewTask<T extends TaskType = TaskType> {
  type: T;
  storeId: string;
  payload: TaskPayload<T>;
  orderId?: string | null;
  eventId?: string | null;
  /** Repeats with the same key, while one is open, are one task. */
  dedupeKey?: string | null;
  dueAt?: Date;
}
