import { Database } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Audit } from '../attention';
import { Connections } from '../connections';
import { RecordShopifyOrder } from './record-shopify-order';
import type { ShopifyConnections } from './refresh-order';

const SHOPIFY_ID = /^\d{1,20}$/;

/** A person has an order produced that was placed before the store produces orders. */
@Injectable()
export class ImportOrder {
  constructor(
    private readonly db: Database,
    @Inject(Connections) private readonly connections: ShopifyConnections,
    private readonly recordShopifyOrder: RecordShopifyOrder,
    private readonly audit: Audit,
  ) {}

  /**
   * Reads the order from Shopify and makes it one of ours; one that is ours already stays as it is.
   *
   * @param id the mirror's id of the order, our order's id, or Shopify's
   * @returns our order's id
   * @throws DomainError `order-not-found` when neither we nor Shopify know it
   */
  async run(storeId: string, id: string): Promise<string> {
    const shopifyId = SHOPIFY_ID.test(id) ? id : await this.shopifyIdOf(storeId, id);
    const shopify = await this.connections.shopify(storeId);
    const order = shopifyId === null ? null : await shopify.getOrder(shopifyId);
    if (order === null) throw new DomainError('order-not-found', 'There is no such order.');
    return this.db.transaction('orders.import', async (tx) => {
      const { orderId } = await this.recordShopifyOrder.recordIn(tx, storeId, order, { evenIfOld: true });
      if (orderId === null) throw new Error('an imported order was not made');
      await this.audit.write(tx, {
        storeId,
        entity: 'order',
        entityId: orderId,
        action: 'imported',
        meta: { shopify_id: order.id, placed_at: order.processedAt.toISOString() },
      });
      return orderId;
    });
  }

  private async shopifyIdOf(storeId: string, id: string): Promise<string | null> {
    const asked = z.uuid().safeParse(id);
    if (!asked.success) {
      throw new DomainError('invalid', 'The id in the path is none.', {
        errors: [{ path: 'id', message: 'must be a UUID or the number of an order in Shopify' }],
      });
    }
    const row = await this.db.sql.maybe(z.object({ shopify_id: z.string().nullable() }))`
      SELECT shopify_id FROM order_header WHERE id = ${asked.data} AND store_id = ${storeId}
      UNION SELECT shopify_id FROM orders WHERE id = ${asked.data} AND store_id = ${storeId}`;
    return row?.shopify_id ?? null;
  }
}
