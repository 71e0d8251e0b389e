import type { ForcePrintJobStatus } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { Orders, type OrderRow } from '../orders';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { hasEnded, PrintMoves } from './print-moves';
import { Withdrawals } from './withdrawals';

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
      if (print.status === 'PRINTING') throw conflict(print, 'The print is on a printer: stop it there.');
      if (print.cancelRequestedAt === null) {
        await this.withdrawals.askBack(tx, [print.id]);
        await this.write(tx, print, 'cancel-requested', {});
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

function conflict(print: PrintRow, message: string): DomainError {
  return new DomainError('conflict', message, { status: print.status });
}
