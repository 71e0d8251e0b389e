import { Database, timestamptz, uuid } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CronSlots, Logger } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Cron } from '@nestjs/schedule';
import { z } from 'zod';
import { dayAsSlot, dayIn, summaryDay } from './summary-day';

const storeRow = z.object({ id: uuid, time_zone: z.string(), created_at: timestamptz });

/**
 * Asks for the summary of each store's yesterday from 07:00 there on, once among all processes. A morning without any process is
 * made up for at the next start; of several, the last.
 */
@Injectable()
export class DailySummaryTick implements OnApplicationBootstrap {
  /** What this process knows to be asked for: the database need not be asked every minute. */
  private readonly asked = new Map<string, string>();

  constructor(
    private readonly db: Database,
    private readonly slots: CronSlots,
    private readonly events: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly log: Pick<Logger, 'error'>,
  ) {}

  onApplicationBootstrap(): Promise<void> {
    return this.tick();
  }

  /** Every minute, because time zones have their own mornings; also those whose offset is no whole hour. */
  @Cron('1 * * * * *', { timeZone: 'UTC' })
  async tick(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.log.error({ err: error }, 'daily summaries could not be asked for; the next minute tries again');
    }
  }

  /** The stores whose summary was asked for now. */
  async run(): Promise<string[]> {
    const now = this.clock.now();
    const stores = await this.db.sql.rows(storeRow)`SELECT id, time_zone, created_at FROM store ORDER BY id`;
    const asked: string[] = [];
    for (const store of stores) {
      const day = summaryDay(now, store.time_zone);
      // A store that was not there yet has nothing to tell of that day.
      if (this.asked.get(store.id) === day || day < dayIn(store.created_at, store.time_zone)) continue;
      if (await this.ask(store.id, day)) asked.push(store.id);
      this.asked.set(store.id, day);
    }
    return asked;
  }

  /** The slot is the day itself: a store that moves to another time zone has no day twice. */
  private ask(storeId: string, day: string): Promise<boolean> {
    return this.db.transaction('cron.daily-summary', async (tx) => {
      if (!(await this.slots.take(tx, `daily-summary ${storeId}`, dayAsSlot(day)))) return false;
      await this.events.enqueue(tx, { type: 'DAILY_SUMMARY', storeId, payload: { day }, dedupeKey: `${storeId} ${day}` });
      return true;
    });
  }
}
