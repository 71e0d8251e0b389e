import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, slotOf } from '@forma3d/platform';
import { EventLog, type NewTask } from '@forma3d/tasks';
import { PerStore, Stores, type Store } from '../access';

const DAY_MS = 86_400_000;

/** Asks for a check of the webhook subscriptions at every start and once a day. */
@Injectable()
export class SubscriptionCheck implements OnApplicationBootstrap {
  constructor(
    private readonly db: Database,
    private readonly stores: Stores,
    private readonly events: EventLog,
    private readonly perStore: PerStore,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    const stores = await this.stores.all();
    await this.db.transaction('installation.check-subscriptions', (tx) => this.events.enqueue(tx, ...stores.map(checkOf)));
  }

  /** A person wants it done now. */
  async now(storeId: string): Promise<void> {
    const store = await this.stores.get(storeId);
    await this.db.transaction('installation.check-now', async (tx) => {
      await this.events.enqueue(tx, checkOf(store));
      await this.events.hasten(tx, 'WEBHOOK_SUBSCRIPTIONS', storeId);
    });
  }

  @Cron('0 20 4 * * *', { timeZone: 'UTC' })
  async daily(): Promise<void> {
    await this.perStore.enqueue('webhook-subscriptions', slotOf(this.clock.now(), DAY_MS), checkOf);
  }
}

function checkOf(store: Store): NewTask<'WEBHOOK_SUBSCRIPTIONS'> {
  return { type: 'WEBHOOK_SUBSCRIPTIONS', storeId: store.id, payload: {}, dedupeKey: store.id };
}
