import type { CreateFulfillmentBody, ForceFulfillmentBody, FulfillmentAnswer } from '@forma3d/contracts';
import { currentScope, Database } from '@forma3d/database';
import { DomainError, newId, type Clock } from '@forma3d/kernel';
import { CLOCK, Logger } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../attention';
import { Orders, type OrderRow } from '../orders';
import { FulfillmentNews } from './fulfillment-news';
import { latestSuccess } from './fulfillment-outcomes';
import { isOpen, type FulfillmentRow } from './fulfillment-row';
import { FULFILLMENT_SETTINGS, type FulfillmentSettings } from './fulfillment-settings';
import { beginAnew, isBeingRetried, putRequest, requestOfOrder, rowsOfOrder, type FulfillmentRequest } from './fulfillment.repository';
import { isReady } from './release';
import { viewOf } from './fulfillment-view';

/** How often a waiting request looks by itself: another process may do the work. */
const LOOK_MS = 250;

type Asked = CreateFulfillmentBody & Partial<Pick<ForceFulfillmentBody, 'cancel_remaining'>>;

/** A person fulfills an order: the wish is written down, the task does it, and the answer tells how it went. */
@Injectable()
export class RequestFulfillment {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly events: EventLog,
    private readonly audit: Audit,
    private readonly news: FulfillmentNews,
    @Inject(Logger) private readonly log: Pick<Logger, 'warn'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(FULFILLMENT_SETTINGS) private readonly settings: FulfillmentSettings,
  ) {}

  /**
   * @param forced every open line of ours, produced or not; print jobs are left alone, unless the body says otherwise
   * @throws DomainError `order-not-found`, or `fulfillment-not-allowed` with the order's state
   */
  async request(storeId: string, orderId: string, body: Asked, forced: boolean): Promise<FulfillmentAnswer> {
    const requestId = await this.write(storeId, orderId, body, forced);
    if (requestId === null) return this.already(orderId);
    // A person overrides the rules: whoever reads the log should see it.
    if (forced) this.log.warn({ store_id: storeId, order_id: orderId, actor: currentScope().actor }, 'a fulfillment was forced');
    return this.answer(orderId, requestId);
  }

  /** The id of the request written down; null when there is nothing left to ask for. */
  private write(storeId: string, orderId: string, body: Asked, forced: boolean): Promise<string | null> {
    return this.db.transaction('fulfillment.request', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order || order.storeId !== storeId) throw new DomainError('order-not-found', 'There is no such order.');
      mayBeFulfilled(order, forced);
      const rows = await rowsOfOrder(tx, orderId);
      if (!forced && !body.tracking && isFulfilled(order, rows)) return null;
      const request: Omit<FulfillmentRequest, 'failed'> = {
        id: newId(),
        forced,
        cancelRemaining: body.cancel_remaining ?? false,
        notifyCustomer: body.notify_customer,
        tracking: body.tracking ? { number: body.tracking.number, url: body.tracking.url, company: body.tracking.company } : null,
      };
      const now = this.clock.now();
      await beginAnew(tx, rows, now);
      await putRequest(tx, { ...request, storeId, orderId, requestedBy: currentScope().actor, requestedAt: now });
      await this.audit.write(tx, {
        storeId,
        entity: 'order',
        entityId: orderId,
        action: forced ? 'fulfillment-forced' : 'fulfillment-requested',
        meta: {
          notify_customer: request.notifyCustomer,
          tracking_number: request.tracking?.number ?? null,
          ...(forced ? { cancel_remaining: request.cancelRemaining } : {}),
        },
      });
      const about = { storeId, orderId };
      if (forced) {
        await this.events.publish(tx, { type: 'fulfillment.forced', ...about, aggregateId: orderId, payload: { order_id: orderId, forced } });
      } else {
        await this.events.enqueue(tx, { type: 'FULFILLMENT', ...about, payload: { order_id: orderId }, dedupeKey: orderId });
      }
      await this.events.hasten(tx, 'FULFILLMENT', orderId);
      return request.id;
    });
  }

  private async already(orderId: string): Promise<FulfillmentAnswer> {
    const row = latestSuccess(await rowsOfOrder(this.db, orderId));
    return { success: true, message: 'The order is fulfilled already.', fulfillment: row ? viewOf(row) : null };
  }

  /** Waits until the task is through with the request, or until nobody should be kept waiting any longer. */
  private async answer(orderId: string, requestId: string): Promise<FulfillmentAnswer> {
    const deadline = performance.now() + this.settings.answerMs;
    for (;;) {
      const news = this.news.next(orderId, Math.max(1, Math.min(LOOK_MS, deadline - performance.now())));
      const request = await requestOfOrder(this.db, orderId);
      const rows = await rowsOfOrder(this.db, orderId);
      const over = request?.id !== requestId || request.failed;
      if (over || performance.now() >= deadline || (await isBeingRetried(this.db, orderId))) return answerOf(rows, over);
      await news;
    }
  }
}

function mayBeFulfilled(order: OrderRow, forced: boolean): void {
  const state = { status: order.status, production_status: order.productionStatus };
  const refuse = (why: string): never => {
    throw new DomainError('fulfillment-not-allowed', why, state);
  };
  if (order.cancelledAt !== null || order.status === 'cancelled') refuse('The order is cancelled.');
  if (order.source !== 'shopify' || order.shopifyId === null) refuse('The order did not come from Shopify.');
  if (!forced && !isReady(order)) refuse('The order is not complete: what is ours to make is not made yet.');
}

function isFulfilled(order: OrderRow, rows: readonly FulfillmentRow[]): boolean {
  const latest = rows.filter((row) => row.generation === order.generation);
  return order.fulfilledAt !== null && latest.length > 0 && latest.every((row) => row.phase === 'succeeded');
}

function answerOf(rows: readonly FulfillmentRow[], over: boolean): FulfillmentAnswer {
  const row = rows.find((each) => each.phase === 'failed') ?? rows.findLast(isOpen) ?? latestSuccess(rows) ?? null;
  const fulfillment = row ? viewOf(row) : null;
  const success = over && (row === null || row.phase === 'succeeded' || row.phase === 'pending');
  return { success, message: wordsFor(row, over), fulfillment };
}

function wordsFor(row: FulfillmentRow | null, over: boolean): string {
  if (over && row === null) return 'There was nothing to fulfill.';
  switch (row?.phase) {
    case 'succeeded':
      return over ? 'The order is fulfilled.' : 'Part of the order is fulfilled; the rest is under way.';
    case 'failed':
      return over ? `The fulfillment failed: ${row.error ?? 'no reason is known'}` : 'The fulfillment is under way.';
    case 'on_hold':
      return 'Shopify holds the order back; it is fulfilled as soon as it may be.';
    case 'retrying':
      return `Shopify did not do it yet; it is tried again by itself. ${row.error ?? ''}`.trim();
    default:
      return over ? 'There is nothing left to fulfill.' : 'The fulfillment is under way.';
  }
}
