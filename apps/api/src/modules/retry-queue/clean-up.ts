import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger, slotOf, type Config } from '@forma3d/platform';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { PerStore } from '../access';
import { RetryQueueRepository } from './retry-queue.repository';

const DAY_MS = 86_400_000;
const THREE_O_CLOCK_MS = 3 * 3_600_000;
/** A timer may come a moment early. */
const EARLY_MS = 1_000;

/**
 * Every night at 03:00 UTC: completed tasks of a week ago (`TASKS_KEPT_DAYS`) go. Failed ones stay until a person has looked at them. A night in which
 * no process ran, or died at it, is made up for at the next start.
 */
@Injectable()
@Handles('CLEAN_UP')
export class CleanUp implements TaskHandler<'CLEAN_UP'>, OnApplicationBootstrap {
  constructor(
    private readonly repository: RetryQueueRepository,
    private readonly perStore: PerStore,
    @Inject(CONFIG) private readonly config: Pick<Config, 'tasksKeptMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.nightly();
  }

  /** Enqueues the last 03:00 that was, unless that was done. */
  @Cron('0 0 3 * * *', { timeZone: 'UTC' })
  async nightly(): Promise<void> {
    const slot = slotOf(new Date(this.clock.now().getTime() - THREE_O_CLOCK_MS + EARLY_MS), DAY_MS);
    await this.perStore.enqueue('clean-up', slot, (store) => ({
      type: 'CLEAN_UP',
      storeId: store.id,
      payload: {},
      dedupeKey: store.id,
    }));
  }

  async handle(task: Task<'CLEAN_UP'>, signal: AbortSignal): Promise<Outcome> {
    const before = new Date(this.clock.now().getTime() - this.config.tasksKeptMs);
    const deleted = await this.repository.deleteCompleted(task.storeId, before, signal);
    this.logger.log({ store_id: task.storeId, deleted }, 'deleted completed tasks that were kept long enough');
    return done;
  }
}
