import { Database, type Tx } from '@forma3d/database';
import { DomainError, OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK, Handles } from '@forma3d/platform';
import type { FulfillmentWork, ShopifyClient } from '@forma3d/shopify';
import { done, giveUp, retry, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Stores } from '../access';
import { Connections } from '../connections';
import { Orders } from '../orders';
import { CancelProduction } from '../print-jobs';
import { CarryOut } from './carry-out';
import { FulfillmentTrouble } from './fulfillment-trouble';
import { FULFILLMENT_SETTINGS, type FulfillmentSettings } from './fulfillment-settings';
import { beginAnew, endRequest, requestOfOrder, rowsOfOrder, type FulfillmentRequest } from './fulfillment.repository';
import { planFulfillment } from './plan-fulfillment';
import { isReady, needsPerson, releaseOf, wasCancelledThere } from './release';
import { msUntilReadable, SettleFulfillments, type Present } from './settle-fulfillments';

/** How often one run reads the order again because something changed while it worked. */
const ROUNDS = 4;

/**
 * The reaction to `order.ready-for-fulfillment`, and to everything else that may change what there is to fulfill: reads
 * the order from Shopify, settles what is uncertain, plans, and carries the plan out. Finding nothing to do is success.
 */
@Injectable()
@Handles('FULFILLMENT')
export class CreateFulfillment implements TaskHandler<'FULFILLMENT'> {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    @Inject(Stores) private readonly stores: Pick<Stores, 'get'>,
    @Inject(Connections) private readonly connections: Pick<Connections, 'shopify'>,
    private readonly settling: SettleFulfillments,
    private readonly carrying: CarryOut,
    private readonly trouble: FulfillmentTrouble,
    @Inject(CancelProduction) private readonly production: Pick<CancelProduction, 'remaining'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(FULFILLMENT_SETTINGS) private readonly settings: FulfillmentSettings,
  ) {}

  async handle(task: Task<'FULFILLMENT'>, signal: AbortSignal): Promise<Outcome> {
    const orderId = task.payload.order_id;
    const asked = await requestOfOrder(this.db, orderId);
    const request = asked?.failed ? undefined : asked;
    const outcome = await this.fulfill(task.storeId, orderId, request, signal);
    if (outcome === 'needs-person') return done;
    if (outcome.kind === 'done') {
      if (request?.cancelRemaining) await this.cancelRemaining(orderId);
      if (asked) await endRequest(this.db, orderId, asked.id);
    } else if (asked?.failed && (await requestOfOrder(this.db, orderId))?.failed === false) {
      // What failed is fulfilled by others: the rest is not forced because of what was asked then.
      await endRequest(this.db, orderId, asked.id);
    }
    return outcome;
  }

  /** Only once it is fulfilled: what Shopify refused to fulfill is still to be made. */
  private cancelRemaining(orderId: string): Promise<void> {
    return this.db.transaction('fulfillment.cancel-remaining', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (order && order.fulfilledAt !== null && order.cancelledAt === null) await this.production.remaining(tx, order);
    });
  }

  /** In the transaction that ends the task: what was under way failed for good, and a person is told. */
  failed(tx: Tx, task: Task<'FULFILLMENT'>, reason: string): Promise<void> {
    return this.trouble.forGood(tx, task.payload.order_id, reason);
  }

  /**
   * A person has it tried again: what failed for good is begun anew, as it was asked for then. That is no wish to have more fulfilled than
   * what the store's policies let go by now: many are tried again at once, after an outage.
   */
  async replayed(tx: Tx, task: Task<'FULFILLMENT'>): Promise<void> {
    const orderId = task.payload.order_id;
    const order = await this.orders.lock(tx, orderId);
    const rows = await rowsOfOrder(tx, orderId);
    // Of a cancelled one: whether a call of which nobody knows the end fulfilled it all the same.
    if (order && order.cancelledAt !== null && rows.some((row) => row.intentUntil !== null)) return;
    if (!order || order.cancelledAt !== null) throw new DomainError('conflict', 'The order is cancelled: there is nothing to fulfill any more.');
    if (wasCancelledThere(order, rows) && !(await requestOfOrder(tx, orderId))) {
      throw new DomainError('conflict', 'Its fulfillment was cancelled in Shopify: only who fulfills the order by hand has it fulfilled again.');
    }
    await beginAnew(tx, rows, this.clock.now());
  }

  private async fulfill(
    storeId: string,
    orderId: string,
    request: FulfillmentRequest | undefined,
    signal: AbortSignal,
  ): Promise<Outcome | 'needs-person'> {
    const refused = new Map<string, OutsideError>();
    for (let round = 1; round <= ROUNDS; round += 1) {
      const present = await this.present(storeId, orderId);
      const shopifyId = present?.order.shopifyId;
      if (!present || !shopifyId || !concerns(present, request)) return done;
      const waitMs = msUntilReadable(present.rows, this.clock.now(), this.settings.settleMs);
      if (waitMs > 0) return snooze('an earlier call may still take effect at Shopify', waitMs);

      const readAt = this.clock.now();
      const seen = await this.read(present, shopifyId, signal);
      if (seen.work === null) return giveUp('Shopify has no such order any more');
      const settled = await this.settling.settle(present, seen.work, readAt);
      if (settled === 'busy') continue;
      // Also when only Shopify knows yet: our own order follows with the next webhook or sweep.
      if (settled.order.cancelledAt !== null || seen.work.cancelledAt !== null) return done;

      const { policies } = await this.stores.get(storeId);
      const plan = planFulfillment(seen.work, settled.lines, releaseOf(settled.order, policies, request));
      if (!plan.complete && !request && needsPerson(settled.order, settled.rows)) return 'needs-person';
      const outcome = await this.carrying.out({ ...settled, shopifyId, work: seen.work, plan, request, refused }, seen.client, signal);
      if (outcome !== 'again') return outcome;
    }
    return retry('the order keeps changing while it is fulfilled');
  }

  private async present(storeId: string, orderId: string): Promise<Present | undefined> {
    const [order, lines, rows] = await Promise.all([
      this.orders.find(storeId, orderId),
      this.orders.lines(this.db, orderId),
      rowsOfOrder(this.db, orderId),
    ]);
    return order && { order, lines, rows };
  }

  private async read(
    present: Present,
    shopifyId: string,
    signal: AbortSignal,
  ): Promise<{ client: ShopifyClient; work: FulfillmentWork | null }> {
    try {
      const client = await this.connections.shopify(present.order.storeId);
      return { client, work: await client.getFulfillmentWork(shopifyId, signal) };
    } catch (error) {
      // A rate limit is no trouble: it passes by itself within seconds.
      if (error instanceof OutsideError && (error.failure === 'transient' || error.failure === 'refused')) {
        await this.trouble.reading(present.order.id, error);
      }
      throw error;
    }
  }
}

/** Whether the order is any of our business now; most changes of most orders are not, and cost no question to Shopify. */
function concerns({ order, lines, rows }: Present, request: FulfillmentRequest | undefined): boolean {
  if (order.source !== 'shopify') return false;
  // Of a cancelled one: what may still take effect, and whether a fulfillment that was faster still stands.
  if (order.cancelledAt !== null) return rows.some((row) => row.phase !== 'cancelled' || row.intentUntil !== null);
  return request !== undefined || isReady(order) || rows.length > 0 || lines.some((line) => line.exclusion === 'already_fulfilled');
}
