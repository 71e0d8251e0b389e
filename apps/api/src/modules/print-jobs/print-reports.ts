import { PRINT_JOB, type PrintJobStatus } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { canMove } from '@forma3d/kernel';
import type { SimplyPrintJob } from '@forma3d/simplyprint';
import { Injectable } from '@nestjs/common';
import { inScopeOf, Orders, type OrderRow } from '../orders';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { hasEnded, PrintMoves } from './print-moves';
import { PrintReview } from './print-review';
import { QueueItemsRepository, type QueueItem } from './queue-items.repository';
import { StopRequests } from './stop-requests';

/** What SimplyPrint says of one of its jobs, wherever it said it. */
export interface PrintReport {
  jobId: string;
  uid: string | null;
  /** SimplyPrint's queue item; null where the source does not tell (webhooks). */
  queueItemId: string | null;
  status: Exclude<PrintJobStatus, 'PENDING' | 'QUEUED'>;
  printerId: string | null;
  printerName: string | null;
  /** 0 to 100, where told. */
  percentage: number | null;
  reason: string | null;
}

interface News {
  report: PrintReport;
  item: QueueItem | undefined;
}

/** Orders whose news is written at the same time; each takes a connection of the pool. */
const ORDERS_AT_ONCE = 4;

/** `ongoing` begins when a printer is given the job; whether it prints yet, the printers tell. */
const STATUS_OF_HISTORY = { ongoing: 'ASSIGNED', done: 'COMPLETED', failed: 'FAILED', cancelled: 'CANCELLED' } as const;

export function reportOfHistory(job: SimplyPrintJob): PrintReport {
  return {
    jobId: job.id,
    uid: job.uid,
    queueItemId: job.queueItemId,
    status: STATUS_OF_HISTORY[job.status],
    printerId: job.printerId,
    printerName: job.printerName,
    percentage: Math.round(job.percentage),
    reason: null,
  };
}

/**
 * The one function that all news of prints goes through: webhooks, sweep and job history. Binds jobs to prints, moves
 * prints forward, and recounts each order once. News that changes nothing costs one read.
 */
@Injectable()
export class PrintReports {
  constructor(
    private readonly db: Database,
    private readonly prints: PrintJobsRepository,
    private readonly items: QueueItemsRepository,
    private readonly moves: PrintMoves,
    private readonly review: PrintReview,
    private readonly stops: StopRequests,
    private readonly orders: Orders,
  ) {}

  /** Answers the ids of the jobs that are no prints of ours, as far as the reports tell. */
  async apply(storeId: string, reports: readonly PrintReport[]): Promise<Set<string>> {
    const known = await this.prints.byJobIds(storeId, reports.map((report) => report.jobId));
    const queueItemIds = reports.flatMap((report) => (report.queueItemId === null ? [] : [report.queueItemId]));
    const items = new Map((await this.items.bySimplyprintIds(storeId, queueItemIds)).map((item) => [item.simplyprintId, item]));
    const strangers = new Set<string>();
    const byOrder = new Map<string, News[]>();
    for (const report of reports) {
      const print = known.get(report.jobId);
      const item = items.get(report.queueItemId);
      const orderId = print?.orderId ?? item?.orderId;
      if (orderId === undefined) strangers.add(report.jobId);
      else if (!print || isNews(print, report)) {
        byOrder.set(orderId, [...(byOrder.get(orderId) ?? []), { report, item }]);
      }
    }
    await this.applyByOrder(byOrder);
    return strangers;
  }

  /**
   * A few orders at a time: after an outage a sweep has news of thousands of prints, and nothing else tells of them. Each order keeps
   * its news, also when another's cannot be written.
   */
  private async applyByOrder(byOrder: Map<string, News[]>): Promise<void> {
    const waiting = [...byOrder];
    const oneAfterAnother = async (): Promise<void> => {
      for (let next = waiting.shift(); next; next = waiting.shift()) await this.applyToOrder(...next);
    };
    const ends = await Promise.allSettled(Array.from({ length: ORDERS_AT_ONCE }, oneAfterAnother));
    const failed = ends.find((end) => end.status === 'rejected');
    if (failed) throw failed.reason;
  }

  private applyToOrder(orderId: string, news: readonly News[]): Promise<void> {
    return this.db.transaction('print-jobs.report', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (order) await inScopeOf(order, () => this.applyAll(tx, order, news));
    });
  }

  private async applyAll(tx: Tx, order: OrderRow, news: readonly News[]): Promise<void> {
    let moved = false;
    for (const { report, item } of news) moved = (await this.applyOne(tx, order, report, item)) || moved;
    if (moved) await this.moves.recount(tx, order);
  }

  private async applyOne(tx: Tx, order: OrderRow, report: PrintReport, item: QueueItem | undefined): Promise<boolean> {
    const job = { id: report.jobId, uid: report.uid };
    const known = await this.prints.byJobId(tx, order.storeId, report.jobId);
    let print = known;
    if (!print && item) print = (await this.prints.bind(tx, item.id, job)) ?? (await this.unexpected(tx, order, item, job));
    if (!print) return false;
    const moved = await this.moves.move(tx, order, print, report);
    if (moved && (!print.wanted || print.cancelRequestedAt !== null) && print.stopRequestedAt === null) {
      if (report.status === 'ASSIGNED') await this.stops.ask(tx, [print]);
      if (report.status === 'PRINTING') await this.review.unwanted(tx, order, [print.id], 'it went to a printer although it was asked back');
    }
    if (!moved && report.status === 'PRINTING' && report.percentage !== null) {
      await this.prints.progress(tx, print.id, report.percentage, report.printerName);
    }
    return moved || !known;
  }

  /**
   * More jobs than prints of a queue item: somebody revived it. A print that failed and has no reprint has it now;
   * anything else is an extra print that a person should know of.
   */
  private async unexpected(
    tx: Tx,
    order: OrderRow,
    item: QueueItem,
    job: { id: string; uid: string | null },
  ): Promise<PrintRow | undefined> {
    const prints = await this.prints.ofQueueItem(tx, item.id);
    const open = prints.find((print) => hasEnded(print.status) && print.status !== 'COMPLETED' && print.wanted && !print.replaced);
    if (open) return this.moves.takeOver(tx, open, job);
    const asked = prints.find((print) => print.simplyprintJobId === null && print.status === 'CANCELLED');
    const about = asked ?? prints.at(-1);
    const reason = `SimplyPrint started job ${job.id} of its queue item, for which no print is left`;
    if (about) await this.review.unexpected(tx, order, about.id, reason);
    return undefined;
  }
}

function isNews(print: PrintRow, report: PrintReport): boolean {
  if (canMove(PRINT_JOB, print.status, report.status)) return true;
  return report.status === 'PRINTING' && print.status === 'PRINTING' && report.percentage !== print.percentage;
}
