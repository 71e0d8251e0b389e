import { Injectable } from '@nestjs/common';
import { Database } from '@forma3d/database';
import { CronSlots } from '@forma3d/platform';
import { EventLog, type NewTask } from '@forma3d/tasks';
import type { Store } from './store';
import { Stores } from './stores';

/** What a cron tick does: enqueue one task per store, once among all processes. */
@Injectable()
export class PerStore {
  constructor(
    private readonly db: Database,
    private readonly stores: Stores,
    private readonly slots: CronSlots,
    private readonly events: EventLog,
  ) {}

  /**
   * Takes the slot and enqueues in one transaction, so that neither is without the other. Answers false when another process
   * had the slot.
   *
   * @param name the job's name, e.g. `catch-up`
   * @param slot start of the slot (`slotOf`)
   * @param which the stores that it is done for; all, where nothing is said
   */
  async enqueue(name: string, slot: Date, task: (store: Store) => NewTask, which: (store: Store) => boolean = () => true): Promise<boolean> {
    const stores = (await this.stores.all()).filter(which);
    return this.db.transaction(`cron.${name}`, async (tx) => {
      if (!(await this.slots.take(tx, name, slot))) return false;
      await this.events.enqueue(tx, ...stores.map(task));
      return true;
    });
  }
}
