import type { ForcePrintJobStatus } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { Orders, type OrderRow } from '../orders';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { hasEnded, PrintMoves } from './print-moves';
import { PrintReview } from './print-review';
import { StopRequests } from './stop-requests';
import { Withdrawals } from './withdrawals';
import { keep, requestStop } from './withdrawals.repository';

/** What an operator can do to a print. Each is one transaction under the lock of the order, and audited. */
@Injectable()
export class OperatorActions {
  constructor(
    private readonly db: Database,
    private readonly prints: PrintJobsRepository,
    private readonly moves: PrintMoves,
    private readonly withdrawals: Withdrawals,
    private readonly orders: Orders,
    private readonly audit: Audit,
    private readonly review: PrintReview,
    private readonly stops: StopRequests,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Prints again what failed or was cancelled; answers the id of the new print. */
  retry(storeId: string, id: string): Promise<string> {
    return this.act('print-jobs.retry', storeId, id, async (tx, order, print) => {
      if (order.cancelledAt !== null) throw conflict(print, 'The order is cancelled.');
      if (!print.wanted) throw conflict(print, 'The order does not want this print any more.');
      if (print.replaced) throw conflict(print, 'This print was retried already.');
      if (print.status !== 'FAILED' && print.status !== 'CANCELLED') {
        throw conflict(print, 'Only a print that failed or was cancelled can be retried.');
      }
      const newPrint = await this.moves.reprint(tx, print);
      await this.write(tx, print, 'retried', { reprint: newPrint });
      return newPrint;
    });
  }

  /** Takes a print that has not started out of production; it counts as cancelled when SimplyPrint has confirmed. */
  cancel(storeId: string, id: string): Promise<string> {
    return this.act('print-jobs.cancel', storeId, id, async (tx, _order, print) => {
      if (hasEnded(print.status)) throw conflict(print, 'The print has ended.');
      if (print.status === 'PRINTING') throw conflict(print, 'The print is on a printer: have it stopped, or let it finish.');
      if (print.cancelRequestedAt === null) {
        await this.withdrawals.askBack(tx, [print.id]);
        await this.write(tx, print, 'cancel-requested', {});
      }
      return print.id;
    });
  }

  /** Has a print stopped that a printer was given; it counts as cancelled when SimplyPrint has confirmed. */
  stop(storeId: string, id: string): Promise<string> {
    return this.act('print-jobs.stop', storeId, id, async (tx, _order, print) => {
      mustBeOnPrinter(print);
      if (print.stopRequestedAt === null) {
        await requestStop(tx, print.id, this.clock.now());
        await this.stops.ask(tx, [print]);
        await this.review.over(tx, print);
        await this.write(tx, print, 'stop-requested', {});
      }
      return print.id;
    });
  }

  /** Lets a print finish that is flagged because nobody wants it any more. */
  letFinish(storeId: string, id: string): Promise<string> {
    return this.act('print-jobs.let-finish', storeId, id, async (tx, _order, print) => {
      mustBeOnPrinter(print);
      if (print.stopRequestedAt !== null) throw conflict(print, 'Its stop is under way.');
      if (print.needsReviewAt === null) throw conflict(print, 'Nobody has to decide about this print: it is wanted.');
      if (print.keptAt === null) {
        await keep(tx, print.id, this.clock.now());
        await this.review.over(tx, print);
        await this.write(tx, print, 'kept', {});
      }
      return print.id;
    });
  }

  /** Sets the status by an operator's word, also of a print that has ended; the reason is kept. */
  forceStatus(storeId: string, id: string, force: ForcePrintJobStatus): Promise<string> {
    return this.act('print-jobs.force-status', storeId, id, async (tx, order, print) => {
      if (print.replaced) throw conflict(print, 'A later print took its place: force that one.');
      if (print.status === force.status) throw conflict(print, `The print is ${print.status} already.`);
      await this.moves.force(tx, order, print, { status: force.status, reason: force.reason });
      await this.moves.decided(tx, print);
      // What still waits in SimplyPrint for it is taken out.
      if (!hasEnded(print.status) && print.simplyprintJobId === null) await this.withdrawals.askBack(tx, [print.id]);
      await this.write(tx, print, 'status-forced', { new_status: force.status, reason: force.reason });
      return print.id;
    });
  }

  private async act(
    name: string,
    storeId: string,
    id: string,
    action: (tx: Tx, order: OrderRow, print: PrintRow) => Promise<string>,
  ): Promise<string> {
    return this.db.transaction(name, async (tx) => {
      const found = await this.prints.get(tx, storeId, id);
      const order = found && (await this.orders.lock(tx, found.orderId));
      // Read again under the lock.
      const print = order && (await this.prints.get(tx, storeId, id));
      if (!print) throw new DomainError('print-job-not-found', 'There is no such print job.');
      const result = await action(tx, order, print);
      await this.moves.recount(tx, order);
      return result;
    });
  }

  private write(tx: Tx, print: PrintRow, action: string, meta: Record<string, unknown>): Promise<void> {
    return this.audit.write(tx, {
      storeId: print.storeId,
      entity: 'print_job',
      entityId: print.id,
      action,
      meta: { order_id: print.orderId, old_status: print.status, ...meta },
    });
  }
}

function mustBeOnPrinter(print: PrintRow): void {
  if (hasEnded(print.status)) throw conflict(print, 'The print has ended.');
  if (print.simplyprintJobId === null) throw conflict(print, 'The print has not started: cancel it.');
}

function conflict(print: PrintRow, message: string): DomainError {
  return new DomainError('conflict', message, { status: print.status });
}
