import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { TELLING_TASKS, tellingSubject } from '@forma3d/contracts';
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
/** Any notification that went out lately says that notifying works again. */
const LOOK_BACK_NOTIFIED_MS = 60_000;

type TroubleKind = 'task-struggling' | 'task-failed';

/**
 * What failures of tasks mean for people: the fifth one of a task that calls outside becomes an attention item (or the next, when the
 * fifth was the death of a process, of which nobody could tell), the last one of any task the event `task.failed`.
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
    this.failures.onReturned((task, outcome) => {
      if (outcome.kind !== 'done' || (task.failures < STRUGGLES_AFTER && task.replays === 0)) return;
      this.close(curedBy(task)).catch((error: unknown) => {
        this.logger.warn({ err: error, task_id: task.id }, 'the attention item of a task that is done stays open until the sweep');
      });
    });
  }

  /** In the transaction of the failure. */
  async failed(tx: Tx, failed: FailedTask): Promise<void> {
    if (failed.final) await this.failedForGood(tx, failed);
    else if (failed.task.failures + 1 >= STRUGGLES_AFTER && failed.task.maxAttempts > STRUGGLES_AFTER) await this.struggles(tx, failed);
  }

  private async struggles(tx: Tx, { task, reason }: FailedTask): Promise<void> {
    await this.open(tx, 'task-struggling', task, `${task.type} has failed ${String(task.failures + 1)} times and is still being tried: ${reason}`);
  }

  private async failedForGood(tx: Tx, { task, reason, handledByItsOwn }: FailedTask): Promise<void> {
    const words = `${task.type} failed for good: ${reason}`;
    if (TELLING_TASKS.has(task.type)) {
      // Told on the screen alone: an event about a mail would be another mail that cannot be sent, for ever.
      await this.open(tx, 'task-struggling', task, words);
      return;
    }
    await this.attention.close(tx, subjectOf('task-struggling', curedBy(task)));
    if (!handledByItsOwn) await this.open(tx, 'task-failed', task, words);
    await this.events.publish(tx, {
      type: 'task.failed',
      storeId: task.storeId,
      aggregateId: task.id,
      orderId: task.orderId,
      payload: { order_id: task.orderId, task_id: task.id, task_type: task.type, failures: task.failures + 1, reason },
    });
  }

  private async open(tx: Tx, kind: TroubleKind, task: Task, message: string): Promise<void> {
    const details = { task_id: task.id, task_type: task.type };
    await this.attention.open(tx, { ...subjectOf(kind, curedBy(task)), orderId: task.orderId, message, details });
  }

  /** In the transaction in which a person discards it: there is nothing left to do about it. */
  async discarded(tx: Tx, task: Task): Promise<void> {
    const cured = curedBy(task);
    if (TELLING_TASKS.has(task.type) && (await this.repository.othersStruggle(tx, cured))) return;
    await this.closeBoth(tx, cured);
  }

  /** Closes the attention items of tasks that struggled or failed and are over, also those whose work a later task has done. */
  async closeCured(): Promise<void> {
    const now = this.clock.now().getTime();
    const recent = { struggled: new Date(now - LOOK_BACK_MS), notified: new Date(now - LOOK_BACK_NOTIFIED_MS) };
    for (const task of await this.repository.cured(STRUGGLES_AFTER, recent)) await this.close(task);
    const failed = await this.attention.openSubjects('task-failed');
    for (const task of await this.repository.settled(failed, recent.struggled)) await this.close(task);
  }

  private async close(task: CuredTask): Promise<void> {
    const closed = await this.db.transaction('retry-queue.cured', (tx) => this.closeBoth(tx, task));
    if (closed) this.logger.log({ task: task.type, task_id: task.id, store_id: task.storeId }, 'a task that struggled or had failed is over');
  }

  private async closeBoth(tx: Tx, task: CuredTask): Promise<boolean> {
    const struggled = await this.attention.close(tx, subjectOf('task-struggling', task));
    return (await this.attention.close(tx, subjectOf('task-failed', task))) || struggled;
  }
}

function subjectOf(kind: TroubleKind, task: CuredTask): AttentionSubject & { kind: TroubleKind } {
  return { storeId: task.storeId, kind, subjectId: TELLING_TASKS.has(task.type) ? tellingSubject(task.type, task.channel) : task.id };
}

function curedBy(task: Task): CuredTask {
  return { id: task.id, type: task.type, storeId: task.storeId, channel: 'channel' in task.payload ? task.payload.channel : null };
}
