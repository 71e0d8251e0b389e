import { Database, type Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK, TaskHandlers } from '@forma3d/platform';
import { EventLog, taskOf } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { bringForward, discard, lockTask, openTwins, reopen, type LockedTask } from './replay.repository';
import { mayDiscard, mayRetry } from './task-actions';
import { TaskTrouble } from './task-trouble';

/** What a person does with one task. Each act is one transaction that holds the task's row, and is audited. */
@Injectable()
export class ReplayTasks {
  constructor(
    private readonly db: Database,
    @Inject(TaskHandlers) private readonly handlers: Pick<TaskHandlers, 'of'>,
    private readonly events: EventLog,
    private readonly audit: Audit,
    private readonly trouble: TaskTrouble,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Has a task run now: one that waits at once, one that had ended from the start, with all attempts before it. What people are told of
   * it stays open until it succeeds.
   *
   * @throws DomainError `task-not-found`; `conflict` with its `task_status` while it runs, when it is done, or when the same work is open already
   */
  async retry(storeId: string, id: string): Promise<void> {
    try {
      await this.db.transaction('retry-queue.retry', async (tx) => {
        const task = await this.lock(tx, storeId, id);
        if (!mayRetry(task)) throw conflict(task, task.status === 'PROCESSING' ? 'The task runs just now.' : 'The task is done.');
        // Due already: it runs anyway, and nobody has changed anything.
        if (task.status === 'PENDING' && task.due_at <= this.clock.now()) return;
        if (task.status === 'PENDING') await bringForward(tx, id, this.clock.now());
        else await this.again(tx, task);
        await this.audit.write(tx, auditOf(task, 'retried'));
        tx.afterCommit(() => { this.events.wake(); });
      });
    } catch (error) {
      if (isTaken(error)) throw new DomainError('conflict', 'The same work was asked for at this very moment.', { task_status: 'FAILED' });
      throw error;
    }
  }

  /**
   * Ends a task that failed, or that keeps failing, for good: its work is not done by itself any more.
   *
   * @throws DomainError `task-not-found`; `conflict` with its `task_status`
   */
  discard(storeId: string, id: string): Promise<void> {
    return this.db.transaction('retry-queue.discard', async (tx) => {
      const task = await this.lock(tx, storeId, id);
      if (!mayDiscard(task)) throw conflict(task, whyKept(task));
      await this.drop(tx, [task]);
    });
  }

  /** Discards tasks that the transaction holds, with what people are told of them. For the business one that was still tried fails with it. */
  async drop(tx: Tx, tasks: readonly LockedTask[]): Promise<void> {
    await discard(tx, tasks.map((task) => task.id), this.clock.now());
    for (const task of tasks) if (task.status === 'PENDING') await this.handlers.of(task.type)?.failed?.(tx, taskOf(task), discardedReason(task));
    await this.trouble.discarded(tx, tasks.map(taskOf));
    await this.audit.write(tx, ...tasks.map((task) => auditOf(task, 'discarded')));
  }

  private async again(tx: Tx, task: LockedTask): Promise<void> {
    const [twin] = await openTwins(tx, [task]);
    if (twin) throw conflict(task, 'The same work is open already, as another task.', { open_task_id: twin.id });
    await this.handlers.of(task.type)?.replayed?.(tx, taskOf(task));
    await reopen(tx, [{ id: task.id, dueAt: this.clock.now() }]);
  }

  private async lock(tx: Tx, storeId: string, id: string): Promise<LockedTask> {
    const task = await lockTask(tx, storeId, id);
    if (!task) throw new DomainError('task-not-found', 'There is no such task.');
    return task;
  }
}

/** PostgreSQL's unique_violation: somebody opened the same work between our look and our write. */
export const isTaken = (error: unknown): boolean => error instanceof Error && 'code' in error && error.code === '23505';

export function auditOf(task: LockedTask, action: 'retried' | 'discarded', meta: Record<string, unknown> = {}) {
  return {
    storeId: task.store_id,
    entity: 'task',
    entityId: task.id,
    action,
    meta: { task_type: task.type, order_id: task.order_id, old_status: task.status, failures: task.failures, ...meta },
  };
}

/** Does not name who did it, because it stands in the event log: the audit names them. */
const discardedReason = (task: LockedTask): string => `it was discarded${task.last_error === null ? '' : ` (${task.last_error})`}`;

function whyKept(task: LockedTask): string {
  if (task.status === 'PROCESSING') return 'The task runs just now.';
  if (task.status === 'PENDING') return 'The task has not failed: it waits for its time.';
  return task.status === 'COMPLETED' ? 'The task is done.' : 'The task is discarded already.';
}

function conflict(task: LockedTask, message: string, more: Record<string, unknown> = {}): DomainError {
  return new DomainError('conflict', message, { task_status: task.status, ...more });
}
