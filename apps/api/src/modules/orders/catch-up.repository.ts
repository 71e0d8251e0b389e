import { timestamptz } from '@forma3d/database';
import { z } from 'zod';
import type { Reader } from './orders.repository';

/**
 * Until when the changes of a shop have been seen. At first: from when the store produces orders, so that what was placed
 * before we could hear of it is found.
 */
export async function seenUntil(db: Reader, storeId: string, now: Date): Promise<Date> {
  const row = await db.sql.maybe(z.object({ seen: timestamptz }))`
    SELECT LEAST(COALESCE(c.seen_until, s.produce_orders_from), ${now}::timestamptz) AS seen
    FROM store s LEFT JOIN catch_up c ON c.store_id = s.id WHERE s.id = ${storeId}`;
  return row?.seen ?? now;
}

/** Never backwards. */
export async function moveSeenUntil(tx: Reader, storeId: string, to: Date, checkedAt: Date): Promise<void> {
  await tx.sql`
    INSERT INTO catch_up AS known (store_id, seen_until, checked_at) VALUES (${storeId}, ${to}, ${checkedAt})
    ON CONFLICT (store_id) DO UPDATE SET seen_until = GREATEST(known.seen_until, excluded.seen_until),
      checked_at = excluded.checked_at`;
}

/** Those of the changed orders that the mirror does not know yet, or knows in an older version. */
export async function newerThanKnown<T extends { id: string; updatedAt: Date }>(
  tx: Reader,
  storeId: string,
  changed: readonly T[],
): Promise<T[]> {
  const rows = await tx.sql.rows(z.object({ id: z.string() }))`
    SELECT new.id FROM jsonb_to_recordset(${JSON.stringify(changed)}::jsonb) AS new (id text, "updatedAt" timestamptz)
    LEFT JOIN order_header h ON h.store_id = ${storeId} AND h.shopify_id = new.id
    WHERE h.id IS NULL OR h.updated_at < new."updatedAt"`;
  const newer = new Set(rows.map((row) => row.id));
  return changed.filter((each) => newer.has(each.id));
}
