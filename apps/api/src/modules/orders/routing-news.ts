import { Database } from '@forma3d/database';
import { Handles } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Connections } from '../connections';
import { Orders } from './orders';
import { lockShopifyOrder } from './orders.repository';
import type { ShopifyConnections } from './refresh-order';
import { refreshTask } from './refresh-task';

/**
 * Goes on with the order of a fulfillment order that was routed, held or released: its body names neither the order nor what
 * changed. An order that is known is not read here: its plan and its fulfillment read what they need, and every reading is
 * paid for from the budget that all orders share.
 */
@Injectable()
@Handles('ROUTING_NEWS')
export class RoutingNews implements TaskHandler<'ROUTING_NEWS'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(Connections) private readonly connections: ShopifyConnections,
    private readonly orders: Orders,
  ) {}

  async handle({ storeId, payload }: Task<'ROUTING_NEWS'>, signal: AbortSignal): Promise<Outcome> {
    const shopify = await this.connections.shopify(storeId);
    const shopifyId = await shopify.orderIdOfFulfillmentOrder(payload.shopify_fulfillment_order_id, signal);
    if (shopifyId === null) return done;
    await this.db.transaction('orders.routing-news', async (tx) => {
      const known = await lockShopifyOrder(tx, storeId, shopifyId);
      if (known) await this.orders.goOnRouted(tx, known);
      else await this.events.enqueue(tx, refreshTask(storeId, shopifyId));
    });
    return done;
  }
}
