import type { Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog, type NewEvent } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import { Orders, type OrderRow } from '../orders';
import { isOpen, isUnsettled, moved, type FulfillmentRow } from './fulfillment-row';
import { putRow, rowsOfOrder } from './fulfillment.repository';

/**
 * What becomes of fulfillments: each step writes the row, tells of it and lets the order know, in the caller's
 * transaction. The caller holds the order's lock.
 */
@Injectable()
export class FulfillmentOutcomes {
  constructor(
    private readonly orders: Orders,
    private readonly events: EventLog,
    private readonly attention: Attention,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param complete nothing of ours is open any more; then call `finish` too */
  async succeeded(tx: Tx, order: OrderRow, row: FulfillmentRow, complete: boolean): Promise<void> {
    await putRow(tx, row);
    await this.events.publish(tx, {
      type: 'fulfillment.created',
      ...about(order, row.id),
      payload: {
        order_id: order.id,
        fulfillment_id: row.id,
        provider: row.provider,
        shopify_fulfillment_id: row.shopifyId,
        adopted: row.adopted,
        tracking_number: row.trackingNumber,
        notified_customer: row.adopted ? null : row.notifyCustomer,
      },
    });
    await this.tellOrder(tx, order, row, complete);
    if (order.cancelledAt !== null) await this.wonTheRace(tx, order, row);
  }

  /** The order was cancelled while the call was under way: a parcel may be on its way to somebody who wants none. */
  private wonTheRace(tx: Tx, order: OrderRow, row: FulfillmentRow): Promise<void> {
    return this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'cancelled-but-fulfilled',
      subjectId: order.id,
      orderId: order.id,
      message: `Order ${order.name} was cancelled while it was fulfilled, and is fulfilled in Shopify. Stop the parcel and cancel the fulfillment there, or leave it so.`,
      details: { fulfillment_id: row.id, shopify_fulfillment_id: row.shopifyId },
    });
  }

  /** Nobody could look after calls for a cancelled order: a parcel may be on its way all the same. */
  async leftUnclear(tx: Tx, order: OrderRow, rows: readonly FulfillmentRow[], reason: string): Promise<void> {
    const unclear = rows.filter((row) => row.intentUntil !== null);
    if (unclear.length === 0) return;
    await this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'cancelled-but-fulfilled',
      subjectId: order.id,
      orderId: order.id,
      message: `Order ${order.name} was cancelled while it was fulfilled, and whether Shopify fulfilled it could not be found out: ${reason}. Look there; if it did, stop the parcel and cancel the fulfillment, or leave it so.`,
      details: { fulfillment_ids: unclear.map((row) => row.id) },
    });
  }

  /** The order was cancelled while the customer was told that it is ready for pickup: nobody else calls that back. */
  async announcedTooLate(tx: Tx, order: OrderRow, row: FulfillmentRow): Promise<void> {
    await this.cancelled(tx, order, row);
    await this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'cancelled-but-fulfilled',
      subjectId: order.id,
      orderId: order.id,
      message: `Order ${order.name} was cancelled while Shopify told the customer that it is ready for pickup. Tell them that it is not.`,
      details: { fulfillment_id: row.id },
    });
  }

  /** What failed for good goes on: nothing of it is left to be put right, though it may have to wait. */
  async overcome(tx: Tx, order: OrderRow): Promise<void> {
    await this.orders.setFulfillmentFailed(tx, order.id, false);
    await this.attention.close(tx, { storeId: order.storeId, kind: 'fulfillment-failed', subjectId: order.id });
  }

  /** Nothing of ours is open any more: the order is fulfilled, and what was still begun has nothing left to do. */
  async finish(tx: Tx, order: OrderRow, rows: readonly FulfillmentRow[]): Promise<void> {
    await this.cancelBegun(tx, order, rows);
    const latest = latestSuccess(rows);
    if (latest && (order.fulfilledAt === null || order.fulfillmentFailed)) await this.tellOrder(tx, order, latest, true);
    await this.attention.close(tx, { storeId: order.storeId, kind: 'fulfillment-failed', subjectId: order.id });
  }

  /** Ends work that was begun and will never be done; what may have been sent stays until its outcome is known. */
  async cancelBegun(tx: Tx, order: OrderRow, rows: readonly FulfillmentRow[]): Promise<void> {
    for (const row of rows) if (isOpen(row) && row.intentUntil === null) await this.cancelled(tx, order, row);
  }

  /** Of a cancelled order nothing is left to fulfill: what was begun ends, and what had failed needs nobody any more. */
  async endCancelled(tx: Tx, order: OrderRow, rows: readonly FulfillmentRow[]): Promise<void> {
    for (const row of rows) if (isUnsettled(row) && row.intentUntil === null) await this.cancelled(tx, order, row);
    await this.attention.close(tx, { storeId: order.storeId, kind: 'fulfillment-failed', subjectId: order.id });
  }

  /**
   * Also one that had succeeded: without it the order is not fulfilled any more, until a person has it fulfilled again. It was cancelled in
   * what the order is now, whenever it was made: what was added since does not bring it back.
   */
  async cancelled(tx: Tx, order: OrderRow, row: FulfillmentRow): Promise<void> {
    const stood = row.phase === 'succeeded';
    await putRow(tx, moved(row, 'cancelled', stood ? { generation: order.generation } : {}, this.clock.now()));
    const rows = await rowsOfOrder(tx, order.id);
    if (stood) await this.orders.recordUnfulfilled(tx, order.id, row, latestSuccess(rows));
    const payload = { order_id: order.id, fulfillment_id: row.id };
    await this.events.publish(tx, { type: 'fulfillment.cancelled', ...about(order, row.id), payload });
    if (order.cancelledAt === null || rows.some((each) => reachedCustomer(each, order.cancelledAt))) return;
    await this.attention.close(tx, { storeId: order.storeId, kind: 'cancelled-but-fulfilled', subjectId: order.id });
  }

  /** Told once when trouble begins, not at each try. */
  async retrying(tx: Tx, order: OrderRow, row: FulfillmentRow, why: { reason: string; tell: boolean; retryAt: Date | null }): Promise<void> {
    await putRow(tx, moved(row, 'retrying', { error: why.reason }, this.clock.now()));
    if (!why.tell) return;
    await this.events.publish(tx, {
      type: 'fulfillment.retrying',
      ...about(order, row.id),
      payload: { order_id: order.id, fulfillment_id: row.id, reason: why.reason, retry_at: why.retryAt?.toISOString() ?? null },
    });
  }

  /** Failed for good: only a person starts it again. */
  async failed(tx: Tx, order: OrderRow, rows: readonly FulfillmentRow[], reason: string): Promise<void> {
    const now = this.clock.now();
    for (const row of rows) {
      await putRow(tx, moved(row, 'failed', { error: reason, failedAt: now }, now));
      const payload = { order_id: order.id, fulfillment_id: row.id, reason, will_retry: false as const };
      await this.events.publish(tx, { type: 'fulfillment.failed', ...about(order, row.id), payload });
    }
    await this.orders.setFulfillmentFailed(tx, order.id, true);
    await this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'fulfillment-failed',
      subjectId: order.id,
      orderId: order.id,
      message: `The fulfillment of ${order.name} failed for good: ${reason}`,
    });
  }

  /** Of a fulfilled order: what is still owed to Shopify, if anything, is its tracking number. */
  async leftUntracked(tx: Tx, order: OrderRow, rows: readonly FulfillmentRow[], reason: string): Promise<void> {
    if (order.trackingNumber === null || latestSuccess(rows)?.trackingNumber !== null) return;
    await this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'fulfillment-failed',
      subjectId: order.id,
      orderId: order.id,
      message: `Order ${order.name} is fulfilled, but Shopify could not be told its tracking number: ${reason}`,
    });
  }

  private async tellOrder(tx: Tx, order: OrderRow, row: FulfillmentRow, complete: boolean): Promise<void> {
    await this.orders.recordFulfilled(tx, order.id, {
      shopifyFulfillmentId: row.shopifyId,
      trackingNumber: row.trackingNumber,
      trackingUrl: row.trackingUrl,
      trackingCompany: row.trackingCompany,
      complete,
    });
  }
}

function about(order: OrderRow, fulfillmentId: string): Pick<NewEvent, 'storeId' | 'aggregateId' | 'orderId'> {
  return { storeId: order.storeId, aggregateId: fulfillmentId, orderId: order.id };
}

/** Of a cancelled order: it is fulfilled, or the customer was told after the end that it is ready. */
function reachedCustomer(row: FulfillmentRow, cancelledAt: Date | null): boolean {
  return row.phase === 'succeeded' || (row.preparedAt !== null && cancelledAt !== null && row.preparedAt >= cancelledAt);
}

export function latestSuccess(rows: readonly FulfillmentRow[]): FulfillmentRow | undefined {
  return rows.findLast((row) => row.phase === 'succeeded');
}
