import { Database } from '@forma3d/database';
import { Handles } from '@forma3d/platform';
import type { ShopifyClient } from '@forma3d/shopify';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Connections } from '../connections';
import { newerThanKnown } from './catch-up.repository';
import { Orders } from './orders';
import { RecordShopifyOrder } from './record-shopify-order';

/** What asking Shopify needs of the connections. */
export interface ShopifyConnections {
  shopify(storeId: string): Promise<Pick<ShopifyClient, 'getOrder' | 'orderIdOfFulfillmentOrder' | 'changedOrders'>>;
}

/**
 * Asks Shopify for one order as it is now and records it, for all deliveries that do not carry the order. Then has the
 * work on it looked at again: a hold may be gone, or its routing be done, and neither shows in the order itself.
 */
@Injectable()
@Handles('ORDER_REFRESH')
export class RefreshOrder implements TaskHandler<'ORDER_REFRESH'> {
  constructor(
    private readonly db: Database,
    @Inject(Connections) private readonly connections: ShopifyConnections,
    private readonly recordShopifyOrder: RecordShopifyOrder,
    private readonly orders: Orders,
  ) {}

  async handle(task: Task<'ORDER_REFRESH'>, signal: AbortSignal): Promise<Outcome> {
    const { shopify_order_id: id, updated_at: changedAt } = task.payload;
    if (changedAt !== undefined) {
      const untold = await newerThanKnown(this.db, task.storeId, [{ id, updatedAt: new Date(changedAt) }]);
      if (untold.length === 0) return done;
    }
    const shopify = await this.connections.shopify(task.storeId);
    const order = await shopify.getOrder(id, signal);
    if (order === null) return done;
    await this.db.transaction('orders.refresh', async (tx) => {
      const recorded = await this.recordShopifyOrder.recordIn(tx, task.storeId, order);
      if (recorded.orderId === null) return;
      const known = await this.orders.lock(tx, recorded.orderId);
      if (known) await this.orders.goOn(tx, known);
    });
    return done;
  }
}
