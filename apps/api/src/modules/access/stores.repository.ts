import { Injectable } from '@nestjs/common';
import { storePolicies } from '@forma3d/contracts';
import { Database, timestamptz, type Tx } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { z } from 'zod';
import type { Store } from './store';

const storeRow = z
  .object({
    id: z.string(),
    handle: z.string(),
    name: z.string(),
    shopify_domain: z.string().nullable(),
    time_zone: z.string(),
    currency: z.string(),
    policies: storePolicies,
    produce_orders_from: z.date(),
    uninstalled_at: timestamptz.nullable(),
    reinstalled_at: timestamptz.nullable(),
  })
  .transform(
    (row): Store => ({
      id: row.id,
      handle: row.handle,
      name: row.name,
      shopifyDomain: row.shopify_domain,
      timeZone: row.time_zone,
      currency: row.currency,
      policies: row.policies,
      produceOrdersFrom: row.produce_orders_from,
      uninstalledAt: row.uninstalled_at,
      reinstalledAt: row.reinstalled_at,
    }),
  );

@Injectable()
export class StoresRepository {
  constructor(private readonly db: Database) {}

  all(): Promise<Store[]> {
    return this.db.sql.rows(storeRow)`
      SELECT id, handle, name, shopify_domain, time_zone, currency, policies, produce_orders_from, uninstalled_at, reinstalled_at
      FROM store ORDER BY id`;
  }

  /**
   * Answers false when the handle or the domain is taken; several processes may try at the same moment. Orders count from
   * the whole second on: Shopify's times have no finer, and an order of this very second is not an old one.
   */
  async insert(store: { handle: string; shopifyDomain: string; now: Date }): Promise<boolean> {
    const touched = await this.db.sql`
      INSERT INTO store (id, handle, name, shopify_domain, time_zone, currency, policies, produce_orders_from, created_at, updated_at)
      VALUES (${newId()}, ${store.handle}, ${store.shopifyDomain}, ${store.shopifyDomain}, 'UTC', 'EUR', '{}',
              date_trunc('second', ${store.now}::timestamptz), ${store.now}, ${store.now})
      ON CONFLICT DO NOTHING`;
    return touched === 1;
  }

  /** Marks the store as uninstalled; false when it is, or when the news is older than the last installation. */
  async uninstalled(tx: Tx, id: string, at: Date): Promise<boolean> {
    const touched = await tx.sql`
      UPDATE store SET uninstalled_at = ${at}, updated_at = ${at}
      WHERE id = ${id} AND uninstalled_at IS NULL AND (reinstalled_at IS NULL OR reinstalled_at < ${at})`;
    return touched === 1;
  }

  /** Ends that; false when the store was not marked. */
  async reinstalled(tx: Tx, id: string, at: Date): Promise<boolean> {
    const touched = await tx.sql`
      UPDATE store SET uninstalled_at = NULL, reinstalled_at = ${at}, updated_at = ${at} WHERE id = ${id} AND uninstalled_at IS NOT NULL`;
    return touched === 1;
  }

  /** Takes over what the shop says of itself; answers whether anything differed. */
  async describe(id: string, shop: { name: string; timeZone: string; currency: string }, now: Date): Promise<boolean> {
    const touched = await this.db.sql`
      UPDATE store SET name = ${shop.name}, time_zone = ${shop.timeZone}, currency = ${shop.currency}, updated_at = ${now}
      WHERE id = ${id} AND (name, time_zone, currency) IS DISTINCT FROM (${shop.name}, ${shop.timeZone}, ${shop.currency})`;
    return touched === 1;
  }
}
