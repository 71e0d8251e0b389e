import { Database } from '@forma3d/database';
import { OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { ShopifyClient, ShopifyFulfillmentHeader, ShopifyTracking } from '@forma3d/shopify';
import { Inject, Injectable } from '@nestjs/common';
import { Orders } from '../orders';
import { FulfillmentOutcomes } from './fulfillment-outcomes';
import { answerOf, moved, newRow, rowFor, type FulfillmentRow } from './fulfillment-row';
import { FULFILLMENT_SETTINGS, type FulfillmentSettings } from './fulfillment-settings';
import { putRow, rowsOfOrder } from './fulfillment.repository';
import { groupsOf, type PlannedPart } from './plan-fulfillment';

export interface ToSend {
  orderId: string;
  shopifyOrderId: string;
  part: PlannedPart;
  /** Shopify's fulfillments of the order that the plan knows of. */
  known: readonly string[];
  forced: boolean;
  notifyCustomer: boolean;
  tracking: ShopifyTracking | undefined;
  /** The order's generation that the plan was made for. */
  generation: number;
  /** Nothing of ours is open once this is fulfilled. */
  last: boolean;
}

/**
 * - `sent`: Shopify has it, and so have we.
 * - `stale`: something happened since the plan was made; nothing was sent.
 * - `cancelled`: the order is cancelled; nothing was sent.
 */
export type Sent = { kind: 'sent'; shopifyId: string } | { kind: 'stale' } | { kind: 'cancelled' };

interface Intent {
  row: FulfillmentRow;
  until: Date;
  /** Trouble with it was told of already. */
  wasRetrying: boolean;
}

/**
 * One `fulfillmentCreate`. Shopify takes no idempotency key there, so the intent is committed before the call, and only
 * its outcome, or a later reading of the order, takes it away: whatever dies in between, nobody calls again unread.
 */
@Injectable()
export class SendFulfillment {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly outcomes: FulfillmentOutcomes,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(FULFILLMENT_SETTINGS) private readonly settings: FulfillmentSettings,
  ) {}

  /** @throws OutsideError as the client does; of an `unknown` outcome `retryAfterMs` says when it can be read */
  async send(client: ShopifyClient, what: ToSend, signal: AbortSignal): Promise<Sent> {
    const intent = await this.announce(what);
    if (intent === 'stale' || intent === 'cancelled') return { kind: intent };
    let made: ShopifyFulfillmentHeader;
    try {
      made = await client.createFulfillment(
        {
          orderId: what.shopifyOrderId,
          groups: groupsOf(what.part),
          notifyCustomer: what.notifyCustomer,
          tracking: what.tracking,
        },
        signal,
      );
    } catch (error) {
      throw await this.noteFailure(what.orderId, intent, error);
    }
    await this.record(what, intent, made);
    return { kind: 'sent', shopifyId: made.id };
  }

  private announce(what: ToSend): Promise<Intent | 'stale' | 'cancelled'> {
    return this.db.transaction('fulfillment.announce', async (tx) => {
      const order = await this.orders.lock(tx, what.orderId);
      if (!order || order.cancelledAt !== null) return 'cancelled';
      // More is wanted since it was planned: what is made may no longer be all.
      if (order.generation !== what.generation) return 'stale';
      const rows = await rowsOfOrder(tx, order.id);
      // Another runner's call is under way, or came back since Shopify was read: the plan may ask for it a second time.
      const unseen = rows.some((row) => row.shopifyId !== null && !what.known.includes(row.shopifyId));
      if (unseen || rows.some((row) => row.intentUntil !== null)) return 'stale';
      const now = this.clock.now();
      const until = new Date(now.getTime() + this.settings.callMs);
      const before = rowFor(rows, what.part.locationId, what.part.lines);
      const facts = {
        generation: order.generation,
        locationId: what.part.locationId,
        lines: what.part.lines,
        forced: what.forced,
        notifyCustomer: what.notifyCustomer,
        intentUntil: until,
        knownBefore: [...what.known],
      };
      const row = moved(before ?? newRow({ ...order, orderId: order.id }, 'pending', {}, now), 'processing', facts, now);
      return { row: await putRow(tx, row), until, wasRetrying: before?.phase === 'retrying' };
    });
  }

  private record(what: ToSend, intent: Intent, made: ShopifyFulfillmentHeader): Promise<void> {
    return this.db.transaction('fulfillment.record', async (tx) => {
      const order = await this.orders.lock(tx, what.orderId);
      if (!order) return;
      const rows = await rowsOfOrder(tx, order.id);
      // After a lost lease another runner may have read it from Shopify already.
      if (rows.some((row) => row.shopifyId === made.id)) return;
      const row = moved(rows.find((each) => each.id === intent.row.id) ?? intent.row, 'succeeded', answerOf(made), this.clock.now());
      const last = what.last && order.generation === what.generation;
      await this.outcomes.succeeded(tx, order, row, last);
      if (last) await this.outcomes.finish(tx, { ...order, fulfilledAt: row.succeededAt, fulfillmentFailed: false }, without(rows, row.id));
    });
  }

  /** Keeps the intent while the outcome is unknown, takes it away when nothing happened. Answers what to throw. */
  private async noteFailure(orderId: string, intent: Intent, error: unknown): Promise<unknown> {
    // Anything that is no word of the client says nothing about what was sent: the intent stays.
    if (!(error instanceof OutsideError)) return error;
    const unknown = error.failure === 'unknown';
    // It was sent by now, so its deadline is no further off than the wait for an answer.
    const until = new Date(Math.min(intent.until.getTime(), this.clock.now().getTime() + this.settings.timeoutMs));
    const retryAt = unknown ? new Date(until.getTime() + this.settings.settleMs) : null;
    await this.db.transaction('fulfillment.failure', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      const row = (await rowsOfOrder(tx, orderId)).find((each) => each.id === intent.row.id);
      // No longer ours to say: another runner took over.
      if (!order || row?.intentUntil?.getTime() !== intent.until.getTime()) return;
      const after = { ...row, intentUntil: unknown ? until : null };
      if (error.failure === 'permanent') {
        // The end of the task says "failed", in one transaction with everything that follows from it.
        await putRow(tx, moved(after, 'processing', { error: error.message }, this.clock.now()));
        return;
      }
      await this.outcomes.retrying(tx, order, after, { reason: error.message, tell: !intent.wasRetrying, retryAt });
    });
    if (retryAt === null) return error;
    const retryAfterMs = Math.max(0, retryAt.getTime() - this.clock.now().getTime());
    return new OutsideError({ ...factsOf(error), retryAfterMs }, error.message, { cause: error });
  }
}

function factsOf(error: OutsideError): ConstructorParameters<typeof OutsideError>[0] {
  return {
    system: error.system,
    failure: error.failure,
    operation: error.operation,
    userErrors: error.userErrors,
    ...(error.httpStatus === undefined ? {} : { httpStatus: error.httpStatus }),
  };
}

function without(rows: readonly FulfillmentRow[], id: string): FulfillmentRow[] {
  return rows.filter((row) => row.id !== id);
}
