import { Database } from '@forma3d/database';
import { DomainError, type Clock } from '@forma3d/kernel';
import { CLOCK, Handles } from '@forma3d/platform';
import { orderFromWebhook, orderIdFromDelivery } from '@forma3d/shopify';
import { done, EventLog, giveUp, snooze, type NewTask, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Inbox } from '../inbox';
import { fulfilling } from './orders.repository';
import { RecordShopifyOrder } from './record-shopify-order';
import { refreshTask } from './refresh-task';

/** How long the answer to a call of ours takes, nearly always: its webhook may be here first. */
const OWN_CALL_MS = 5_000;

/** Topics whose body is the whole order. */
const CARRIES_ORDER = new Set(['orders/create', 'orders/paid', 'orders/updated', 'orders/cancelled']);

/** Works a delivered Shopify webhook off: records the order in it, or has Shopify asked for the one it is about. */
@Injectable()
@Handles('ORDER_WEBHOOK')
export class OrderWebhook implements TaskHandler<'ORDER_WEBHOOK'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly inbox: Inbox,
    private readonly recordShopifyOrder: RecordShopifyOrder,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async handle(task: Task<'ORDER_WEBHOOK'>): Promise<Outcome> {
    const delivery = await this.inbox.delivery(task.payload.delivery_id);
    // Deliveries are deleted after a while: what an old one said is known by now.
    if (!delivery) return done;
    try {
      // What was in it is gone: Shopify is asked, as for deliveries that never carry the order.
      if (CARRIES_ORDER.has(delivery.topic) && delivery.redactedAt === null) {
        await this.recordShopifyOrder.record(delivery.storeId, orderFromWebhook(delivery.body));
        return done;
      }
      const ask = taskFor(delivery.storeId, delivery.topic, delivery.body);
      if (!ask) return done;
      if (delivery.topic === 'fulfillments/create' && ask.type === 'ORDER_REFRESH') {
        const own = await this.maybeOwn(delivery.storeId, ask.payload.shopify_order_id, delivery.receivedAt);
        if (own) return own;
      }
      await this.db.transaction('orders.ask', (tx) => this.events.enqueue(tx, ask));
      return done;
    } catch (error) {
      // A body that is not what its topic promises will not become it by waiting.
      if (error instanceof DomainError && error.code === 'invalid-delivery') return giveUp(error.message);
      throw error;
    }
  }

  /**
   * What to do with the news of a fulfillment that may be the one that we have just made: nothing once the order is fulfilled
   * here, as its own `orders/updated` carries the rest and no reading need be paid for. Undefined when it is somebody else's.
   */
  private async maybeOwn(storeId: string, shopifyId: string, receivedAt: Date): Promise<Outcome | undefined> {
    const state = await fulfilling(this.db, storeId, shopifyId);
    if (state === 'done') return done;
    const left = OWN_CALL_MS - (this.clock.now().getTime() - receivedAt.getTime());
    return state === 'begun' && left > 0 ? snooze('our own call may have made this fulfillment', left) : undefined;
  }
}

/** The task that asks Shopify about what a body names; undefined when it names nothing of ours. */
function taskFor(storeId: string, topic: string, body: Uint8Array): NewTask<'ORDER_REFRESH'> | NewTask<'ROUTING_NEWS'> | undefined {
  const subject = orderIdFromDelivery(topic, body);
  switch (subject.kind) {
    case 'order':
      return refreshTask(storeId, subject.orderId);
    case 'fulfillment-order':
      return {
        type: 'ROUTING_NEWS',
        storeId,
        payload: { shopify_fulfillment_order_id: subject.fulfillmentOrderId },
        dedupeKey: `${storeId} ${subject.fulfillmentOrderId}`,
      };
    case 'none':
      return undefined;
  }
}
