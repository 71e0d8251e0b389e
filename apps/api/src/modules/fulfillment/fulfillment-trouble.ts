import { Database, type Tx } from '@forma3d/database';
import type { Clock, OutsideError } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { Orders, type OrderRow } from '../orders';
import { FulfillmentOutcomes } from './fulfillment-outcomes';
import { newRow, type FulfillmentRow } from './fulfillment-row';
import { endRequest, requestOfOrder, rowsOfOrder } from './fulfillment.repository';

/** Trouble around fulfillments, noted where people look for it. */
@Injectable()
export class FulfillmentTrouble {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly outcomes: FulfillmentOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Shopify could not be read: the fulfillment is retrying, even when nothing could be planned yet. Told once. */
  reading(orderId: string, error: OutsideError): Promise<void> {
    return this.db.transaction('fulfillment.trouble', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order || order.cancelledAt !== null) return;
      const rows = await rowsOfOrder(tx, orderId);
      if (rows.some((row) => row.phase === 'retrying' || row.phase === 'failed')) return;
      const begun = rows.filter((row) => row.phase === 'pending' || row.phase === 'processing' || row.phase === 'on_hold');
      // An order that is fulfilled, and only looked at once more, is in no trouble.
      if (begun.length === 0 && order.fulfilledAt !== null) return;
      for (const row of begun.length > 0 ? begun : [this.blank(order)]) {
        await this.outcomes.retrying(tx, order, row, { reason: error.message, tell: true, retryAt: null });
      }
    });
  }

  /**
   * The task ended as FAILED. What a person asked for stays, for when they have it tried again. For a cancelled order that is no failure:
   * there is nothing to fulfill any more, only perhaps something that nobody could look after.
   */
  async forGood(tx: Tx, orderId: string, reason: string): Promise<void> {
    const order = await this.orders.lock(tx, orderId);
    if (!order) return;
    const rows = await rowsOfOrder(tx, orderId);
    if (order.cancelledAt !== null) {
      const request = await requestOfOrder(tx, orderId);
      if (request) await endRequest(tx, orderId, request.id);
      await this.outcomes.endCancelled(tx, order, rows);
      await this.outcomes.leftUnclear(tx, order, rows, reason);
      return;
    }
    const underWay = rows.filter((row) => row.phase === 'processing' || row.phase === 'retrying');
    const earlier = rows.filter((row) => row.phase === 'failed');
    // An order that is fulfilled, and only looked at once more, is in no trouble; what it owes Shopify may be its tracking number.
    if (underWay.length + earlier.length === 0 && order.fulfilledAt !== null) return this.outcomes.leftUntracked(tx, order, rows, reason);
    // A second failure of the same work is told again, but is not a second fulfillment.
    const failing = underWay.length > 0 ? underWay : earlier.length > 0 ? earlier : [this.blank(order)];
    await this.outcomes.failed(tx, order, failing, reason);
  }

  private blank(order: OrderRow): FulfillmentRow {
    return newRow({ ...order, orderId: order.id }, 'pending', {}, this.clock.now());
  }
}
