import type { UnmappedLine } from '@forma3d/contracts';
import { Database, fragment, int, nothing, timestamptz, uuid } from '@forma3d/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Reader } from './orders.repository';

/** An unmapped line, and what it may be mapped by. */
const waitingLine = z.object({ id: uuid, orderId: uuid, sku: z.string().nullable(), variantId: z.string().nullable() });
export type WaitingLine = z.output<typeof waitingLine>;

const row = z.object({
  line_item_id: uuid,
  order_id: uuid,
  order_name: z.string(),
  title: z.string(),
  variant_title: z.string().nullable(),
  sku: z.string().nullable(),
  variant_id: z.string().nullable(),
  quantity: int,
  reason: z.string(),
  placed_at: timestamptz.transform((date) => date.toISOString()),
});

/** Lines that wait for a product mapping, and the orders that wait because of them. */
@Injectable()
export class UnmappedLines {
  constructor(private readonly db: Database) {}

  /** Unmapped lines of orders still to be produced, newest first; `before` is the last line item id seen. */
  list(storeId: string, limit: number, before?: string): Promise<Omit<UnmappedLine, 'suggestions'>[]> {
    return this.db.sql.rows(row)`
      SELECT l.id AS line_item_id, o.id AS order_id, o.name AS order_name, l.title, l.variant_title, l.sku, l.variant_id,
        COALESCE(l.wanted, l.current_quantity) AS quantity, l.unmapped_reason AS reason, o.placed_at
      FROM line_item l JOIN orders o ON o.id = l.order_id
      WHERE l.store_id = ${storeId} AND l.unmapped_reason IS NOT NULL AND o.cancelled_at IS NULL
        ${before === undefined ? nothing : fragment`AND l.id < ${before}`}
      ORDER BY l.id DESC LIMIT ${limit}`;
  }

  /** Unmapped lines of a store by id, of cancelled orders too: their plan knows what to do. `after` is the last id seen. */
  waiting(tx: Reader, storeId: string, limit: number, after?: string): Promise<WaitingLine[]> {
    return tx.sql.rows(waitingLine)`
      SELECT l.id, l.order_id AS "orderId", l.sku, l.variant_id AS "variantId" FROM line_item l
      WHERE l.store_id = ${storeId} AND l.unmapped_reason IS NOT NULL
        ${after === undefined ? nothing : fragment`AND l.id > ${after}`}
      ORDER BY l.id LIMIT ${limit}`;
  }
}
