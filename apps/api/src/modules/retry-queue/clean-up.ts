import { Inject, Injectable } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, Handles, Logger, slotOf } from '@forma3d/platform';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { PerStore } from '../access';
import { RetryQueueRepository } from './retry-queue.repository';

const DAY_MS = 86_400_000;
const KEPT_MS = 7 * DAY_MS;

/** Every night at 03:00 UTC: completed tasks of a week ago go. Failed ones stay until a person has looked at them. */
@Injectable()
@Handles('CLEAN_UP')
export class CleanUp implements TaskHandler<'CLEAN_UP'> {
  constructor(
    private readonly repository: RetryQueueRepository,
    private readonly perStore: PerStore,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  @Cron('0 0 3 * * *', { timeZone: 'UTC' })
  async nightly(): Promise<void> {
    await this.perStore.enqueue('clean-up', slotOf(this.clock.now(), DAY_MS), (store) => ({
      type: 'CLEAN_UP',
      storeId: store.id,
      payload: {},
      dedupeKey: store.id,
    }));
  }

  async handle(task: Task<'CLEAN_UP'>, signal: AbortSignal): Promise<Outcome> {
    const before = new Date(this.clock.now().getTime() - KEPT_MS);
    const deleted = await this.repository.deleteCompleted(task.storeId, before, signal);
    this.logger.log({ store_id: task.storeId, deleted }, 'deleted completed tasks of a week ago');
    return done;
  }
}
