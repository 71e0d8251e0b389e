import { Database, type Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, slotOf, type Config } from '@forma3d/platform';
import { done, EventLog, type NewTask, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { PerStore, type Store } from '../access';
import { Connections } from '../connections';
import { moveSeenUntil, newerThanKnown, seenUntil } from './catch-up.repository';
import type { ShopifyConnections } from './refresh-order';
import { refreshUnlessTold } from './refresh-task';

/** Looked at again each time: Shopify's index of updates is not quite in step with its clock. */
const OVERLAP_MS = 10 * 60_000;
/** How long a webhook of a change is given to come and be worked off before the order is read for it. */
const ON_ITS_WAY_MS = 2_000;

/**
 * Asks Shopify which orders changed since the last one seen and has those asked for that are newer than what we know, so
 * that a webhook that never comes costs minutes. Goes on where it stopped: the place moves page by page, in the
 * transaction of the page's tasks.
 */
@Injectable()
@Handles('CATCH_UP')
export class CatchUp implements TaskHandler<'CATCH_UP'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(Connections) private readonly connections: ShopifyConnections,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async handle(task: Task<'CATCH_UP'>, signal: AbortSignal): Promise<Outcome> {
    const { storeId } = task;
    const startedAt = this.clock.now();
    const from = await seenUntil(this.db, storeId, startedAt);
    const since = new Date(from.getTime() - OVERLAP_MS);
    const shopify = await this.connections.shopify(storeId);
    let after: string | undefined;
    do {
      const page = await shopify.changedOrders({ since, after }, signal);
      after = page.nextCursor ?? undefined;
      const last = page.orders.at(-1)?.updatedAt ?? from;
      await this.db.transaction('orders.catch-up', async (tx) => {
        await this.askForNewer(tx, storeId, page.orders);
        await moveSeenUntil(tx, storeId, last, this.clock.now());
      });
    } while (after !== undefined);
    return done;
  }

  private async askForNewer(tx: Tx, storeId: string, changed: readonly { id: string; updatedAt: Date }[]): Promise<void> {
    const untold = await newerThanKnown(tx, storeId, changed);
    const dueAt = new Date(this.clock.now().getTime() + ON_ITS_WAY_MS);
    await this.events.enqueue(tx, ...untold.map((each) => refreshUnlessTold(storeId, each, dueAt)));
  }
}

/**
 * Starts the catch-up of every store each few minutes, once among all processes; also at a start, when nobody has yet: after a time
 * without any process much may have been missed.
 */
@Injectable()
export class CatchUpTick implements OnApplicationBootstrap {
  constructor(
    @Inject(PerStore) private readonly perStore: Pick<PerStore, 'enqueue'>,
    @Inject(CONFIG) private readonly config: Pick<Config, 'catchUpMinutes'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    await this.tick();
  }

  /** Comes every minute; the slot decides when there is something to do. Answers false when it was taken already. */
  @Cron('5 * * * * *', { timeZone: 'UTC' })
  tick(): Promise<boolean> {
    const slot = slotOf(this.clock.now(), this.config.catchUpMinutes * 60_000);
    const task = (store: Store): NewTask => ({ type: 'CATCH_UP', storeId: store.id, payload: {}, dedupeKey: store.id });
    return this.perStore.enqueue('catch-up', slot, task, (store) => store.uninstalledAt === null);
  }
}
