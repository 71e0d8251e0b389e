import { Database } from '@forma3d/database';
import { OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { FulfillmentWork, ShopifyClient } from '@forma3d/shopify';
import { done, snooze, type Outcome } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Orders, type OrderRow } from '../orders';
import { FulfillmentOutcomes, latestSuccess } from './fulfillment-outcomes';
import { isOpen, moved, newRow, rowFor, type FulfillmentRow } from './fulfillment-row';
import { putRow, rowsOfOrder, type FulfillmentRequest } from './fulfillment.repository';
import type { FulfillmentPlan, PlannedPart } from './plan-fulfillment';
import { PreparePickup } from './prepare-pickup';
import { PushTracking } from './push-tracking';
import { SendFulfillment } from './send-fulfillment';
import type { Present } from './settle-fulfillments';

const MINUTE = 60_000;
/** A hold ends without word to us: nothing tells of it but asking. */
const HOLD_RECHECK_MS = 10 * MINUTE;
/** The longest wait for a day that may still be moved. */
const SCHEDULE_RECHECK_MS = 6 * 60 * MINUTE;

export interface Errand extends Present {
  shopifyId: string;
  work: FulfillmentWork;
  plan: FulfillmentPlan;
  request: FulfillmentRequest | undefined;
  /** Calls that Shopify refused in this run, by what they asked for: not repeated. */
  refused: Map<string, OutsideError>;
}

/** Carries a plan out: calls, pickups to prepare, waiting, the end. */
@Injectable()
export class CarryOut {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly outcomes: FulfillmentOutcomes,
    private readonly sending: SendFulfillment,
    private readonly preparing: PreparePickup,
    private readonly tracking: PushTracking,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @returns `again` when the order must be read and planned anew */
  async out(errand: Errand, client: ShopifyClient, signal: AbortSignal): Promise<Outcome | 'again'> {
    const { plan, order } = errand;
    const sent = await this.sendCalls(errand, client, signal);
    if (sent !== 'sent') return sent;
    const announced = await this.announcePickups(errand, client, signal);
    if (announced !== 'announced') return announced;
    const failure = [...plan.calls, ...plan.prepare].map((part) => errand.refused.get(nameOf(part))).find((error) => error !== undefined);
    if (failure) throw failure;
    if (order.fulfillmentFailed && !plan.complete) await this.overcome(order);
    if (plan.waiting.length > 0) return this.wait(errand);
    if (plan.complete) {
      await this.finish(order, errand.rows);
      await this.tracking.push(client, order.id, errand.request, signal);
    }
    return done;
  }

  private async sendCalls(errand: Errand, client: ShopifyClient, signal: AbortSignal): Promise<'sent' | 'again' | Outcome> {
    const { plan, order, request, refused } = errand;
    const known = [...errand.work.fulfillments.map((each) => each.id), ...ids(errand.rows)];
    const calls = plan.calls.filter((part) => !refused.has(nameOf(part)));
    const alone = plan.waiting.length + plan.prepare.length + plan.unreleased.length === 0 && calls.length === plan.calls.length;
    let newlyRefused = false;
    for (const [index, part] of calls.entries()) {
      const what = {
        orderId: order.id,
        shopifyOrderId: errand.shopifyId,
        part,
        known,
        forced: request?.forced ?? false,
        notifyCustomer: request?.notifyCustomer ?? true,
        tracking: request?.tracking ?? trackingOf(order),
        generation: order.generation,
        last: alone && !newlyRefused && index === calls.length - 1,
      };
      try {
        const sent = await this.sending.send(client, what, signal);
        if (sent.kind === 'stale') return 'again';
        if (sent.kind === 'cancelled') return done;
        known.push(sent.shopifyId);
      } catch (error) {
        refused.set(nameOf(part), refusal(error));
        newlyRefused = true;
      }
    }
    return newlyRefused ? 'again' : 'sent';
  }

  private async announcePickups({ plan, order, refused }: Errand, client: ShopifyClient, signal: AbortSignal): Promise<'announced' | 'again' | Outcome> {
    let newlyRefused = false;
    for (const part of plan.prepare.filter((each) => !refused.has(nameOf(each)))) {
      try {
        const prepared = await this.preparing.prepare(client, order, part, signal);
        if (prepared === 'stale') return 'again';
        if (prepared === 'cancelled') return done;
      } catch (error) {
        refused.set(nameOf(part), refusal(error));
        newlyRefused = true;
      }
    }
    return newlyRefused ? 'again' : 'announced';
  }

  private async wait({ order, plan }: Errand): Promise<Outcome> {
    await this.db.transaction('fulfillment.hold', async (tx) => {
      if (!(await this.orders.lock(tx, order.id))) return;
      for (const part of plan.waiting) {
        const now = this.clock.now();
        const before = rowFor(await rowsOfOrder(tx, order.id), part.locationId, part.lines);
        if (before?.phase === 'on_hold' || before?.phase === 'failed') continue;
        const row = before ?? newRow({ ...order, orderId: order.id }, 'pending', {}, now);
        await putRow(tx, moved(row, 'on_hold', { locationId: part.locationId, lines: part.lines, error: null }, now));
      }
    });
    const waits = plan.waiting.map(({ reason, until }) => {
      if (reason !== 'scheduled' || until === null) return HOLD_RECHECK_MS;
      const left = until.getTime() - this.clock.now().getTime();
      return Math.min(Math.max(left, MINUTE), SCHEDULE_RECHECK_MS);
    });
    const reasons = [...new Set(plan.waiting.map((part) => WORDS[part.reason]))];
    return snooze(reasons.join('; '), Math.min(...waits));
  }

  /** All that could be done by now was done, after a failure for good: the rest waits for its time. */
  private overcome(order: OrderRow): Promise<void> {
    return this.db.transaction('fulfillment.finish', async (tx) => {
      const locked = await this.orders.lock(tx, order.id);
      if (!locked || (await rowsOfOrder(tx, order.id)).some((row) => row.phase === 'failed')) return;
      await this.outcomes.overcome(tx, locked);
    });
  }

  private async finish(order: OrderRow, rows: readonly FulfillmentRow[]): Promise<void> {
    const success = latestSuccess(rows) !== undefined && (order.fulfilledAt === null || order.fulfillmentFailed);
    if (!success && !rows.some(isOpen)) return;
    await this.db.transaction('fulfillment.finish', async (tx) => {
      const locked = await this.orders.lock(tx, order.id);
      if (locked) await this.outcomes.finish(tx, locked, await rowsOfOrder(tx, order.id));
    });
  }
}

const WORDS: Record<FulfillmentPlan['waiting'][number]['reason'], string> = {
  on_hold: 'on hold in Shopify',
  scheduled: 'scheduled in Shopify for later',
  not_offered: 'Shopify does not offer to fulfill it now',
};

/**
 * Shopify's refusal of one part; anything else is thrown on. What it refuses at one location says nothing of the others.
 * Then look again: somebody may have fulfilled or cancelled the order since it was read.
 */
function refusal(error: unknown): OutsideError {
  if (error instanceof OutsideError && error.failure === 'permanent') return error;
  throw error;
}

function nameOf(part: PlannedPart): string {
  return JSON.stringify(part);
}

function ids(rows: readonly FulfillmentRow[]): string[] {
  return rows.flatMap((row) => (row.shopifyId === null ? [] : [row.shopifyId]));
}

function trackingOf(order: OrderRow): { number: string; url?: string | undefined; company?: string | undefined } | undefined {
  if (order.trackingNumber === null) return undefined;
  return { number: order.trackingNumber, url: order.trackingUrl ?? undefined, company: order.trackingCompany ?? undefined };
}
