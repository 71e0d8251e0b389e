import { Database, type Tx } from '@forma3d/database';
import { DomainError, OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, type Config } from '@forma3d/platform';
import type { ShopifyCancelReason, ShopifyClient } from '@forma3d/shopify';
import { done, giveUp, retry, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import { Connections } from '../connections';
import { Orders, type OrderRow } from '../orders';
import { askAnew } from './ask-anew';
import { accepted, cancellationOf, cancelledThere, endIntent, intend, refused, type ShopifyCancellation } from './shopify-cancellation.repository';

/** When Shopify's job is asked for first; it takes moments. */
const JOB_LOOK_MS = 500;
/** From when on a job that does not end counts as trouble. */
const JOB_IS_SLOW_MS = 60_000;
/** The longest staff note that Shopify takes. */
const LONGEST_NOTE = 255;

const REASONS: Readonly<Record<string, ShopifyCancelReason>> = {
  customer: 'CUSTOMER',
  declined: 'DECLINED',
  fraud: 'FRAUD',
  inventory: 'INVENTORY',
  staff: 'STAFF',
};

/**
 * Has Shopify cancel an order that a person cancelled here. Shopify does it in a job of its own, which may end without having done it
 * (somebody fulfilled the order meanwhile), so that the order itself is read before anything is sent, after an unknown outcome, and at
 * the end. What Shopify refuses for good is told to a person: the order stays cancelled here.
 */
@Injectable()
@Handles('SHOPIFY_CANCELLATION')
export class CancelInShopify implements TaskHandler<'SHOPIFY_CANCELLATION'> {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly attention: Attention,
    @Inject(Connections) private readonly connections: { shopify(storeId: string): Promise<Pick<ShopifyClient, 'getFulfillmentWork' | 'cancelOrder' | 'isJobDone'>> },
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'outsideTimeoutMs' | 'outsideTurnMs' | 'settleMs'>,
  ) {}

  async handle(task: Task<'SHOPIFY_CANCELLATION'>, signal: AbortSignal): Promise<Outcome> {
    const order = await this.orders.find(task.storeId, task.payload.order_id);
    const asked = await cancellationOf(this.db, task.payload.order_id);
    if (!asked || asked.state === 'cancelled' || !order || order.shopifyId === null) return done;
    const waitMs = (asked.intentUntil?.getTime() ?? Number.NEGATIVE_INFINITY) + this.config.settleMs - this.clock.now().getTime();
    if (waitMs > 0) return snooze('an earlier call may still take effect at Shopify', waitMs);

    const shopify = await this.connections.shopify(task.storeId);
    const isOver = asked.state !== 'accepted' || asked.jobId === null || (await shopify.isJobDone(asked.jobId, signal));
    // Reading the order costs much of a budget that all orders share, and tells nothing before the job is over.
    if (!isOver && this.acceptedFor(asked) <= JOB_IS_SLOW_MS) return this.awaitJob(asked, isOver);
    const work = await shopify.getFulfillmentWork(order.shopifyId, signal);
    if (!work) return giveUp('Shopify has no such order any more');
    if (work.cancelledAt !== null) return this.isCancelled(order.id);
    // Asked only because something changed there: a refusal stands until a person asks again.
    if (asked.state === 'refused') return done;
    if (asked.state === 'accepted') return this.awaitJob(asked, isOver);
    return this.send(shopify, order, { ...asked, shopifyId: order.shopifyId }, signal);
  }

  /** In the transaction that ends the task: Shopify will not do it, and a person is told. */
  async failed(tx: Tx, task: Task<'SHOPIFY_CANCELLATION'>, reason: string): Promise<void> {
    const order = await this.orders.lock(tx, task.payload.order_id);
    if (!order) return;
    await refused(tx, order.id, reason, this.clock.now());
    await this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'shopify-cancel-refused',
      subjectId: order.id,
      orderId: order.id,
      message: `Order ${order.name} is cancelled here, and Shopify did not cancel it: ${reason}. Cancel it there, or ask again.`,
    });
  }

  /** A person has it tried again: what was refused is asked for anew, for the reason given then. */
  async replayed(tx: Tx, task: Task<'SHOPIFY_CANCELLATION'>): Promise<void> {
    const order = await this.orders.lock(tx, task.payload.order_id);
    const asked = await cancellationOf(tx, task.payload.order_id);
    if (!order || !asked || asked.state === 'cancelled') throw new DomainError('conflict', 'The order is cancelled in Shopify already.');
    if (asked.state === 'refused') await askAnew(tx, this.attention, order, asked.reason, this.clock.now());
  }

  private async send(
    shopify: Pick<ShopifyClient, 'getFulfillmentWork' | 'cancelOrder'>,
    order: OrderRow,
    asked: ShopifyCancellation & { shopifyId: string },
    signal: AbortSignal,
  ): Promise<Outcome> {
    const until = new Date(this.clock.now().getTime() + this.config.outsideTurnMs + this.config.outsideTimeoutMs);
    const taken = await this.db.transaction('cancellation.announce', async (tx) => {
      await this.orders.lock(tx, order.id);
      // The order was just read as not cancelled: an earlier call, past its deadline, did nothing.
      if (asked.intentUntil !== null) await endIntent(tx, order.id, asked.intentUntil, this.clock.now());
      return !(await intend(tx, order.id, until, this.clock.now()));
    });
    if (taken) return snooze('another runner asks Shopify', this.config.settleMs);
    try {
      const input = { orderId: asked.shopifyId, reason: reasonOf(asked.reason), notifyCustomer: false, staffNote: asked.reason.slice(0, LONGEST_NOTE) };
      const { jobId } = await shopify.cancelOrder(input, signal);
      await this.db.transaction('cancellation.accepted', (tx) => accepted(tx, order.id, jobId, this.clock.now()));
      return snooze('Shopify is about to cancel it', JOB_LOOK_MS);
    } catch (error) {
      if (!(error instanceof OutsideError) || error.failure === 'unknown') throw error;
      await this.db.transaction('cancellation.not-sent', (tx) => endIntent(tx, order.id, until, this.clock.now()));
      // Refused, because somebody else cancelled it in this moment: what was asked for has come about.
      if (error.failure === 'permanent' && (await shopify.getFulfillmentWork(asked.shopifyId, signal))?.cancelledAt) return this.isCancelled(order.id);
      throw error;
    }
  }

  private awaitJob(asked: ShopifyCancellation, isOver: boolean): Outcome {
    const since = this.acceptedFor(asked);
    // It names no job: all there is to do is to look at the order for a while.
    if (isOver && (asked.jobId !== null || since > JOB_IS_SLOW_MS)) return giveUp('Shopify accepted the cancellation and ended it without cancelling');
    if (since > JOB_IS_SLOW_MS) return retry('Shopify has not ended the cancellation yet');
    // As long again as it has taken by now: a job that takes its time is not asked for over and over.
    return snooze('Shopify is about to cancel it', Math.max(JOB_LOOK_MS, since));
  }

  private acceptedFor(asked: ShopifyCancellation): number {
    return this.clock.now().getTime() - (asked.acceptedAt?.getTime() ?? 0);
  }

  private async isCancelled(orderId: string): Promise<Outcome> {
    await this.db.transaction('cancellation.cancelled', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order) return;
      await cancelledThere(tx, orderId, this.clock.now());
      await this.attention.close(tx, { storeId: order.storeId, kind: 'shopify-cancel-refused', subjectId: orderId });
    });
    return done;
  }
}

/** A person's words where they are one of Shopify's reasons; the words themselves go along as a note. */
function reasonOf(words: string): ShopifyCancelReason {
  return REASONS[words.trim().toLowerCase()] ?? 'OTHER';
}
