import { timestamptz, uuid, type Tx } from '@forma3d/database';
import { z } from 'zod';

const lateRow = z.object({ order_id: uuid, name: z.string(), production_status: z.string(), since: timestamptz });
/** An order that has needed a person since. */
export type LateOrder = z.output<typeof lateRow>;

/** What is told of an order without being progress. */
const NO_PROGRESS = ['order.needs-attention', 'alert.sent', 'fulfillment.retrying', 'task.failed'];

/** Orders that wait on hold or scheduled in Shopify, wholly or in part, since before `before`. Indexes line_item_held, fulfillment_on_hold. */
export function heldSince(tx: Tx, storeId: string, before: Date): Promise<LateOrder[]> {
  return tx.sql.rows(lateRow)`
    SELECT o.id AS order_id, o.name, o.production_status, min(held.since) AS since
    FROM (
      SELECT order_id, held_since AS since FROM line_item WHERE store_id = ${storeId} AND held > 0 AND held_since <= ${before}
      UNION ALL
      SELECT order_id, updated_at FROM fulfillment WHERE store_id = ${storeId} AND phase = 'on_hold' AND updated_at <= ${before}
    ) AS held
    JOIN orders o ON o.id = held.order_id
    WHERE o.cancelled_at IS NULL AND o.status NOT IN ('completed', 'delivered', 'cancelled')
    GROUP BY o.id ORDER BY since, o.id`;
}

/**
 * Paid orders with something for us to make or ship that have come no further since before `before`, and of which nothing else says why: no
 * other open item, no hold, no pickup that waits for its customer. Index orders_unfulfilled.
 */
export function stalledSince(tx: Tx, storeId: string, before: Date): Promise<LateOrder[]> {
  return tx.sql.rows(lateRow)`
    SELECT o.id AS order_id, o.name, o.production_status, latest.at AS since
    FROM orders o
    CROSS JOIN LATERAL (
      SELECT GREATEST(o.paid_at, o.created_at,
        (SELECT max(p.updated_at) FROM print_job p WHERE p.order_id = o.id),
        (SELECT e.occurred_at FROM event e WHERE e.order_id = o.id AND NOT (e.type = ANY (${NO_PROGRESS})) ORDER BY e.seq DESC LIMIT 1)) AS at
    ) AS latest
    WHERE o.store_id = ${storeId} AND o.paid_at IS NOT NULL AND o.fulfilled_at IS NULL AND o.cancelled_at IS NULL AND o.paid_at <= ${before}
      AND o.status NOT IN ('ready', 'completed', 'delivered', 'cancelled')
      AND (o.planned_at IS NULL OR o.units_wanted > 0)
      AND latest.at <= ${before}
      AND NOT EXISTS (SELECT FROM attention a WHERE a.order_id = o.id AND a.closed_at IS NULL AND a.kind <> 'order-stalled')
      AND NOT EXISTS (SELECT FROM line_item l WHERE l.order_id = o.id AND l.held > 0)
      AND NOT EXISTS (SELECT FROM fulfillment f WHERE f.order_id = o.id AND f.phase = 'on_hold')
    ORDER BY since, o.id`;
}

/** Closes the open items of a kind that are not about one of these; answers how many. */
export function closeOthers(tx: Tx, storeId: string, kind: string, subjects: readonly string[], now: Date): Promise<number> {
  return tx.sql`
    UPDATE attention SET closed_at = ${now}
    WHERE store_id = ${storeId} AND kind = ${kind} AND closed_at IS NULL AND NOT (subject_id = ANY (${subjects}::text[]))`;
}

/** Closes what is about an order that was cancelled, or fulfilled by whomever, meanwhile; answers how many. Index attention_open. */
export function closeOvertaken(tx: Tx, storeId: string, now: Date): Promise<number> {
  return tx.sql`
    UPDATE attention a SET closed_at = ${now} FROM orders o
    WHERE a.store_id = ${storeId} AND a.closed_at IS NULL AND o.id = a.order_id
      AND (a.kind IN ('unmapped-lines', 'print-failed', 'fulfillment-failed') AND o.cancelled_at IS NOT NULL
        OR a.kind = 'fulfillment-failed' AND o.fulfilled_at IS NOT NULL AND NOT o.fulfillment_failed)`;
}
