import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, Handles } from '@forma3d/platform';
import { parseSimplyPrintWebhook } from '@forma3d/simplyprint';
import { done, EventLog, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Inbox } from '../inbox';
import { PrintJobsRepository } from './print-jobs.repository';
import { PrintReports, type PrintReport } from './print-reports';

/**
 * What a job event says, by its name alone: the vendor's samples carry the same job state whatever the event. A pause is
 * still a print on a printer.
 */
const STATUS_OF_EVENT: Readonly<Record<string, PrintReport['status']>> = {
  'job.started': 'PRINTING',
  'job.paused': 'PRINTING',
  'job.resumed': 'PRINTING',
  'job.done': 'COMPLETED',
  'job.failed': 'FAILED',
  'job.cancelled': 'CANCELLED',
};

/** How soon to look again, and twice as late each time, at a job that may belong to an item whose id is not known yet; and when it is left to the regular sweep. */
const AGAIN_MS = 1_000;
const NO_LONGER_NEWS_MS = 30_000;

/**
 * The fast path of print news. A webhook names a job and not its queue item, so that one for a job we do not know only
 * wakes the sweep, which finds out. A printer may be quicker than the answer to our AddItem: then the job is looked at again once
 * the item has its id.
 */
@Injectable()
@Handles('SIMPLYPRINT_WEBHOOK')
export class SimplyPrintWebhook implements TaskHandler<'SIMPLYPRINT_WEBHOOK'> {
  constructor(
    private readonly db: Database,
    private readonly inbox: Inbox,
    private readonly reports: PrintReports,
    private readonly prints: PrintJobsRepository,
    private readonly events: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async handle(task: Task<'SIMPLYPRINT_WEBHOOK'>): Promise<Outcome> {
    const delivery = await this.inbox.delivery(task.payload.delivery_id);
    if (!delivery) return done; // past its retention
    const webhook = parseSimplyPrintWebhook(delivery.body);
    const status = STATUS_OF_EVENT[webhook.event];
    if (status !== undefined && webhook.jobId !== null) {
      const strangers = await this.reports.apply(task.storeId, [
        {
          jobId: webhook.jobId,
          uid: webhook.jobUid,
          queueItemId: webhook.queueItemId,
          status,
          printerId: webhook.printerId,
          printerName: webhook.printerName,
          percentage: null,
          reason: null,
        },
      ]);
      // On a farm that prints for others too, most jobs are theirs: one can be ours only while some print of ours has none.
      if (strangers.size === 0 || !(await this.prints.awaitsJob(task.storeId))) return done;
      const isNews = this.clock.now().getTime() - delivery.receivedAt.getTime() < NO_LONGER_NEWS_MS;
      if (isNews && (await this.prints.beingAdded(task.storeId))) {
        if (task.attempt === 1) await this.wakeSweep(task.storeId);
        return snooze('the job may be of a queue item that is being added', AGAIN_MS * 2 ** (task.attempt - 1));
      }
    }
    await this.wakeSweep(task.storeId);
    return done;
  }

  private wakeSweep(storeId: string): Promise<void> {
    return this.events.askFor(this.db, { type: 'PRINT_JOB_SWEEP', storeId, payload: {}, dedupeKey: storeId });
  }
}
