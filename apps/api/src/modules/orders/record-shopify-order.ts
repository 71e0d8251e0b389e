import { Database, withScope, type Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { ShopifyOrder } from '@forma3d/shopify';
import { EventLog, type NewEvent, type NewTask } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Mirror, type MirrorOutcome } from '../mirror';
import type { OrderRow } from './order-row';
import { inScopeOf } from './order-scope';
import { lineSnapshot, orderSnapshot } from './order-snapshot';
import { Orders } from './orders';
import { areStanding, decisionsOf, linesOf, lockShopifyOrder } from './orders.repository';
import { refreshTask } from './refresh-task';
import { recordedChanges, typeFacts, type RecordedChanges } from './recorded-changes';
import { insertOrder, insertOrderLines, writeCurrentQuantities, writeFulfilmentType, writeRecorded } from './recording.repository';

export interface Recorded {
  /** Null for an order that is mirrored only. */
  orderId: string | null;
  /** False when it came late: something newer is known already. */
  applied: boolean;
}

export interface RecordOptions {
  /** Makes an order even if it was placed before the store's `produce_orders_from`: a person imports it. */
  evenIfOld?: boolean;
}

/**
 * The only way in for what Shopify says of an order, whichever way it came: webhook, catch-up, sync, import. Writes the
 * mirror and the order in one transaction; any order of arrival, any number of times and at once, ends in one right order.
 */
@Injectable()
export class RecordShopifyOrder {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly mirror: Mirror,
    private readonly orders: Orders,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** `recordIn` in a transaction of its own. */
  record(storeId: string, order: ShopifyOrder, options?: RecordOptions): Promise<Recorded> {
    return this.db.transaction('orders.record', (tx) => this.recordIn(tx, storeId, order, options));
  }

  /** For callers that have a transaction. It must not hold a lock on this order yet: the mirror comes first. */
  recordIn(tx: Tx, storeId: string, order: ShopifyOrder, options: RecordOptions = {}): Promise<Recorded> {
    return withScope({ actor: 'shopify' }, () => this.write(tx, storeId, order, options));
  }

  /**
   * What the fulfillment orders of a locked order tell of it: how it reaches the customer, corrected once. For a reading that
   * brought nothing else of the order.
   */
  recordRouting(tx: Tx, order: OrderRow, routing: Pick<ShopifyOrder, 'fulfillmentOrders'>): Promise<OrderRow> {
    return withScope({ actor: 'shopify' }, async () => {
      const type = typeFacts(order, routing);
      if (type.fulfilmentTypeFinal === order.fulfilmentTypeFinal) return order;
      await writeFulfilmentType(tx, order.id, type, this.clock.now());
      if (type.fulfilmentType !== order.fulfilmentType) {
        const payload = { order_id: order.id, changes: ['fulfilment_type'] };
        await this.events.publish(tx, { type: 'order.updated', storeId: order.storeId, aggregateId: order.id, orderId: order.id, payload });
      }
      return { ...order, ...type };
    });
  }

  private async write(tx: Tx, storeId: string, order: ShopifyOrder, options: RecordOptions): Promise<Recorded> {
    const outcome = (await this.mirror.upsert(tx, storeId, [order])).get(order.id) ?? 'unchanged';
    let known = await lockShopifyOrder(tx, storeId, order.id);
    let created = false;
    if (!known) {
      const { produceOrdersFrom } = await decisionsOf(tx, storeId);
      if (order.processedAt < produceOrdersFrom && options.evenIfOld !== true) {
        if (outcome === 'unclear') await this.askShopify(tx, storeId, order.id);
        return { orderId: null, applied: outcome !== 'older' };
      }
      const snapshot = orderSnapshot(storeId, order);
      created = await insertOrder(tx, snapshot, this.clock.now());
      // Another transaction may have been first; then its order is the one to go on with.
      known = await lockShopifyOrder(tx, storeId, order.id);
      if (!known) throw new Error('an order that was just inserted is gone');
      if (created) await insertOrderLines(tx, storeId, known.id, order.lineItems.map(lineSnapshot));
    }
    const present = known;
    return inScopeOf(present, () => this.update(tx, present, order, outcome, created));
  }

  private async update(
    tx: Tx,
    known: OrderRow,
    order: ShopifyOrder,
    outcome: MirrorOutcome,
    created: boolean,
  ): Promise<Recorded> {
    const lines = await linesOf(tx, known.id);
    const changes = recordedChanges(known, lines, order);
    const now = await this.apply(tx, known, changes, created);
    // Who read the order from Shopify, fulfillment orders included, goes on with what it read.
    const mayHideMore = order.fulfillmentOrders === null && !created;
    const waits = lines.some((line) => line.held > 0);
    if (mayHideMore) await this.askForWork(tx, now, changes, waits);
    if (isUnclear(outcome, changes, created)) await this.askShopify(tx, known.storeId, order.id);
    // Cancelled here before: whoever had it cancelled there too hears that it is.
    if (changes.newer && order.cancelledAt !== null && known.cancelledAt !== null) await this.events.enqueue(tx, cancellationTask(now));
    // Of whatever age the news is: a fulfillment that is cancelled stays so. Nothing else would look at an order that is fulfilled.
    if (await this.standsNoMore(tx, known.id, order)) await this.orders.lookAtFulfillment(tx, now);
    return { orderId: known.id, applied: !changes.older };
  }

  private async standsNoMore(tx: Tx, orderId: string, { fulfillments }: Pick<ShopifyOrder, 'fulfillments'>): Promise<boolean> {
    const cancelled = (fulfillments ?? []).filter((each) => each.status === 'CANCELLED').map((each) => each.id);
    return cancelled.length > 0 && areStanding(tx, orderId, cancelled);
  }

  private async apply(tx: Tx, known: OrderRow, changes: RecordedChanges, created: boolean): Promise<OrderRow> {
    const { id, storeId } = known;
    if (changes.factsChanged) await writeRecorded(tx, id, changes.facts, this.clock.now());
    if (changes.quantities.length > 0) await writeCurrentQuantities(tx, id, changes.quantities);
    if (changes.addedLines.length > 0) await insertOrderLines(tx, storeId, id, changes.addedLines);
    await this.events.publish(tx, ...eventsOf(known, changes, created));
    const order = { ...known, ...changes.facts };
    if (changes.cancelled) return this.orders.cancel(tx, order, changes.cancelled);
    return order.status === 'pending' && order.paidAt !== null ? this.accept(tx, order) : order;
  }

  private async accept(tx: Tx, order: OrderRow): Promise<OrderRow> {
    const { policies } = await decisionsOf(tx, order.storeId);
    if (order.cancelledAt !== null || !policies.system_moves.accept) return order;
    return withScope({ actor: 'system' }, () => this.orders.move(tx, order, 'accepted'));
  }

  /**
   * Webhooks do not carry holds, schedules or routing: any newer report may mean that one of them changed, so what is
   * not finished looks at Shopify again. While lines are held, a report of the same second counts as well: a release may
   * be in it.
   */
  private async askForWork(tx: Tx, order: OrderRow, changes: RecordedChanges, waits: boolean): Promise<void> {
    const tells = changes.newer || (waits && !changes.older);
    if (tells && changes.production.length === 0) await this.orders.goOn(tx, order);
  }

  private askShopify(tx: Tx, storeId: string, shopifyId: string): Promise<void> {
    return this.events.enqueue(tx, refreshTask(storeId, shopifyId));
  }
}

function cancellationTask({ id, storeId }: OrderRow): NewTask<'SHOPIFY_CANCELLATION'> {
  return { type: 'SHOPIFY_CANCELLATION', storeId, orderId: id, payload: { order_id: id }, dedupeKey: id };
}

/** Also an order made from a report that the mirror already knows to be old must be brought up to date. */
function isUnclear(outcome: MirrorOutcome, changes: RecordedChanges, created: boolean): boolean {
  return changes.unclear || outcome === 'unclear' || (created && outcome === 'older');
}

function eventsOf(order: OrderRow, changes: RecordedChanges, created: boolean): NewEvent[] {
  const about = { storeId: order.storeId, aggregateId: order.id, orderId: order.id };
  const events: NewEvent[] = [];
  if (created) {
    const payload = { order_id: order.id, name: order.name, source: order.source, placed_at: order.placedAt.toISOString() };
    events.push({ type: 'order.created', ...about, payload });
  }
  if (changes.becamePaid) events.push({ type: 'order.paid', ...about, payload: { order_id: order.id } });
  if (!created && changes.production.length > 0) {
    events.push({ type: 'order.updated', ...about, payload: { order_id: order.id, changes: changes.production } });
  }
  return events;
}
