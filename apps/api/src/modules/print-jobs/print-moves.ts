import { PRINT_JOB, type PrintJobStatus } from '@forma3d/contracts';
import type { Tx } from '@forma3d/database';
import { canMove, newId, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import { decisionsOf, Orders, type OrderRow } from '../orders';
import { PrintJobsRepository, type PrintChange, type PrintRow } from './print-jobs.repository';
import { PrintReview } from './print-review';
import { QueueItemsRepository } from './queue-items.repository';

const ENDED: readonly PrintJobStatus[] = ['COMPLETED', 'FAILED', 'CANCELLED'];
export const hasEnded = (status: PrintJobStatus): boolean => ENDED.includes(status);

/**
 * Every move of a print, with what follows from it, in the caller's transaction and under the lock of its order. Status
 * only moves forward: a report that would go backwards changes nothing.
 */
@Injectable()
export class PrintMoves {
  constructor(
    private readonly prints: PrintJobsRepository,
    private readonly items: QueueItemsRepository,
    private readonly orders: Orders,
    private readonly events: EventLog,
    private readonly attention: Attention,
    private readonly review: PrintReview,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Answers whether the print moved. The caller recounts the order once it has made all its moves. */
  async move(tx: Tx, order: OrderRow, print: PrintRow, change: PrintChange): Promise<boolean> {
    if (!canMove(PRINT_JOB, print.status, change.status)) return false;
    return this.set(tx, order, print, change, { forced: false });
  }

  /** An operator's word: moves also what has ended, and reprints nothing by itself. */
  force(tx: Tx, order: OrderRow, print: PrintRow, change: PrintChange): Promise<boolean> {
    return this.set(tx, order, print, change, { forced: true });
  }

  /** Stores and publishes what the order's prints have come to. */
  async recount(tx: Tx, order: Pick<OrderRow, 'id' | 'printsWanted' | 'linesUnmapped'>): Promise<void> {
    const counts = await this.prints.counts(tx, order.id);
    await this.orders.setProduction(tx, order.id, { ...counts, wanted: order.printsWanted, unmapped: order.linesUnmapped });
  }

  /**
   * A person has said what became of a print, or prints it again. Whoever has done so for all that is wanted of a queue item has seen
   * whether SimplyPrint has it. That alone closes the question: what is merely wanted no more may still stand in SimplyPrint and be printed.
   */
  async decided(tx: Tx, print: Pick<PrintRow, 'storeId' | 'queueItemId'>): Promise<void> {
    if (await this.prints.needsDecision(tx, print.queueItemId)) return;
    await this.attention.close(tx, { storeId: print.storeId, kind: 'queue-item-unclear', subjectId: print.queueItemId });
  }

  /** Prints once more what a print failed to: a new print and a new queue item of amount 1. */
  async reprint(tx: Tx, print: PrintRow): Promise<string> {
    const queueItemId = await this.items.insertReprint(tx, print.queueItemId, this.clock.now());
    const id = await this.replace(tx, print, { queueItemId });
    await this.events.enqueue(tx, {
      type: 'PRINT_JOB_CREATION',
      storeId: print.storeId,
      orderId: print.orderId,
      payload: { queue_item_id: queueItemId },
      dedupeKey: queueItemId,
    });
    return id;
  }

  /** A reprint that somebody started in SimplyPrint by reviving the queue item: a new print, already bound to its job. */
  async takeOver(tx: Tx, print: PrintRow, job: { id: string; uid: string | null }): Promise<PrintRow | undefined> {
    await this.replace(tx, print, { queueItemId: print.queueItemId, job });
    return this.prints.byJobId(tx, print.storeId, job.id);
  }

  private async replace(
    tx: Tx,
    print: PrintRow,
    by: { queueItemId: string; job?: { id: string; uid: string | null } },
  ): Promise<string> {
    const id = newId();
    const reprintNumber = print.reprintNumber + 1;
    const { storeId, orderId, lineItemId } = print;
    await this.prints.markReplaced(tx, print.id);
    await this.prints.insert(tx, [{ id, storeId, orderId, lineItemId, reprintOf: print.id, reprintNumber, ...by }], this.clock.now());
    await this.attention.close(tx, { storeId, kind: 'print-failed', subjectId: print.id });
    await this.decided(tx, print);
    await this.events.publish(tx, {
      type: 'print-job.reprint-started',
      storeId,
      aggregateId: id,
      orderId,
      payload: { order_id: orderId, print_job_id: id, reprint_of: print.id, reprint_number: reprintNumber },
    });
    return id;
  }

  private async set(
    tx: Tx,
    order: OrderRow,
    print: PrintRow,
    change: PrintChange,
    how: { forced: boolean },
  ): Promise<boolean> {
    if (!(await this.prints.move(tx, print.id, [print.status], change, this.clock.now()))) return false;
    const about = { storeId: print.storeId, aggregateId: print.id, orderId: print.orderId };
    const ids = { order_id: print.orderId, print_job_id: print.id };
    await this.events.publish(tx, {
      ...about,
      type: 'print-job.status-changed',
      payload: {
        ...ids,
        old_status: print.status,
        new_status: change.status,
        printer: change.printerName ?? print.printerName,
        reason: change.reason ?? null,
      },
    });
    if (hasEnded(change.status)) await this.review.over(tx, print);
    if (change.status === 'COMPLETED') {
      await this.attention.close(tx, { storeId: print.storeId, kind: 'print-failed', subjectId: print.id });
      await this.events.publish(tx, { ...about, type: 'print-job.completed', payload: ids });
    } else if (change.status === 'FAILED') {
      await this.failed(tx, order, print, change.reason ?? null, !how.forced);
    } else if (change.status === 'CANCELLED' && print.cancelRequestedAt === null) {
      await this.needsDecision(tx, order, print, how.forced ? 'was called cancelled by a person' : 'was cancelled in SimplyPrint', change.reason ?? null);
    }
    return true;
  }

  private async failed(tx: Tx, order: OrderRow, print: PrintRow, reason: string | null, mayReprint: boolean): Promise<void> {
    const { policies } = await decisionsOf(tx, print.storeId);
    const wanted = print.wanted && order.cancelledAt === null;
    const willReprint = mayReprint && wanted && print.cancelRequestedAt === null && print.reprintNumber < policies.reprint_limit;
    await this.events.publish(tx, {
      type: 'print-job.failed',
      storeId: print.storeId,
      aggregateId: print.id,
      orderId: print.orderId,
      severity: willReprint || !wanted ? 'WARNING' : 'ERROR',
      payload: { order_id: print.orderId, print_job_id: print.id, reason, will_reprint: willReprint, wanted },
    });
    if (willReprint) await this.reprint(tx, print);
    else await this.needsDecision(tx, order, print, 'failed', reason);
  }

  private async needsDecision(tx: Tx, order: OrderRow, print: PrintRow, what: string, reason: string | null): Promise<void> {
    if (!print.wanted || order.cancelledAt !== null) return;
    await this.attention.open(tx, {
      storeId: print.storeId,
      kind: 'print-failed',
      subjectId: print.id,
      orderId: print.orderId,
      message: `A print of order ${order.name} ${what}${reason === null ? '' : ` (${reason})`}. Retry it, or force its status.`,
      details: { print_job_id: print.id, reprint_number: print.reprintNumber },
    });
  }
}
