import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, CronSlots, slotOf, type Config } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { SchedulerRegistry } from '@nestjs/schedule';
import { PrintJobsRepository } from './print-jobs.repository';

/** Asks for a sweep of every store that has prints under way, each interval once among all processes. */
@Injectable()
export class SweepSchedule implements OnApplicationBootstrap {
  constructor(
    private readonly db: Database,
    private readonly prints: PrintJobsRepository,
    private readonly slots: CronSlots,
    private readonly events: EventLog,
    private readonly scheduler: SchedulerRegistry,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'printSweepSeconds'>,
  ) {}

  onApplicationBootstrap(): void {
    const everyMs = this.config.printSweepSeconds * 1_000;
    this.scheduler.addInterval(
      'print-job-sweep',
      setInterval(() => {
        // A tick that fails, as while the database is away, is made up for by the next.
        this.tick(everyMs).catch(() => undefined);
      }, everyMs),
    );
  }

  async tick(everyMs: number): Promise<void> {
    await this.db.transaction('print-jobs.sweep-tick', async (tx) => {
      if (!(await this.slots.take(tx, 'print-job-sweep', slotOf(this.clock.now(), everyMs)))) return;
      const stores = await this.prints.storesUnderWay(tx);
      await this.events.enqueue(
        tx,
        ...stores.map((storeId) => ({ type: 'PRINT_JOB_SWEEP' as const, storeId, payload: {}, dedupeKey: storeId })),
      );
    });
  }
}
