import type { OrderStatus, ProductionCounts } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { allowedTransitions, movesFrom, productionMoves } from './lifecycle';
import type { LineRow, OrderRow } from './order-row';
import {
  decisionsOf,
  findOrder,
  linesOf,
  lockOrder,
  writeCancelled,
  writeFulfilled,
  writeFulfillmentFailed,
  writePlan,
  writeProduction,
  writeStatus,
  writeUnfulfilled,
  type Parcel,
  type FulfilledFacts,
  type LinePlan,
  type Reader,
} from './orders.repository';
import { productionStatus } from './production-status';

export type { FulfilledFacts, LinePlan } from './orders.repository';

/**
 * Where the work on an order stands, and the only place that changes it. Everything that writes takes the caller's
 * transaction and locks the order's row first, so that counts and status cannot disagree however many prints end at once.
 */
@Injectable()
export class Orders {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly audit: Audit,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** The order, locked until the transaction ends. Lock it before its lines, queue items, prints and fulfillments. */
  lock(tx: Tx, orderId: string): Promise<OrderRow | undefined> {
    return lockOrder(tx, orderId);
  }

  /** An unlocked look at an order of this store. */
  find(storeId: string, orderId: string): Promise<OrderRow | undefined> {
    return findOrder(this.db, storeId, orderId);
  }

  /**
   * An unlocked look at an order of this store.
   *
   * @throws DomainError `order-not-found`, also for an order of another store
   */
  async get(storeId: string, orderId: string): Promise<OrderRow> {
    const order = await this.find(storeId, orderId);
    if (!order) throw new DomainError('order-not-found', 'There is no such order.');
    return order;
  }

  /** The bought lines in the order's own sequence. */
  lines(reader: Reader, orderId: string): Promise<LineRow[]> {
    return linesOf(reader, orderId);
  }

  /**
   * Writes what a plan decided about lines, the units wanted in all, and that the order is planned. Follow it with
   * `setProduction` in the same transaction.
   */
  async planLines(tx: Tx, orderId: string, plans: readonly LinePlan[]): Promise<void> {
    await this.locked(tx, orderId);
    await writePlan(tx, orderId, plans, this.clock.now());
  }

  /**
   * Stores the counts over the order's prints and recomputes where production stands. In the same transaction, when
   * production became complete: `order.ready-for-fulfillment`, once per generation whatever happens at the same moment.
   *
   * An order of which nothing is ours becomes COMPLETED and is never ready: there is nothing to fulfill.
   */
  async setProduction(tx: Tx, orderId: string, counts: ProductionCounts): Promise<OrderRow> {
    return this.recompute(tx, await this.locked(tx, orderId), counts);
  }

  /** Says whether the latest fulfillment failed for good, and recomputes. */
  async setFulfillmentFailed(tx: Tx, orderId: string, failed: boolean): Promise<OrderRow> {
    const order = await this.locked(tx, orderId);
    if (order.fulfillmentFailed === failed) return order;
    await writeFulfillmentFailed(tx, orderId, failed, this.clock.now());
    return this.recompute(tx, { ...order, fulfillmentFailed: failed });
  }

  /** Keeps what a fulfillment says; absent facts leave what is known. A success takes back an earlier failure. */
  async recordFulfilled(tx: Tx, orderId: string, facts: FulfilledFacts): Promise<OrderRow> {
    const order = await this.locked(tx, orderId);
    const now = this.clock.now();
    await writeFulfilled(tx, orderId, facts, now);
    // Fulfilled before it was made, by force or by hand: what still waits to be mapped or started need not be.
    if (facts.complete && order.productionStatus !== 'COMPLETED') await this.replan(tx, order);
    return this.recompute(tx, {
      ...order,
      fulfillmentFailed: false,
      fulfilledAt: order.fulfilledAt ?? (facts.complete ? now : null),
      shopifyFulfillmentId: facts.shopifyFulfillmentId ?? order.shopifyFulfillmentId,
      trackingNumber: facts.trackingNumber ?? order.trackingNumber,
      trackingUrl: facts.trackingUrl ?? order.trackingUrl,
      trackingCompany: facts.trackingCompany ?? order.trackingCompany,
    });
  }

  /** A fulfillment of a locked order was cancelled in Shopify: it is open again, and may be cancelled. The rest as for `writeUnfulfilled`. */
  recordUnfulfilled(tx: Tx, orderId: string, gone: Parcel, left: Parcel | undefined): Promise<void> {
    return writeUnfulfilled(tx, orderId, gone, left, this.clock.now());
  }

  /**
   * Recomputes the production status of a locked order from what is stored (or the new counts), tells of the change and
   * makes the system's own moves of the lifecycle.
   */
  async recompute(tx: Tx, order: OrderRow, counts: ProductionCounts = countsOf(order)): Promise<OrderRow> {
    const generation =
      order.readyGeneration === order.generation && counts.wanted > order.printsWanted
        ? order.generation + 1
        : order.generation;
    const status = productionStatus({
      ...counts,
      cancelled: order.cancelledAt !== null || order.status === 'cancelled',
      planned: order.plannedAt !== null,
      fulfillmentFailed: order.fulfillmentFailed,
    });
    const complete = status === 'COMPLETED' && order.unitsWanted > 0;
    const ready = complete && order.readyGeneration < generation;
    const readyGeneration = ready ? generation : order.readyGeneration;
    const change = { ...counts, productionStatus: status, generation, readyGeneration };
    await writeProduction(tx, order.id, change, this.clock.now());
    const about = { storeId: order.storeId, aggregateId: order.id, orderId: order.id };
    if (status !== order.productionStatus) {
      const payload = { order_id: order.id, old_status: order.productionStatus, new_status: status, counts };
      await this.events.publish(tx, { type: 'order.production-changed', ...about, payload });
    }
    if (ready) {
      const payload = { order_id: order.id, generation };
      await this.events.publish(tx, { type: 'order.ready-for-fulfillment', ...about, payload });
    }
    const after = { ...order, ...withCounts(counts), productionStatus: status, generation, readyGeneration };
    return this.advance(tx, after, { started: counts.sent > 0 || counts.completed > 0, complete });
  }

  private async advance(tx: Tx, order: OrderRow, progress: { started: boolean; complete: boolean }): Promise<OrderRow> {
    // Most calls change nothing here: what the store switched off is asked only when there is a move to make.
    const everything = { accept: true, production: true, complete: true };
    if (productionMoves({ ...order, ...progress }, everything).length === 0) return order;
    const { policies } = await decisionsOf(tx, order.storeId);
    let at = order;
    for (const to of productionMoves({ ...order, ...progress }, policies.system_moves)) at = await this.move(tx, at, to);
    return at;
  }

  /**
   * Moves the lifecycle of a locked order: status, timestamps, event and audit row in one.
   *
   * @throws DomainError `illegal-transition` with the present state and the moves allowed from it
   */
  async move(tx: Tx, order: OrderRow, to: OrderStatus, meta: Record<string, unknown> = {}): Promise<OrderRow> {
    const allowed = allowedTransitions(order.fulfilmentType, order.status);
    const now = this.clock.now();
    if (!allowed.includes(to) || !(await writeStatus(tx, order.id, { from: order.status, to }, now))) {
      throw new DomainError('illegal-transition', `An order that is ${order.status} cannot become ${to}.`, {
        status: order.status,
        allowed_transitions: allowed,
      });
    }
    const payload = {
      order_id: order.id,
      old_status: order.status,
      new_status: to,
      fulfilment_type: order.fulfilmentType,
    };
    await this.events.publish(tx, {
      type: 'order.status-changed',
      storeId: order.storeId,
      aggregateId: order.id,
      orderId: order.id,
      payload,
    });
    await this.audit.write(tx, {
      storeId: order.storeId,
      entity: 'order',
      entityId: order.id,
      action: 'status-changed',
      meta: { old_status: order.status, new_status: to, ...meta },
    });
    return {
      ...order,
      status: to,
      acceptedAt: to === 'accepted' ? (order.acceptedAt ?? now) : order.acceptedAt,
      readyAt: to === 'ready' || to === 'shipped' ? (order.readyAt ?? now) : order.readyAt,
      completedAt: to === 'completed' || to === 'delivered' ? (order.completedAt ?? now) : order.completedAt,
      shippingStatus: to === 'shipped' || to === 'delivered' ? to : order.shippingStatus,
    };
  }

  /**
   * Cancels a locked order at once, whoever said so: Shopify or a person here. Its prints follow with its next plan. What is on its way
   * to the customer keeps its status: a flag does not call it back. An order that is cancelled stays as it is.
   */
  async cancel(tx: Tx, order: OrderRow, said: { at: Date; reason: string | null }): Promise<OrderRow> {
    if (order.cancelledAt !== null) return order;
    await writeCancelled(tx, order.id, said, this.clock.now());
    await this.events.publish(tx, {
      type: 'order.cancelled',
      storeId: order.storeId,
      aggregateId: order.id,
      orderId: order.id,
      payload: { order_id: order.id, reason: said.reason },
    });
    // Prints start meanwhile, and a fulfillment may have won: neither waits until the time that a failure before had it wait for.
    await this.events.hasten(tx, 'PRODUCTION_PLAN', order.id);
    await this.events.hasten(tx, 'FULFILLMENT', order.id);
    const cancelled = { ...order, cancelledAt: said.at, cancelReason: said.reason };
    return this.recompute(tx, allowedTransitions(order.fulfilmentType, order.status).includes('cancelled') ? await this.move(tx, cancelled, 'cancelled', { reason: said.reason }) : cancelled);
  }

  mayMove(order: OrderRow, to: OrderStatus): boolean {
    return this.movesFrom(order).includes(to);
  }

  /** The states that an order may move to from where it is. */
  movesFrom(order: OrderRow): OrderStatus[] {
    return movesFrom(order);
  }

  /**
   * Has the work on a locked order looked at again, because something may have changed that only Shopify knows (a hold,
   * a schedule, routing). Nothing for orders that are fulfilled; for cancelled ones only whether a fulfillment was faster, and still stands.
   */
  async goOn(tx: Tx, order: OrderRow): Promise<void> {
    if (order.cancelledAt !== null) return this.lookAtFulfillment(tx, order);
    if (order.status === 'cancelled' || order.fulfilledAt !== null) return;
    if (order.productionStatus !== 'COMPLETED') await this.replan(tx, order);
    // Also after a failed fulfillment: somebody may have fulfilled the order by hand in Shopify.
    if (order.unitsWanted > 0 && (order.productionStatus === 'COMPLETED' || order.fulfillmentFailed)) {
      await this.lookAtFulfillment(tx, order);
    }
  }

  /** As `goOn`, after Shopify routed something of it: that may be what an edit added to an order that was complete, or fulfilled. */
  async goOnRouted(tx: Tx, order: OrderRow): Promise<void> {
    await this.goOn(tx, order);
    if (order.cancelledAt === null && (order.productionStatus === 'COMPLETED' || order.fulfilledAt !== null)) await this.replan(tx, order);
  }

  /** Has what others fulfilled of a locked order, before it was first looked at, taken over; nothing where that was done. */
  async takeOverFulfilled(tx: Tx, order: OrderRow): Promise<void> {
    if (order.cancelledAt !== null || order.fulfilledAt !== null) return;
    await this.lookAtFulfillment(tx, order);
  }

  /** Has what Shopify fulfilled of an order compared with what is known here. */
  lookAtFulfillment(tx: Tx, order: OrderRow): Promise<void> {
    const about = { storeId: order.storeId, orderId: order.id, payload: { order_id: order.id }, dedupeKey: order.id };
    return this.events.enqueue(tx, { type: 'FULFILLMENT', ...about });
  }

  private replan(tx: Tx, order: OrderRow): Promise<void> {
    const about = { storeId: order.storeId, orderId: order.id, payload: { order_id: order.id }, dedupeKey: order.id };
    return this.events.enqueue(tx, { type: 'PRODUCTION_PLAN', ...about });
  }

  private async locked(tx: Tx, orderId: string): Promise<OrderRow> {
    const order = await lockOrder(tx, orderId);
    if (!order) throw new DomainError('order-not-found', 'There is no such order.');
    return order;
  }
}

function countsOf(order: OrderRow): ProductionCounts {
  return {
    wanted: order.printsWanted,
    sent: order.printsSent,
    completed: order.printsCompleted,
    failed: order.printsFailed,
    unmapped: order.linesUnmapped,
  };
}

function withCounts(counts: ProductionCounts): Partial<OrderRow> {
  return {
    printsWanted: counts.wanted,
    printsSent: counts.sent,
    printsCompleted: counts.completed,
    printsFailed: counts.failed,
    linesUnmapped: counts.unmapped,
  };
}
