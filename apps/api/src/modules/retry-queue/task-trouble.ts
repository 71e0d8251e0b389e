import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { TELLING_TASKS, tellingSubject } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, Logger, TaskFailures, type FailedTask } from '@forma3d/platform';
import { EventLog, type Task } from '@forma3d/tasks';
import { Attention, type AttentionSubject } from '../attention';
import { RetryQueueRepository, type Telling } from './retry-queue.repository';

/** After so many failures a task that calls outside (and has more attempts than this) is shown to people. */
const STRUGGLES_AFTER = 5;
/** How far back the sweep looks for what the next task of the same kind has done, of those that belong to no order; it runs every 30 seconds. */
const LOOK_BACK_MS = 600_000;

const KINDS = ['task-struggling', 'task-failed'] as const;
type TroubleKind = (typeof KINDS)[number];
type Trouble = AttentionSubject & { kind: TroubleKind };

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
      this.close(troublesOf(task), task.id).catch((error: unknown) => {
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
    const telling = tellingOf(troubleOf('task-struggling', task));
    // The item says already that others were in vain, which needs a person more.
    if (telling && (await this.repository.hasFailed(tx, telling))) return;
    await this.open(tx, 'task-struggling', task, `${task.type} has failed ${String(task.failures + 1)} times and is still being tried: ${reason}`);
  }

  private async failedForGood(tx: Tx, { task, reason, handledByItsOwn }: FailedTask): Promise<void> {
    const words = `${task.type} failed for good: ${reason}`;
    if (TELLING_TASKS.has(task.type)) {
      // Told on the screen alone: an event about a mail would be another mail that cannot be sent, for ever.
      await this.open(tx, 'task-struggling', task, words);
      return;
    }
    await this.attention.close(tx, troubleOf('task-struggling', task));
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
    // What tells of many orders keeps none of them before people's eyes.
    const orderId = TELLING_TASKS.has(task.type) ? null : task.orderId;
    await this.attention.open(tx, { ...troubleOf(kind, task), orderId, message, details });
  }

  /** In the transaction in which a person discards them: there is nothing left to do about them. */
  async discarded(tx: Tx, tasks: readonly Task[]): Promise<void> {
    await this.closeOver(tx, tasks.flatMap(troublesOf), null);
  }

  /** Closes what is open about tasks that are over, have begun anew, or whose work a later task has done. */
  async closeCured(): Promise<void> {
    const over = await this.over(this.db, await this.attention.openSubjects(KINDS), null);
    if (over.length > 0) await this.close(over, null);
  }

  /** @param done a task that is as good as completed */
  private async close(troubles: readonly Trouble[], done: string | null): Promise<void> {
    const closed = await this.db.transaction('retry-queue.cured', (tx) => this.closeOver(tx, troubles, done));
    for (const { storeId, kind, subjectId } of closed) this.logger.log({ store_id: storeId, kind, subject: subjectId }, 'a task that struggled or had failed is over');
  }

  private async closeOver(tx: Tx, troubles: readonly Trouble[], done: string | null): Promise<Trouble[]> {
    const held = await this.attention.hold(tx, troubles);
    const over = await this.over(tx, held, done);
    await this.attention.closeHeld(tx, over);
    return over;
  }

  /** Of these those whose cause is gone. */
  private async over<T extends Trouble>(reader: Pick<Tx, 'sql'>, troubles: readonly T[], done: string | null): Promise<T[]> {
    const single = troubles.filter((trouble) => tellingOf(trouble) === null && trouble.subjectId !== done);
    const since = new Date(this.clock.now().getTime() - LOOK_BACK_MS);
    const standings = await this.repository.standings(reader, single.map((trouble) => trouble.subjectId), STRUGGLES_AFTER, since);
    const over: T[] = [];
    for (const trouble of troubles) {
      const telling = tellingOf(trouble);
      const stands = telling ? await this.isUntold(reader, telling, done) : standings.get(trouble.subjectId)?.[trouble.kind];
      if (stands !== true) over.push(trouble);
    }
    return over;
  }

  private async isUntold(reader: Pick<Tx, 'sql'>, telling: Telling, done: string | null): Promise<boolean> {
    return (await this.repository.hasFailed(reader, telling)) || this.repository.isStruggling(reader, telling, STRUGGLES_AFTER, done);
  }
}

/** Notifications by one channel share one item: each about another would itself have to be notified, and so on. */
function troubleOf(kind: TroubleKind, task: Task): Trouble {
  const channel = 'channel' in task.payload ? task.payload.channel : null;
  return { storeId: task.storeId, kind, subjectId: TELLING_TASKS.has(task.type) ? tellingSubject(task.type, channel) : task.id };
}

const troublesOf = (task: Task): Trouble[] => KINDS.map((kind) => troubleOf(kind, task));

/** Whose item it is when tasks share it. */
function tellingOf({ storeId, subjectId }: Trouble): Telling | null {
  const [word, channel = null] = subjectId.split(' ');
  const type = [...TELLING_TASKS].find((each) => each === word);
  return type === undefined ? null : { storeId, type, channel };
}
