import { fragment, nothing, timestamptz, uuid, type Database, type Tx } from '@forma3d/database';
import { z } from 'zod';

const attentionRow = z.object({
  id: uuid,
  kind: z.string(),
  subject_id: z.string(),
  order_id: uuid.nullable(),
  order_name: z.string().nullable(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()),
  opened_at: timestamptz,
});
/** An open item, with the number of its order as people know it. */
export type AttentionRow = z.output<typeof attentionRow>;

export interface NewAttentionRow {
  id: string;
  storeId: string;
  kind: string;
  subjectId: string;
  orderId: string | null;
  message: string;
  details: Record<string, unknown>;
  openedAt: Date;
}

/** Answers false when an item of this kind about this subject is open already; that one stays as it is. */
export async function insertAttention(tx: Tx, row: NewAttentionRow): Promise<boolean> {
  const inserted = await tx.sql`
    INSERT INTO attention (id, store_id, kind, subject_id, order_id, message, details, opened_at)
    VALUES (${row.id}, ${row.storeId}, ${row.kind}, ${row.subjectId}, ${row.orderId}, ${row.message},
            ${JSON.stringify(row.details)}::jsonb, ${row.openedAt})
    ON CONFLICT (store_id, kind, subject_id) WHERE closed_at IS NULL DO NOTHING`;
  return inserted === 1;
}

export async function closeAttention(
  tx: Tx,
  what: { storeId: string; kind: string; subjectId: string },
  closedAt: Date,
): Promise<boolean> {
  const closed = await tx.sql`
    UPDATE attention SET closed_at = ${closedAt}
    WHERE store_id = ${what.storeId} AND kind = ${what.kind} AND subject_id = ${what.subjectId} AND closed_at IS NULL`;
  return closed > 0;
}

/** Open items of a store, newest first, older than the item `before`. */
export function openAttention(db: Database, storeId: string, limit: number, before?: string): Promise<AttentionRow[]> {
  return db.sql.rows(attentionRow)`
    SELECT a.id, a.kind, a.subject_id, a.order_id, o.name AS order_name, a.message, a.details, a.opened_at
    FROM attention a LEFT JOIN orders o ON o.id = a.order_id AND o.store_id = a.store_id
    WHERE a.store_id = ${storeId} AND a.closed_at IS NULL ${before === undefined ? nothing : fragment`AND a.id < ${before}`}
    ORDER BY a.id DESC LIMIT ${limit}`;
}

/** Open items of one order, oldest first. */
export function openAttentionOfOrder(db: Database, storeId: string, orderId: string): Promise<AttentionRow[]> {
  return db.sql.rows(attentionRow)`
    SELECT a.id, a.kind, a.subject_id, a.order_id, o.name AS order_name, a.message, a.details, a.opened_at
    FROM attention a LEFT JOIN orders o ON o.id = a.order_id AND o.store_id = a.store_id
    WHERE a.order_id = ${orderId} AND a.store_id = ${storeId} AND a.closed_at IS NULL
    ORDER BY a.id`;
}

/** Index attention_open, all of which are few. */
export async function openSubjects(db: Database, kind: string): Promise<string[]> {
  const rows = await db.sql.rows(z.object({ subject_id: z.string() }))`SELECT subject_id FROM attention WHERE kind = ${kind} AND closed_at IS NULL`;
  return rows.map((row) => row.subject_id);
}
