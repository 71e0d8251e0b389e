import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, Handles } from '@forma3d/platform';
import type { SimplyPrintClient, SimplyPrintJob, SimplyPrintPrinter, SimplyPrintQueueItem } from '@forma3d/simplyprint';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Connections } from '../connections';
import { Orders } from '../orders';
import { historyFromOldest, historyPages, historySince } from './job-history';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { PrintMoves } from './print-moves';
import { PrintReports, reportOfHistory, type PrintReport } from './print-reports';
import { QueueItemsRepository, type QueueItem } from './queue-items.repository';

/** A print that is in no list of SimplyPrint may just be on its way from the queue to a printer. */
const VANISHED_AFTER_MS = 120_000;

/** States of a job that a printer has been given and does not print yet. */
const NOT_YET_PRINTING = new Set(['downloading', 'starting', 'operational']);

/** Job states that `jobs/GetDetails` uses for a print that has ended; everything else is under way. */
const ENDED_STATES: Readonly<Record<string, 'COMPLETED' | 'FAILED' | 'CANCELLED'>> = {
  done: 'COMPLETED',
  completed: 'COMPLETED',
  finished: 'COMPLETED',
  failed: 'FAILED',
  cancelled: 'CANCELLED',
  canceled: 'CANCELLED',
};

/**
 * Compares a store's prints under way with SimplyPrint's queue, printers and job history, so that no webhook is needed.
 * Finished jobs vanish from queue and printers: a print that is on no printer any more is asked for by its id, and one
 * whose queue item has started is looked up in the history, which alone tells the queue item of a job.
 */
@Injectable()
@Handles('PRINT_JOB_SWEEP')
export class SweepPrints implements TaskHandler<'PRINT_JOB_SWEEP'> {
  /** By store: queue items of which SimplyPrint holds less than we wait for, and since when this process sees so. */
  private readonly missingSince = new Map<string, ReadonlyMap<string, number>>();

  constructor(
    private readonly db: Database,
    private readonly prints: PrintJobsRepository,
    private readonly items: QueueItemsRepository,
    private readonly reports: PrintReports,
    private readonly moves: PrintMoves,
    private readonly orders: Orders,
    @Inject(Connections) private readonly connections: Pick<Connections, 'simplyprint'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async handle(task: Task<'PRINT_JOB_SWEEP'>, signal: AbortSignal): Promise<Outcome> {
    await this.sweep(task.storeId, signal);
    return done;
  }

  /** The queue is read before the history: an item that left the queue is then in the history that follows. */
  async sweep(storeId: string, signal: AbortSignal): Promise<void> {
    const active = await this.prints.underWay(storeId);
    if (active.length === 0) return;
    const client = await this.connections.simplyprint(storeId);
    const unbound = active.filter((print) => print.simplyprintJobId === null);
    await this.bindStarted(storeId, client, unbound, signal);
    await this.followBound(storeId, client, signal);
  }

  /**
   * Binds what the history tells of a queue item, in a reading that no job slips by: whoever calls a print gone must have looked so. The
   * reading of a sweep, oldest first, may miss one that jobs which start meanwhile move to a page that was read.
   */
  async readSurely(item: Pick<QueueItem, 'storeId' | 'createdAt'>, signal: AbortSignal): Promise<void> {
    const client = await this.connections.simplyprint(item.storeId);
    await this.applyAll(item.storeId, historyPages(client, item.createdAt, signal));
  }

  /** Binds the jobs of queue items that have begun, and ends the prints whose item somebody removed. */
  private async bindStarted(
    storeId: string,
    client: SimplyPrintClient,
    unbound: readonly PrintRow[],
    signal: AbortSignal,
  ): Promise<void> {
    if (unbound.length === 0) {
      this.missingSince.delete(storeId);
      return;
    }
    const queue = new Map((await client.listQueue(signal)).map((item) => [item.id, item]));
    const items = await this.items.ofPrints(unbound.map((print) => print.id));
    const begun = items.filter((item) => leftOf(queue, item) < waitingOf(unbound, item));
    const missing = this.longMissing(storeId, begun);
    // Not since we know it to be added: an item whose AddItem lost its answer may have been printed long before it was found.
    const since = begun.reduce<Date | null>((oldest, item) => earlier(oldest, item.createdAt), null);
    if (since === null) return;
    await this.applyAll(storeId, historyFromOldest(client, since, signal));
    const vanished = await this.unfound(missing, queue);
    if (vanished.length === 0) return;
    // A print is given up only when its job is in no page of a reading that none can slip by.
    await this.applyAll(storeId, historyPages(client, since, signal));
    for (const item of vanished) await this.endVanished(item, leftOf(queue, item));
  }

  /** Page by page, so that a long reading that is cut off was not in vain. */
  private async applyAll(storeId: string, pages: AsyncIterable<SimplyPrintJob[]>): Promise<void> {
    for await (const page of pages) await this.reports.apply(storeId, page.map(reportOfHistory));
  }

  /** Of the queue items: those of which more prints wait for a job than SimplyPrint's queue holds. */
  private async unfound(items: readonly QueueItem[], queue: ReadonlyMap<string, SimplyPrintQueueItem>): Promise<QueueItem[]> {
    const unfound: QueueItem[] = [];
    for (const item of items) {
      const waiting = (await this.prints.ofQueueItem(this.db, item.id)).filter(waitsForJob);
      if (waiting.length > leftOf(queue, item)) unfound.push(item);
    }
    return unfound;
  }

  /** Of the items that have begun: those that have been so for long, sweep after sweep. */
  private longMissing(storeId: string, begun: readonly QueueItem[]): QueueItem[] {
    const now = this.clock.now().getTime();
    const before = this.missingSince.get(storeId);
    const since = new Map(begun.map((item) => [item.id, before?.get(item.id) ?? now]));
    this.missingSince.set(storeId, since);
    return begun.filter((item) => now - (since.get(item.id) ?? now) > VANISHED_AFTER_MS);
  }

  /** Ends the prints that neither a job has nor the queue holds: somebody took them out of SimplyPrint's queue. */
  private async endVanished(item: QueueItem, left: number): Promise<void> {
    await this.db.transaction('print-jobs.vanished', async (tx) => {
      const order = await this.orders.lock(tx, item.orderId);
      if (!order) return;
      const waiting = (await this.prints.ofQueueItem(tx, item.id)).filter(waitsForJob);
      // What is still there is for those that are wanted: what was taken out may have been so at our own request, its answer lost.
      const [wanted, asked] = [waiting.filter((print) => print.cancelRequestedAt === null), waiting.filter((print) => print.cancelRequestedAt !== null)];
      const gone = [...wanted, ...asked].slice(left);
      for (const print of gone) {
        await this.moves.move(tx, order, print, { status: 'CANCELLED', reason: 'removed from SimplyPrint’s queue' });
      }
      if (gone.length > 0) await this.moves.recount(tx, order);
    });
  }

  /** Progress of what is on a printer; the end of what no longer is. */
  private async followBound(storeId: string, client: SimplyPrintClient, signal: AbortSignal): Promise<void> {
    const bound = (await this.prints.underWay(storeId)).filter((print) => print.simplyprintJobId !== null);
    if (bound.length === 0) return;
    const onPrinters = new Map(
      (await client.listPrinters(signal)).flatMap((printer) => (printer.job ? [[printer.job.id, printer] as const] : [])),
    );
    const news = bound.flatMap((print) => {
      const printer = onPrinters.get(print.simplyprintJobId ?? '');
      if (!printer) return [];
      const status = isPrinting(printer) ? 'PRINTING' : 'ASSIGNED';
      return [reportOf(print, status, { printerId: printer.id, printerName: printer.name, percentage: Math.round(printer.job?.percentage ?? 0) })];
    });
    await this.reports.apply(storeId, news);
    await this.endGone(storeId, client, bound.filter((print) => !onPrinters.has(print.simplyprintJobId ?? '')), signal);
  }

  /** Asks for prints that are on no printer one by one, and keeps each answer: with many of them one question is likely to fail. */
  private async endGone(storeId: string, client: SimplyPrintClient, gone: readonly PrintRow[], signal: AbortSignal): Promise<void> {
    const untold: PrintRow[] = [];
    for (const print of gone) {
      const report = await this.ended(client, print, signal);
      if (report) await this.reports.apply(storeId, [report]);
      else untold.push(print);
    }
    await this.reports.apply(storeId, await this.fromHistory(client, untold, signal));
  }

  /** What the history says of jobs that are on no printer and whose details tell no end. */
  private async fromHistory(client: SimplyPrintClient, untold: readonly PrintRow[], signal: AbortSignal): Promise<PrintReport[]> {
    const items = await this.items.ofPrints(untold.map((print) => print.id));
    const since = items.reduce<Date | null>((oldest, item) => earlier(oldest, item.createdAt), null);
    if (since === null) return [];
    const ids = new Set(untold.map((print) => print.simplyprintJobId));
    return (await historySince(client, since, signal)).filter((job) => ids.has(job.id)).map(reportOfHistory);
  }

  private async ended(client: SimplyPrintClient, print: PrintRow, signal: AbortSignal): Promise<PrintReport | undefined> {
    if (print.simplyprintJobUid === null) return undefined;
    const details = await client.getJob(print.simplyprintJobUid, signal);
    const status = ENDED_STATES[details?.state.toLowerCase() ?? ''];
    if (!details || !status) return undefined;
    return reportOf(print, status, {
      printerId: details.printerId,
      printerName: details.printerName,
      percentage: Math.round(details.percentage),
      reason: details.failedReason ?? details.cancelComment ?? details.cancelReason,
    });
  }
}

/** Whether a printer has begun with the job that it was given. */
export function isPrinting(printer: SimplyPrintPrinter): boolean {
  return printer.job !== null && !NOT_YET_PRINTING.has(printer.job.state);
}

const waitsForJob = (print: PrintRow): boolean => print.simplyprintJobId === null && print.status === 'QUEUED';

function leftOf(queue: ReadonlyMap<string, SimplyPrintQueueItem>, item: QueueItem): number {
  return queue.get(item.simplyprintId ?? '')?.left ?? 0;
}

function waitingOf(unbound: readonly PrintRow[], item: QueueItem): number {
  return unbound.filter((print) => print.queueItemId === item.id).length;
}

function earlier(a: Date | null, b: Date): Date {
  return a !== null && a < b ? a : b;
}

function reportOf(
  print: PrintRow,
  status: PrintReport['status'],
  facts: { printerId: string | null; printerName: string | null; percentage: number | null; reason?: string | null },
): PrintReport {
  return {
    jobId: print.simplyprintJobId ?? '',
    uid: print.simplyprintJobUid,
    queueItemId: null,
    status,
    reason: null,
    ...facts,
  };
}
