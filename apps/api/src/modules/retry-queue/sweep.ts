import { Inject, Injectable } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CronSlots, Logger, slotOf } from '@forma3d/platform';
import { Processor } from '@forma3d/tasks';
import { TaskTrouble } from './task-trouble';

const EVERY_MS = 30_000;

/**
 * The safety net: every 30 seconds one process of all takes over what died workers left, looks for due tasks, and closes the
 * attention items of tasks that got well. Commits wake processors at once, so this finds something only after trouble.
 */
@Injectable()
export class Sweep {
  constructor(
    private readonly db: Database,
    private readonly slots: CronSlots,
    private readonly processor: Processor,
    private readonly trouble: TaskTrouble,
    @Inject(CLOCK) private readonly clock: Clock,
    private readonly logger: Logger,
  ) {}

  @Interval(EVERY_MS)
  async tick(): Promise<void> {
    try {
      await this.run();
    } catch (error) {
      this.logger.error({ err: error }, 'the sweep of the task queue failed; the next one tries again');
    }
  }

  /** Answers false when another process had this slot. */
  async run(): Promise<boolean> {
    const slot = slotOf(this.clock.now(), EVERY_MS);
    if (!(await this.db.transaction('cron.sweep', (tx) => this.slots.take(tx, 'sweep', slot)))) return false;
    await this.processor.reap();
    await this.trouble.closeCured();
    return true;
  }
}
