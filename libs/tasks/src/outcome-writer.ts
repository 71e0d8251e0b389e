import { TASKS, type TaskType } from '@forma3d/contracts';
import type { Database, Tx } from '@forma3d/database';
import { backoffMs, unreachable, type Clock } from '@forma3d/kernel';
import type { Outcome } from './outcome';
import type { Queue } from './queue';
import type { Task, TaskHandler } from './task';

export interface OutcomeWriterOptions {
  db: Database;
  clock: Clock;
  handlers: ReadonlyMap<TaskType, TaskHandler>;
  /** In the transaction of each failure of a task; `final` when it ended as FAILED. */
  onFailure?: (tx: Tx, task: Task, reason: string, final: boolean) => Promise<void>;
}

/** Writes down how tasks end that are not simply done. */
export class OutcomeWriter {
  /** @param wakeIn has the processor look again after so many milliseconds */
  constructor(
    private readonly options: OutcomeWriterOptions,
    private readonly queue: Queue,
    private readonly wakeIn: (ms: number) => void,
  ) {}

  async write(task: Task, outcome: Exclude<Outcome, { kind: 'done' }>): Promise<void> {
    const now = this.options.clock.now().getTime();
    switch (outcome.kind) {
      case 'snooze': {
        const dueAt = new Date(now + outcome.afterMs);
        await this.options.db.transaction('tasks.snooze', (tx) =>
          this.queue.postpone(tx, task, { dueAt, why: outcome.why, failed: false }),
        );
        this.wakeIn(outcome.afterMs);
        return;
      }
      case 'retry': {
        if (task.failures + 1 >= task.maxAttempts) {
          await this.fail(task, outcome.why);
          return;
        }
        const waitMs = Math.max(Math.min(backoffMs(task.failures + 1), longestWaitMs(task.type)), outcome.afterMs ?? 0);
        await this.options.db.transaction('tasks.retry', async (tx) => {
          const how = { dueAt: new Date(now + waitMs), why: outcome.why, failed: true };
          if (await this.queue.postpone(tx, task, how)) await this.options.onFailure?.(tx, task, outcome.why, false);
        });
        this.wakeIn(waitMs);
        return;
      }
      case 'giveUp':
        await this.fail(task, outcome.why);
        return;
      default:
        unreachable(outcome);
    }
  }

  /** Ends a task as FAILED, with everything that means. */
  async fail(task: Task, why: string): Promise<void> {
    await this.options.db.transaction('tasks.fail', async (tx) => {
      const ended = await this.queue.fail(tx, task, why);
      if (ended === 'again') tx.afterCommit(() => { this.wakeIn(0); });
      if (ended !== 'failed') return;
      await this.options.handlers.get(task.type)?.failed?.(tx, task, why);
      await this.options.onFailure?.(tx, task, why, true);
    });
  }
}

function longestWaitMs(type: TaskType): number {
  const definition = TASKS[type];
  return 'longestWaitSeconds' in definition ? definition.longestWaitSeconds * 1_000 : Number.POSITIVE_INFINITY;
}
