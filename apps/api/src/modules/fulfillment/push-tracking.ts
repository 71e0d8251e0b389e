import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { ShopifyClient } from '@forma3d/shopify';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Orders } from '../orders';
import { answerOf, moved } from './fulfillment-row';
import { putRow, rowsOfOrder, type FulfillmentRequest } from './fulfillment.repository';
import { latestSuccess } from './fulfillment-outcomes';

/** Tells Shopify of a tracking number that came after the fulfillment. */
@Injectable()
export class PushTracking {
  constructor(
    private readonly db: Database,
    private readonly orders: Orders,
    private readonly events: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Pushes what a person asked for, else the order's own tracking where Shopify has none. Of several fulfillments the
   * latest gets it. Saying the same twice changes nothing, so a lost answer needs no care.
   */
  async push(client: ShopifyClient, orderId: string, request: FulfillmentRequest | undefined, signal: AbortSignal): Promise<void> {
    const row = latestSuccess(await rowsOfOrder(this.db, orderId));
    const tracking = request?.tracking ?? (row?.trackingNumber === null ? await this.trackingOfOrder(row.storeId, orderId) : null);
    if (!row?.shopifyId || !tracking || tracking.number === row.trackingNumber) return;
    const answer = await client.updateTracking(
      { fulfillmentId: row.shopifyId, tracking, notifyCustomer: request?.notifyCustomer ?? true },
      signal,
    );
    await this.db.transaction('fulfillment.tracking', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      const present = (await rowsOfOrder(tx, orderId)).find((each) => each.id === row.id);
      if (!order || !present || present.trackingNumber === tracking.number) return;
      const after = moved(present, present.phase, { ...answerOf(answer), trackingNumber: tracking.number }, this.clock.now());
      await putRow(tx, after);
      await this.events.publish(tx, {
        type: 'fulfillment.updated',
        storeId: order.storeId,
        aggregateId: row.id,
        orderId,
        payload: { order_id: orderId, fulfillment_id: row.id, tracking_number: tracking.number },
      });
      await this.orders.recordFulfilled(tx, orderId, {
        shopifyFulfillmentId: row.shopifyId,
        trackingNumber: tracking.number,
        trackingUrl: after.trackingUrl,
        trackingCompany: after.trackingCompany,
        complete: false,
      });
    });
  }

  private async trackingOfOrder(storeId: string, orderId: string) {
    const order = await this.orders.find(storeId, orderId);
    if (!order || order.trackingNumber === null) return null;
    return { number: order.trackingNumber, url: order.trackingUrl ?? undefined, company: order.trackingCompany ?? undefined };
  }
}
