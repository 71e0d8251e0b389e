import { Database, type Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { FulfillmentWork } from '@forma3d/shopify';
import { Inject, Injectable } from '@nestjs/common';
import { Orders, type LineRow, type OrderRow } from '../orders';
import { FulfillmentOutcomes } from './fulfillment-outcomes';
import { answerOf, isUnsettled, moved, newRow, type FulfillmentRow } from './fulfillment-row';
import { FULFILLMENT_SETTINGS, type FulfillmentSettings } from './fulfillment-settings';
import { putRow, rowsOfOrder } from './fulfillment.repository';
import { isEmpty, reconcile } from './reconcile-fulfillments';

/** The order, its lines and its fulfillments, as last read. */
export interface Present {
  order: OrderRow;
  lines: LineRow[];
  rows: FulfillmentRow[];
}

/** Milliseconds until the outcome of every call that may be under way can be read; 0 or less when it can be now. */
export function msUntilReadable(rows: readonly FulfillmentRow[], at: Date, settleMs: number): number {
  const open = rows.flatMap((row) => (row.intentUntil === null ? [] : [row.intentUntil.getTime()]));
  return Math.max(Number.NEGATIVE_INFINITY, ...open) + settleMs - at.getTime();
}

/** Brings our rows in line with what Shopify shows, before anything is decided. */
@Injectable()
export class SettleFulfillments {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly outcomes: FulfillmentOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(FULFILLMENT_SETTINGS) private readonly settings: FulfillmentSettings,
  ) {}

  /**
   * Attributes what Shopify shows to the calls of ours whose answer got lost, takes over what others made, notes what was
   * cancelled there, and ends what was begun for an order that is cancelled.
   *
   * @param readAt when the reading of Shopify began
   * @returns the state afterwards, or `busy` when another runner sent a call since: what was read says nothing about it
   */
  async settle(present: Present, work: FulfillmentWork, readAt: Date): Promise<Present | 'busy'> {
    const nothingToDo =
      isEmpty(reconcile(present.rows, work.fulfillments, present.lines)) &&
      !(present.order.cancelledAt !== null && present.rows.some(isUnsettled));
    if (nothingToDo) return present;
    return this.db.transaction('fulfillment.settle', async (tx) => {
      const order = await this.orders.lock(tx, present.order.id);
      if (!order) return 'busy';
      const rows = await rowsOfOrder(tx, order.id);
      if (msUntilReadable(rows, readAt, this.settings.settleMs) > 0) return 'busy';
      await this.apply(tx, { ...present, order, rows }, work);
      return {
        order: (await this.orders.lock(tx, order.id)) ?? order,
        lines: present.lines,
        rows: await rowsOfOrder(tx, order.id),
      };
    });
  }

  private async apply(tx: Tx, { order, rows, lines }: Present, work: FulfillmentWork): Promise<void> {
    const now = this.clock.now();
    const found = reconcile(rows, work.fulfillments, lines);
    for (const { row, fulfillment } of found.happened) {
      await this.outcomes.succeeded(tx, order, moved(row, 'succeeded', answerOf(fulfillment), now), false);
    }
    for (const row of found.didNotHappen) {
      const phase = row.phase === 'failed' ? 'failed' : 'retrying';
      await putRow(tx, moved(row, phase, { intentUntil: null }, now));
    }
    for (const { row, fulfillment } of found.adopted) {
      const facts = {
        ...answerOf(fulfillment),
        adopted: true,
        generation: order.generation,
        lines: fulfillment.lines.map((line) => ({ ...line, fulfillmentOrderId: null, fulfillmentOrderLineItemId: null })),
        succeededAt: fulfillment.createdAt,
      };
      const begun = row ? rowAfter(row, found.didNotHappen, now) : newRow({ ...order, orderId: order.id }, 'succeeded', {}, now);
      await this.outcomes.succeeded(tx, order, moved(begun, 'succeeded', facts, now), false);
    }
    for (const row of found.cancelled) await this.outcomes.cancelled(tx, order, row);
    if (order.cancelledAt !== null) await this.outcomes.endCancelled(tx, order, await rowsOfOrder(tx, order.id));
  }
}

/** A row whose call turned out not to have happened, and which another's fulfillment settles in the same breath. */
function rowAfter(row: FulfillmentRow, didNotHappen: readonly FulfillmentRow[], now: Date): FulfillmentRow {
  return didNotHappen.includes(row) && row.phase !== 'failed' ? moved(row, 'retrying', { intentUntil: null }, now) : row;
}
