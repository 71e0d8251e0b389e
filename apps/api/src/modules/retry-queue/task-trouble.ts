import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { TaskType } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, Logger, TaskFailures, type FailedTask } from '@forma3d/platform';
import { EventLog, type Task } from '@forma3d/tasks';
import { Attention, type AttentionSubject } from '../attention';
import { RetryQueueRepository, type CuredTask } from './retry-queue.repository';

/** After so many failures a task that calls outside (and has more attempts than this) is shown to people. */
const STRUGGLES_AFTER = 5;
/** How far back the sweep looks for tasks that got well; it runs every 30 seconds. */
const LOOK_BACK_MS = 3_600_000;

/**
 * What failures of tasks mean for people: the fifth one of a task that calls outside becomes an attention item, the last one of
 * any task the event `task.failed`.
 */
@Injectable()
export class TaskTrouble implements OnModuleInit {
  constructor(
    private readonly db: Database,
    private readonly failures: TaskFailures,
    private readonly attention: Attention,
    private readonly events: EventLog,
    private readonly repository: RetryQueueRepository,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onModuleInit(): void {
    this.failures.onFailed((tx, failed) => this.failed(tx, failed));
  }

  /** In the transaction of the failure. */
  async failed(tx: Tx, failed: FailedTask): Promise<void> {
    if (failed.final) await this.failedForGood(tx, failed);
    else if (failed.task.failures + 1 === STRUGGLES_AFTER && failed.task.maxAttempts > STRUGGLES_AFTER) await this.struggles(tx, failed);
  }

  private async struggles(tx: Tx, { task, reason }: FailedTask): Promise<void> {
    await this.attention.open(tx, {
      ...subjectOf('task-struggling', task),
      orderId: task.orderId,
      message: `${task.type} has failed ${String(STRUGGLES_AFTER)} times and is still being tried: ${reason}`,
      details: { task_id: task.id, task_type: task.type },
    });
  }

  private async failedForGood(tx: Tx, { task, reason, handledByItsOwn }: FailedTask): Promise<void> {
    await this.attention.close(tx, subjectOf('task-struggling', task));
    if (!handledByItsOwn) {
      await this.attention.open(tx, {
        ...subjectOf('task-failed', task),
        orderId: task.orderId,
        message: `${task.type} failed for good: ${reason}`,
        details: { task_id: task.id, task_type: task.type },
      });
    }
    // Telling people that telling people failed would come back here for ever.
    if (task.type === 'NOTIFICATION') return;
    await this.events.publish(tx, {
      type: 'task.failed',
      storeId: task.storeId,
      aggregateId: task.id,
      orderId: task.orderId,
      payload: { order_id: task.orderId, task_id: task.id, task_type: task.type, failures: task.failures + 1, reason },
    });
  }

  /** Closes the attention items of tasks that struggled and completed lately. */
  async closeCured(): Promise<void> {
    const since = new Date(this.clock.now().getTime() - LOOK_BACK_MS);
    for (const task of await this.repository.completedAfterFailures(STRUGGLES_AFTER, since)) {
      const closed = await this.db.transaction('retry-queue.cured', (tx) => this.attention.close(tx, subjectOf('task-struggling', task)));
      if (closed) this.logger.log({ task: task.type, task_id: task.id, store_id: task.storeId }, 'a task that struggled is done');
    }
  }
}

/** Notifications share one item: each about another would itself have to be notified, and so on. */
function subjectOf(kind: 'task-struggling' | 'task-failed', task: Pick<Task, 'id' | 'storeId'> & { type: TaskType } | CuredTask): AttentionSubject {
  return { storeId: task.storeId, kind, subjectId: task.type === 'NOTIFICATION' ? 'NOTIFICATION' : task.id };
}
