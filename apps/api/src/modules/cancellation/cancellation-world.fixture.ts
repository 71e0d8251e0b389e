import { cancelOrder } from '@forma3d/contracts';
import { OutsideError, type OutsideFailure } from '@forma3d/kernel';
import type { FulfillmentWork } from '@forma3d/shopify';
import { EventLog } from '@forma3d/tasks';
import { aFulfillmentOrder, aLine, anOrder } from '@forma3d/testing';
import { z } from 'zod';
import { Attention, Audit } from '../attention';
import { printWorld } from '../print-jobs/print-world.fixture';
import { CancelInShopify } from './cancel-in-shopify';
import { CancelOrder } from './cancel-order';

const text = z.object({ text: z.string() });
export const SETTLE_MS = 15_000;
export const CALL_MS = 18_000;

/** A shop with one order that it can be asked to cancel, for tests: it counts what was asked, and does what it is told to do. */
export class CancellingShop {
  cancelledAt: Date | null = null;
  /** How often the whole order was read. */
  reads = 0;
  jobDone = true;
  jobId: string | null = 'gid://shopify/Job/1';
  /** What the next orderCancel does: `lost` does the work and loses the answer, `does-nothing` lets its job end without it. */
  next: OutsideFailure | 'lost' | 'does-nothing' | undefined;
  readonly asked: { reason: string; staffNote: string | undefined }[] = [];
  during: () => Promise<void> = () => Promise.resolve();

  readonly client: Awaited<ReturnType<ConstructorParameters<typeof CancelInShopify>[3]['shopify']>> = {
    getFulfillmentWork: () => {
      this.reads += 1;
      return Promise.resolve({ cancelledAt: this.cancelledAt } as FulfillmentWork);
    },
    isJobDone: () => Promise.resolve(this.jobDone),
    cancelOrder: async ({ reason, staffNote }) => {
      const does = this.next;
      this.next = undefined;
      this.asked.push({ reason, staffNote });
      await this.during();
      const failure = (kind: OutsideFailure) => new OutsideError({ system: 'shopify', operation: 'orderCancel', failure: kind }, 'Cannot cancel an order that has outstanding fulfillments');
      if (does !== undefined && does !== 'lost' && does !== 'does-nothing') throw failure(does);
      if (does !== 'does-nothing') this.cancelledAt = new Date();
      if (does === 'lost') throw failure('unknown');
      return { jobId: this.jobId };
    },
  };
}

/** Orders of two mugs with their prints, and people who cancel them, over a real database. */
export function cancellationWorld(url: string) {
  const world = printWorld(url);
  const { db, clock, orders, record, cancelProduction } = world;
  const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
  const attention = new Attention(db, events, clock);
  const shop = { current: new CancellingShop() };
  const cancelling = new CancelOrder(db, orders, cancelProduction, events, attention, new Audit(clock), clock);
  const config = { outsideTurnMs: CALL_MS - 1_000, outsideTimeoutMs: 1_000, settleMs: SETTLE_MS };
  const inShopify = new CancelInShopify(db, orders, attention, { shopify: () => Promise.resolve(shop.current.client) }, clock, config);
  const signal = new AbortController().signal;
  const task = (storeId: string, orderId: string) => world.task('SHOPIFY_CANCELLATION', storeId, { order_id: orderId });

  /** The order as Shopify tells it, some seconds after it was placed. */
  const asTold = (second: number, quantity = 2, change: Parameters<typeof anOrder>[0] = {}) =>
    anOrder({
      updatedAt: new Date(anOrder().updatedAt.getTime() + second * 1_000),
      lineItems: [aLine({ currentQuantity: quantity })],
      fulfillmentOrders: [aFulfillmentOrder({ lines: [{ id: '4101', lineItemId: '9001', totalQuantity: quantity, remainingQuantity: quantity }] })],
      ...change,
    });

  return {
    ...world,
    shop,
    cancelling,
    asTold,
    signal,
    /** A paid order whose prints are planned and not sent yet. */
    async planned(quantity = 2) {
      shop.current = new CancellingShop();
      const storeId = await world.store();
      const { orderId } = await record.record(storeId, asTold(0, quantity));
      if (orderId === null) throw new Error('the order was not recorded');
      const plan = (second: number, wanted: number) =>
        world.planner(() => Promise.resolve(asTold(second, wanted))).handle(world.task('PRODUCTION_PLAN', storeId, { order_id: orderId }), signal);
      await plan(0, quantity);
      const texts = async (rows: Promise<{ text: string }[]>) => (await rows).map((row) => row.text);
      return {
        storeId,
        orderId,
        plan,
        cancel: (body: z.input<typeof cancelOrder> = { reason: 'The customer changed their mind.' }) => cancelling.cancel(storeId, orderId, cancelOrder.parse(body)),
        acknowledge: () => cancelling.acknowledge(storeId, orderId),
        row: () => orders.get(storeId, orderId),
        runShopify: () => inShopify.handle(task(storeId, orderId), signal),
        failShopify: (reason: string) => db.transaction('test.fail', (tx) => inShopify.failed(tx, task(storeId, orderId), reason)),
        replayShopify: () => db.transaction('test.replay', (tx) => inShopify.replayed(tx, task(storeId, orderId))),
        queueItems: () => texts(db.sql.rows(text)`SELECT id::text AS text FROM queue_item WHERE order_id = ${orderId} ORDER BY id`),
        prints: () => texts(db.sql.rows(text)`SELECT status AS text FROM print_job WHERE order_id = ${orderId} ORDER BY id`),
        told: (type: string) => texts(db.sql.rows(text)`SELECT payload::text AS text FROM event WHERE order_id = ${orderId} AND type = ${type}`),
        audited: () => texts(db.sql.rows(text)`SELECT action AS text FROM audit_log WHERE entity_id = ${orderId} AND entity = 'order' ORDER BY id`),
        open: () => texts(db.sql.rows(text)`SELECT kind AS text FROM attention WHERE order_id = ${orderId} AND closed_at IS NULL ORDER BY id`),
        tasks: () => texts(db.sql.rows(text)`SELECT type AS text FROM retry_queue WHERE order_id = ${orderId} AND status = 'PENDING' ORDER BY type`),
      };
    },
  };
}
