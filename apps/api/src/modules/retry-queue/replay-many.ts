import type { DiscardAllAnswer, FailedTasks, RetryAllAnswer } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK, TaskHandlers } from '@forma3d/platform';
import { EventLog, taskOf } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { countFailed, lockFailed, openTwins, reopen, type LockedTask, type Position, type Walk } from './replay.repository';
import { auditOf, isTaken, ReplayTasks } from './replay-tasks';

/** As many as one request comes to: it must answer while somebody waits. */
const MOST = 1_000;
const BATCH = 100;
/** Four a second: what comes in meanwhile passes between, and nobody outside is overrun. */
const APART_MS = 250;
const TRIES = 3;

interface Batch {
  tasks: LockedTask[];
  retried: LockedTask[];
}

/** What a person does with many failed tasks at once, those that failed first first. */
@Injectable()
export class ReplayMany {
  constructor(
    private readonly db: Database,
    @Inject(TaskHandlers) private readonly handlers: Pick<TaskHandlers, 'of'>,
    private readonly events: EventLog,
    private readonly audit: Audit,
    private readonly one: ReplayTasks,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Has failed tasks run again, one after the other, so that they do not all come back at the same moment. */
  async retryAll(storeId: string, which: FailedTasks): Promise<RetryAllAnswer> {
    const walk = { storeId, which, until: this.clock.now() };
    const dueAt = (place: number): Date => new Date(walk.until.getTime() + place * APART_MS);
    let [retried, seen] = [0, 0];
    let after: Position | undefined;
    for (let full = true; full && seen < MOST; ) {
      const batch = await this.retryBatch(walk, after, (place) => dueAt(retried + place));
      retried += batch.retried.length;
      seen += batch.tasks.length;
      full = batch.tasks.length === BATCH;
      after = positionOf(batch.tasks.at(-1)) ?? after;
    }
    return {
      retried,
      skipped: seen - retried,
      remaining: seen < MOST ? 0 : await countFailed(this.db, walk, after),
      first_due_at: retried === 0 ? null : dueAt(0).toISOString(),
      last_due_at: retried === 0 ? null : dueAt(retried - 1).toISOString(),
    };
  }

  async discardAll(storeId: string, which: FailedTasks): Promise<DiscardAllAnswer> {
    const walk = { storeId, which, until: this.clock.now() };
    let discarded = 0;
    for (let full = true; full && discarded < MOST; ) {
      const tasks = await this.db.transaction('retry-queue.discard-all', async (tx) => {
        const held = await lockFailed(tx, walk, undefined, BATCH);
        if (held.length > 0) await this.one.drop(tx, held);
        return held;
      });
      discarded += tasks.length;
      full = tasks.length === BATCH;
    }
    return { discarded, remaining: discarded < MOST ? 0 : await countFailed(this.db, walk, undefined) };
  }

  private async retryBatch(walk: Walk, after: Position | undefined, dueAt: (place: number) => Date): Promise<Batch> {
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.db.transaction('retry-queue.retry-all', async (tx) => {
          const tasks = await lockFailed(tx, walk, after, BATCH);
          const retried = await this.thoseThatMay(tx, tasks);
          if (retried.length > 0) {
            await reopen(tx, retried.map((task, place) => ({ id: task.id, dueAt: dueAt(place) })));
            await this.audit.write(tx, ...retried.map((task) => auditOf(task, 'retried', { with_others: true })));
            tx.afterCommit(() => { this.events.wake(); });
          }
          return { tasks, retried };
        });
      } catch (error) {
        // The same work was asked for at this very moment: the next look sees it.
        if (!isTaken(error) || attempt === TRIES) throw error;
      }
    }
  }

  /** Without those whose work is open already, also by one of their own number, and those that trying again cannot help. */
  private async thoseThatMay(tx: Tx, tasks: readonly LockedTask[]): Promise<LockedTask[]> {
    const keyOf = (task: Pick<LockedTask, 'type' | 'dedupe_key'>): string => JSON.stringify([task.type, task.dedupe_key]);
    const open = new Set((await openTwins(tx, tasks)).map(keyOf));
    const may: LockedTask[] = [];
    for (const task of tasks) {
      if (task.dedupe_key !== null && open.has(keyOf(task))) continue;
      if (!(await this.helps(tx, task))) continue;
      open.add(keyOf(task));
      may.push(task);
    }
    return may;
  }

  private async helps(tx: Tx, task: LockedTask): Promise<boolean> {
    try {
      await this.handlers.of(task.type)?.replayed?.(tx, taskOf(task));
      return true;
    } catch (error) {
      if (error instanceof DomainError && error.code === 'conflict') return false;
      throw error;
    }
  }
}

function positionOf(task: LockedTask | undefined): Position | undefined {
  return task?.finished_at ? { finishedAt: task.finished_at, id: task.id } : undefined;
}
