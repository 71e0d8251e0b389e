import type { CancellationResult, CancelOrderBody } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention, Audit } from '../attention';
import { inScopeOf, Orders, type OrderRow } from '../orders';
import { CancelProduction } from '../print-jobs';
import { askAnew } from './ask-anew';
import { cancellationOf, openTasks } from './shopify-cancellation.repository';

/**
 * A person cancels an order. The order, its prints and what Shopify is asked change in one transaction under the order's lock: a print
 * that starts, a fulfillment that is sent and an edit that arrives come before it or after it, never in between.
 */
@Injectable()
export class CancelOrder {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly production: CancelProduction,
    private readonly events: EventLog,
    private readonly attention: Attention,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Cancels, or finds cancelled, and tells what has become of the prints by now. Asked again, it takes up what was given up on before it
   * was confirmed, and changes nothing else, but for Shopify, which may be asked later, or again after it refused.
   *
   * @throws DomainError `order-not-found`, or `cancellation-not-allowed` with the order's state
   */
  cancel(storeId: string, orderId: string, body: CancelOrderBody): Promise<CancellationResult> {
    return this.db.transaction('cancellation.cancel', async (tx) => {
      const order = await this.locked(tx, storeId, orderId);
      return inScopeOf(order, async () => {
        if (order.cancelledAt !== null) await this.takeUp(tx, order, body);
        else {
          await this.cancelNow(tx, order, body);
          if (body.cancel_in_shopify) await this.askShopify(tx, order, body.reason);
        }
        return this.result(tx, order.id);
      });
    });
  }

  /**
   * A person has seen to what stands between a cancelled order and Shopify: a fulfillment that was faster, or Shopify's refusal.
   *
   * @throws DomainError `order-not-found`, or `cancellation-not-allowed` for an order that is not cancelled
   */
  acknowledge(storeId: string, orderId: string): Promise<CancellationResult> {
    return this.db.transaction('cancellation.acknowledge', async (tx) => {
      const order = await this.locked(tx, storeId, orderId);
      if (order.cancelledAt === null) throw notAllowed(order, 'The order is not cancelled.', []);
      const closed: string[] = [];
      for (const kind of ['cancelled-but-fulfilled', 'shopify-cancel-refused'] as const) {
        if (await this.attention.close(tx, { storeId, kind, subjectId: orderId })) closed.push(kind);
      }
      if (closed.length > 0) await this.write(tx, order, 'cancellation-acknowledged', { closed });
      return this.result(tx, orderId);
    });
  }

  private async cancelNow(tx: Tx, order: OrderRow, body: CancelOrderBody): Promise<void> {
    mayBeCancelled(order, this.orders);
    const cancelled = await this.orders.cancel(tx, order, { at: this.clock.now(), reason: body.reason });
    await this.production.of(tx, cancelled);
    if (order.shopifyFulfillmentId !== null) await this.tellPart(tx, order);
    await this.write(tx, order, 'cancelled', { reason: body.reason, old_status: order.status, production_status: order.productionStatus });
  }

  /** A parcel of it left before: the person who cancelled may not know. */
  private tellPart(tx: Tx, order: OrderRow): Promise<void> {
    return this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'cancelled-but-fulfilled',
      subjectId: order.id,
      orderId: order.id,
      message: `Order ${order.name} was cancelled after part of it was fulfilled in Shopify. Stop the parcel and cancel the fulfillment there, or leave it so.`,
      details: { shopify_fulfillment_id: order.shopifyFulfillmentId },
    });
  }

  /** Answers whether it is asked anew; else it was asked for before, and goes on where it was given up. */
  private async askShopify(tx: Tx, order: OrderRow, reason: string): Promise<boolean> {
    if (order.shopifyId === null) throw notAllowed(order, 'The order did not come from Shopify: there is nothing to cancel there.', []);
    const known = await cancellationOf(tx, order.id);
    if (known?.state === 'cancelled') return false;
    const about = { storeId: order.storeId, orderId: order.id, payload: { order_id: order.id }, dedupeKey: order.id };
    await this.events.enqueue(tx, { type: 'SHOPIFY_CANCELLATION', ...about });
    if (known && known.state !== 'refused') return false;
    await askAnew(tx, this.attention, order, reason, this.clock.now());
    await this.write(tx, order, 'cancel-in-shopify-requested', { reason });
    return true;
  }

  /** Has go on what was given up or discarded before its end; only where there was such is it a step of that person. */
  private async takeUp(tx: Tx, order: OrderRow, body: CancelOrderBody): Promise<void> {
    const before = new Set((await openTasks(tx, order.id)).map(({ id }) => id));
    await this.production.pursue(tx, order.id);
    const anew = body.cancel_in_shopify && (await this.askShopify(tx, order, body.reason));
    const taken = (await openTasks(tx, order.id)).filter(({ id, type }) => !before.has(id) && !(anew && type === 'SHOPIFY_CANCELLATION'));
    if (taken.length > 0) await this.write(tx, order, 'cancellation-pursued', { tasks: taken.map(({ type }) => type).sort() });
  }

  private async locked(tx: Tx, storeId: string, orderId: string): Promise<OrderRow> {
    const order = await this.orders.lock(tx, orderId);
    if (!order || order.storeId !== storeId) throw new DomainError('order-not-found', 'There is no such order.');
    return order;
  }

  private async result(tx: Tx, orderId: string): Promise<CancellationResult> {
    const order = await this.orders.lock(tx, orderId);
    if (!order) throw new DomainError('order-not-found', 'There is no such order.');
    const counts = await this.production.report(tx, orderId);
    const shopify = await cancellationOf(tx, orderId);
    return {
      order_id: orderId,
      status: order.status,
      production_status: order.productionStatus,
      cancelled_jobs: counts.cancelled,
      requested_jobs: counts.requested,
      flagged_jobs: counts.flagged,
      already_completed_jobs: counts.completed,
      shopify: shopify === undefined ? null : shopify.state === 'accepted' ? 'requested' : shopify.state,
      shopify_error: shopify?.error ?? null,
    };
  }

  private write(tx: Tx, order: OrderRow, action: string, meta: Record<string, unknown>): Promise<void> {
    return this.audit.write(tx, { storeId: order.storeId, entity: 'order', entityId: order.id, action, meta });
  }
}

/** What the customer has, or what is on its way, is not called back by a flag. */
function mayBeCancelled(order: OrderRow, orders: Pick<Orders, 'mayMove' | 'movesFrom'>): void {
  if (order.fulfilledAt !== null) throw notAllowed(order, 'The order is fulfilled already.', orders.movesFrom(order));
  if (!orders.mayMove(order, 'cancelled')) throw notAllowed(order, `An order that is ${order.status} cannot be cancelled.`, orders.movesFrom(order));
}

function notAllowed(order: OrderRow, why: string, allowed: readonly string[]): DomainError {
  return new DomainError('cancellation-not-allowed', why, {
    status: order.status,
    production_status: order.productionStatus,
    allowed_transitions: allowed,
  });
}
