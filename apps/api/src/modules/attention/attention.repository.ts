import type { AttentionCounts, AttentionQuery } from '@forma3d/contracts';
import { fragment, nothing, storeTime, timestamptz, uuid, type Database, type Tx } from '@forma3d/database';
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
}

/**
 * Answers the ids of those that were not open yet. What is open about the same subject keeps its id and its time, and tells from now on what
 * is told now. Either way the transaction holds the item. No two may be about the same.
 */
export async function insertAttention(tx: Tx, rows: readonly NewAttentionRow[], openedAt: Date): Promise<ReadonlySet<string>> {
  const touched = await tx.sql.rows(z.object({ id: uuid }))`
    INSERT INTO attention AS open (id, store_id, kind, subject_id, order_id, message, details, opened_at)
    SELECT id, "storeId", kind, "subjectId", "orderId", message, details, ${openedAt}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
      (id uuid, "storeId" uuid, kind text, "subjectId" text, "orderId" uuid, message text, details jsonb)
    ON CONFLICT (store_id, kind, subject_id) WHERE closed_at IS NULL DO UPDATE SET
      order_id = excluded.order_id, message = excluded.message, details = excluded.details
    WHERE (open.order_id, open.message, open.details) IS DISTINCT FROM (excluded.order_id, excluded.message, excluded.details)
    RETURNING id`;
  const given = new Set(rows.map((row) => row.id));
  return new Set(touched.map((row) => row.id).filter((id) => given.has(id)));
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
export function openAttention(
  db: Database,
  storeId: string,
  query: Omit<AttentionQuery, 'limit' | 'cursor'>,
  limit: number,
  before?: string,
): Promise<AttentionRow[]> {
  return db.sql.rows(attentionRow)`
    SELECT a.id, a.kind, a.subject_id, a.order_id, o.name AS order_name, a.message, a.details, a.opened_at
    FROM attention a LEFT JOIN store s ON s.id = a.store_id LEFT JOIN orders o ON o.id = a.order_id AND o.store_id = a.store_id
    WHERE a.store_id = ${storeId} AND a.closed_at IS NULL ${before === undefined ? nothing : fragment`AND a.id < ${before}`}
      ${query.kind === undefined ? nothing : fragment`AND a.kind = ${query.kind}`}
      ${query.order_id === undefined ? nothing : fragment`AND a.order_id = ${query.order_id}`}
      ${storeTime(fragment`a.opened_at`, query.from, query.to)}
    ORDER BY a.id DESC LIMIT ${limit}`;
}

const countRow = z.object({ kind: z.string(), count: z.coerce.number(), oldest_at: timestamptz });

/** How much is open, by kind; most first. */
export async function countAttention(db: Database, storeId: string): Promise<AttentionCounts> {
  const rows = await db.sql.rows(countRow)`
    SELECT kind, count(*) AS count, min(opened_at) AS oldest_at FROM attention
    WHERE store_id = ${storeId} AND closed_at IS NULL GROUP BY kind ORDER BY 2 DESC, 1`;
  const { orders } = await db.sql.one(z.object({ orders: z.coerce.number() }))`
    SELECT count(DISTINCT order_id) AS orders FROM attention WHERE store_id = ${storeId} AND closed_at IS NULL`;
  return {
    total: rows.reduce((sum, row) => sum + row.count, 0),
    orders,
    kinds: rows.map((row) => ({ ...row, oldest_at: row.oldest_at.toISOString() })),
  };
}

/** Open items of one order, oldest first. */
export function openAttentionOfOrder(db: Database, storeId: string, orderId: string): Promise<AttentionRow[]> {
  return db.sql.rows(attentionRow)`
    SELECT a.id, a.kind, a.subject_id, a.order_id, o.name AS order_name, a.message, a.details, a.opened_at
    FROM attention a LEFT JOIN orders o ON o.id = a.order_id AND o.store_id = a.store_id
    WHERE a.order_id = ${orderId} AND a.store_id = ${storeId} AND a.closed_at IS NULL
    ORDER BY a.id`;
}

/** What the open items of some kinds are about, in all stores. Index attention_open, all of which are few. */
export function openSubjects<K extends string>(db: Database, kinds: readonly K[]): Promise<{ storeId: string; kind: K; subjectId: string }[]> {
  const row = z.object({ storeId: uuid, kind: z.enum(kinds), subjectId: z.string() });
  return db.sql.rows(row)`
    SELECT store_id AS "storeId", kind, subject_id AS "subjectId" FROM attention WHERE kind = ANY (${[...kinds]}::text[]) AND closed_at IS NULL`;
}

const heldRow = z.object({ id: uuid, storeId: uuid, kind: z.string(), subjectId: z.string() });

/** The open items about these subjects, which the transaction holds from now on. Index attention_open. */
export function holdAttention(
  tx: Tx,
  subjects: readonly { storeId: string; kind: string; subjectId: string }[],
): Promise<z.output<typeof heldRow>[]> {
  return tx.sql.rows(heldRow)`
    SELECT id, store_id AS "storeId", kind, subject_id AS "subjectId" FROM attention
    WHERE closed_at IS NULL AND (store_id, kind, subject_id) IN (
      SELECT "storeId", kind, "subjectId" FROM jsonb_to_recordset(${JSON.stringify(subjects)}::jsonb) AS s ("storeId" uuid, kind text, "subjectId" text))
    ORDER BY id FOR UPDATE`;
}

export async function closeHeld(tx: Tx, ids: readonly string[], closedAt: Date): Promise<void> {
  await tx.sql`UPDATE attention SET closed_at = ${closedAt} WHERE id = ANY (${ids}::uuid[])`;
}
