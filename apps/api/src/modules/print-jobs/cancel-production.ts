import type { Tx } from '@forma3d/database';
import { Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import type { OrderRow } from '../orders';
import { PrintJobsRepository } from './print-jobs.repository';
import { PrintMoves } from './print-moves';
import { StopRequests } from './stop-requests';
import { Withdrawals } from './withdrawals';
import { askedBack, cancelCounts, stopping, type CancelCounts } from './withdrawals.repository';

/** What a cancelled order means for its prints: one way, whether Shopify or a person here cancelled it. Safe to go twice. */
@Injectable()
export class CancelProduction {
  constructor(
    private readonly prints: PrintJobsRepository,
    private readonly moves: PrintMoves,
    private readonly withdrawals: Withdrawals,
    private readonly attention: Attention,
    private readonly stops: StopRequests,
  ) {}

  /** Takes all prints off a locked order that is cancelled. Of its production nothing needs a person any more but the prints that run. */
  async of(tx: Tx, order: OrderRow): Promise<void> {
    await this.withdrawals.withdraw(tx, order, await this.prints.slots(tx, order.id), 'the order is cancelled');
    await this.moves.recount(tx, { ...order, printsWanted: 0, linesUnmapped: 0 });
    await this.attention.close(tx, { storeId: order.storeId, kind: 'unmapped-lines', subjectId: order.id });
  }

  /** Takes up again what was asked for and is not confirmed, where its task was given up or discarded. */
  async pursue(tx: Tx, orderId: string): Promise<void> {
    await this.withdrawals.askBack(tx, await askedBack(tx, orderId));
    await this.stops.ask(tx, await stopping(tx, orderId));
  }

  /** Takes back what is not printed yet of a locked order that is fulfilled without it. */
  async remaining(tx: Tx, order: OrderRow): Promise<void> {
    const slots = await this.prints.slots(tx, order.id);
    const open = slots.filter((slot) => slot.status !== 'COMPLETED');
    if (open.length === 0) return;
    await this.withdrawals.withdraw(tx, order, open, 'the order is fulfilled without it');
    await this.moves.recount(tx, { ...order, printsWanted: slots.length - open.length });
  }

  /** What has become of the prints of an order by now. */
  report(tx: Tx, orderId: string): Promise<CancelCounts> {
    return cancelCounts(tx, orderId);
  }
}
