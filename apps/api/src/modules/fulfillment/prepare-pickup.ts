import { Database } from '@forma3d/database';
import { OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { ShopifyClient } from '@forma3d/shopify';
import { Inject, Injectable } from '@nestjs/common';
import { Orders, type OrderRow } from '../orders';
import { FulfillmentOutcomes } from './fulfillment-outcomes';
import { moved, newRow, rowFor } from './fulfillment-row';
import { putRow, rowsOfOrder } from './fulfillment.repository';
import { groupsOf, type PlannedPart } from './plan-fulfillment';

/** Shopify's code for "that was done already" (FulfillmentOrderLineItemsPreparedForPickupUserErrorCode). */
const ALREADY = 'NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER';

/** Has Shopify tell the customer that the goods wait at the counter; the row then waits for them to be collected. */
@Injectable()
export class PreparePickup {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly outcomes: FulfillmentOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Does nothing for goods that were announced before, or that are not to be collected as planned any more. Repeating a call whose answer
   * got lost is harmless: Shopify refuses it.
   */
  async prepare(client: ShopifyClient, order: OrderRow, part: PlannedPart, signal: AbortSignal): Promise<'prepared' | 'stale' | 'cancelled'> {
    const before = await this.db.transaction('fulfillment.announce', async (tx) => {
      const locked = await this.orders.lock(tx, order.id);
      if (!locked || locked.cancelledAt !== null) return 'cancelled';
      if (locked.generation !== order.generation) return 'stale';
      return rowFor(await rowsOfOrder(tx, order.id), part.locationId, part.lines)?.preparedAt ? 'prepared' : 'open';
    });
    if (before !== 'open') return before;
    try {
      await client.markPreparedForPickup(groupsOf(part).map((group) => group.fulfillmentOrderId), signal);
    } catch (error) {
      if (!(error instanceof OutsideError) || !error.userErrors.some((each) => each.code === ALREADY)) throw error;
    }
    return this.db.transaction('fulfillment.prepared', async (tx) => {
      const locked = await this.orders.lock(tx, order.id);
      if (!locked) return 'cancelled';
      const now = this.clock.now();
      const begun = rowFor(await rowsOfOrder(tx, order.id), part.locationId, part.lines) ?? newRow({ ...order, orderId: order.id }, 'pending', {}, now);
      const row = moved(begun, begun.phase, { locationId: part.locationId, lines: part.lines, preparedAt: now }, now);
      if (locked.cancelledAt !== null) {
        await this.outcomes.announcedTooLate(tx, locked, row);
        return 'cancelled';
      }
      await putRow(tx, row);
      return 'prepared';
    });
  }
}
