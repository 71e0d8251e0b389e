import type { TaskType } from '@forma3d/contracts';
import { Database, uuid } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { EventLog } from '@forma3d/tasks';
import { FakeClock } from '@forma3d/testing';
import { z } from 'zod';
import { Attention, Audit } from '../attention';
import { Mirror } from '../mirror';
import { Orders } from './orders';
import { RecordShopifyOrder } from './record-shopify-order';

/** The use cases of orders over a real database, built by hand, for tests. */
export function ordersWorld(url: string) {
  const db = new Database({ url, max: 20 });
  const clock = new FakeClock();
  const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
  const audit = new Audit(clock);
  const attention = new Attention(db, events, clock);
  const mirror = new Mirror(clock);
  const orders = new Orders(db, events, audit, clock);
  const record = new RecordShopifyOrder(db, events, mirror, orders, clock);
  return {
    db,
    clock,
    events,
    audit,
    attention,
    mirror,
    orders,
    record,
    /** A store that produces orders since the day before the clock's start. */
    async store(policies: Record<string, unknown> = {}): Promise<string> {
      const id = newId();
      await db.sql`
        INSERT INTO store (id, handle, name, shopify_domain, time_zone, currency, policies, produce_orders_from, updated_at)
        VALUES (${id}, ${id}, 'Test shop', ${`${id}.myshopify.com`}, 'Europe/Brussels', 'EUR',
                ${JSON.stringify(policies)}::jsonb, '2026-11-01T00:00:00Z', now())`;
      return id;
    },
    /** The types of an order's events, oldest first. */
    async eventTypes(orderId: string | null): Promise<string[]> {
      const rows = await db.sql.rows(z.object({ type: z.string() }))`
        SELECT type FROM event WHERE order_id = ${orderId} ORDER BY xid, seq`;
      return rows.map((row) => row.type);
    },
    /** What the open tasks of a type are about. */
    async tasks(storeId: string, type: TaskType): Promise<unknown[]> {
      const rows = await db.sql.rows(z.object({ payload: z.unknown() }))`
        SELECT payload FROM retry_queue WHERE store_id = ${storeId} AND type = ${type} ORDER BY payload::text`;
      return rows.map((row) => row.payload);
    },
    /** Forgets the tasks written so far, to see those that come. */
    async forgetTasks(storeId: string): Promise<void> {
      await db.sql`DELETE FROM retry_queue WHERE store_id = ${storeId}`;
    },
    async orderIds(storeId: string): Promise<string[]> {
      const rows = await db.sql.rows(z.object({ id: uuid }))`SELECT id FROM orders WHERE store_id = ${storeId} ORDER BY id`;
      return rows.map((row) => row.id);
    },
  };
}
