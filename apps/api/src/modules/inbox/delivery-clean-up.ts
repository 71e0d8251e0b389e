import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger, slotOf, type Config } from '@forma3d/platform';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { PerStore } from '../access';
import { deleteDeliveries } from './inbox.repository';

const DAY_MS = 86_400_000;
const HALF_PAST_THREE_MS = 3.5 * 3_600_000;
/** A timer may come a moment early. */
const EARLY_MS = 1_000;

/**
 * Every night at 03:30 UTC: stored deliveries go that came more than `DELIVERIES_KEPT_DAYS` ago, because they hold personal data and what
 * they said is known by then. A night in which no process ran is made up for at the next start.
 */
@Injectable()
@Handles('DELIVERY_CLEAN_UP')
export class DeliveryCleanUp implements TaskHandler<'DELIVERY_CLEAN_UP'>, OnApplicationBootstrap {
  constructor(
    private readonly db: Database,
    @Inject(PerStore) private readonly perStore: Pick<PerStore, 'enqueue'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'deliveriesKeptMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly logger: Pick<Logger, 'log'>,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.nightly();
  }

  /** Enqueues the last 03:30 that was, unless that was done. */
  @Cron('0 30 3 * * *', { timeZone: 'UTC' })
  async nightly(): Promise<void> {
    const slot = slotOf(new Date(this.clock.now().getTime() - HALF_PAST_THREE_MS + EARLY_MS), DAY_MS);
    await this.perStore.enqueue('delivery-clean-up', slot, (store) => ({
      type: 'DELIVERY_CLEAN_UP',
      storeId: store.id,
      payload: {},
      dedupeKey: store.id,
    }));
  }

  async handle(task: Task<'DELIVERY_CLEAN_UP'>, signal: AbortSignal): Promise<Outcome> {
    const before = new Date(this.clock.now().getTime() - this.config.deliveriesKeptMs);
    const deleted = await deleteDeliveries(this.db, task.storeId, before, signal);
    this.logger.log({ store_id: task.storeId, deleted }, 'deleted stored deliveries that were kept long enough');
    return done;
  }
}
