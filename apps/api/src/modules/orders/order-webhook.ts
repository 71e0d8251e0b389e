import { Database } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Handles } from '@forma3d/platform';
import { orderFromWebhook, orderIdFromDelivery } from '@forma3d/shopify';
import { done, EventLog, giveUp, type NewTask, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Injectable } from '@nestjs/common';
import { Inbox } from '../inbox';
import { isFulfilled } from './orders.repository';
import { RecordShopifyOrder } from './record-shopify-order';
import { refreshTask } from './refresh-task';

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
  ) {}

  async handle(task: Task<'ORDER_WEBHOOK'>): Promise<Outcome> {
    const delivery = await this.inbox.delivery(task.payload.delivery_id);
    // Deliveries are deleted after a while: what an old one said is known by now.
    if (!delivery) return done;
    try {
      if (CARRIES_ORDER.has(delivery.topic)) {
        await this.recordShopifyOrder.record(delivery.storeId, orderFromWebhook(delivery.body));
        return done;
      }
      const refresh = refreshFor(delivery.storeId, delivery.topic, delivery.body);
      if (refresh && !(await this.tellsOfOurOwn(delivery.storeId, delivery.topic, refresh))) {
        await this.db.transaction('orders.ask', (tx) => this.events.enqueue(tx, refresh));
      }
      return done;
    } catch (error) {
      // A body that is not what its topic promises will not become it by waiting.
      if (error instanceof DomainError && error.code === 'invalid-delivery') return giveUp(error.message);
      throw error;
    }
  }

  /**
   * The first thing that Shopify says of a fulfillment that we have just made. The order is fulfilled here already, and its
   * own `orders/updated` carries the rest, so that no reading is paid for.
   */
  private async tellsOfOurOwn(storeId: string, topic: string, { payload }: NewTask<'ORDER_REFRESH'>): Promise<boolean> {
    if (topic !== 'fulfillments/create' || payload.shopify_order_id === undefined) return false;
    return isFulfilled(this.db, storeId, payload.shopify_order_id);
  }
}

/** The task that asks Shopify for the order that a body is about; undefined when it is about none. */
function refreshFor(storeId: string, topic: string, body: Uint8Array): NewTask<'ORDER_REFRESH'> | undefined {
  const subject = orderIdFromDelivery(topic, body);
  switch (subject.kind) {
    case 'order':
      return refreshTask(storeId, subject.orderId);
    case 'fulfillment-order':
      return {
        type: 'ORDER_REFRESH',
        storeId,
        payload: { shopify_fulfillment_order_id: subject.fulfillmentOrderId },
        dedupeKey: `${storeId} fulfillment order ${subject.fulfillmentOrderId}`,
      };
    case 'none':
      return undefined;
  }
}
