import type { Tx } from '@forma3d/database';
import { z } from 'zod';
import { printRow, type PrintRow } from './print-jobs.repository';

const cancelCountsRow = z.object({ cancelled: z.number(), requested: z.number(), flagged: z.number(), completed: z.number() });
/** The prints of a cancelled order: confirmed, asked for, on a printer with nobody having stopped them, and printed before. */
export type CancelCounts = z.output<typeof cancelCountsRow>;

export async function markSurplus(tx: Tx, ids: readonly string[]): Promise<void> {
  await tx.sql`UPDATE print_job SET wanted = false WHERE id = ANY (${ids})`;
}

export async function requestCancel(tx: Tx, ids: readonly string[], now: Date): Promise<void> {
  await tx.sql`
    UPDATE print_job SET cancel_requested_at = COALESCE(cancel_requested_at, ${now}), updated_at = ${now}
    WHERE id = ANY (${ids}) AND status IN ('PENDING', 'QUEUED', 'ASSIGNED')`;
}

/** The queue items of these prints that may hold more than is wanted of them. */
export async function queueItemsToTrim(tx: Tx, printIds: readonly string[]): Promise<{ id: string; storeId: string; orderId: string }[]> {
  const rows = await tx.sql.rows(z.object({ id: z.string(), store_id: z.string(), order_id: z.string() }))`
    SELECT DISTINCT q.id, q.store_id, q.order_id
    FROM print_job p JOIN queue_item q ON q.id = p.queue_item_id
    WHERE p.id = ANY (${printIds}) AND p.simplyprint_job_id IS NULL AND q.state IN ('PENDING', 'ADDED')`;
  return rows.map((row) => ({ id: row.id, storeId: row.store_id, orderId: row.order_id }));
}

/** Those of these prints that a printer was given and has not begun. */
export function assigned(tx: Tx, ids: readonly string[]): Promise<PrintRow[]> {
  return tx.sql.rows(printRow)`
    SELECT * FROM print_job WHERE id = ANY (${ids}) AND status = 'ASSIGNED' AND simplyprint_job_id IS NOT NULL ORDER BY id`;
}

/** The prints of an order whose removal was asked for and is not confirmed. */
export async function askedBack(tx: Tx, orderId: string): Promise<string[]> {
  const rows = await tx.sql.rows(z.object({ id: z.string() }))`
    SELECT id FROM print_job WHERE order_id = ${orderId} AND cancel_requested_at IS NOT NULL AND status IN ('PENDING', 'QUEUED', 'ASSIGNED') ORDER BY id`;
  return rows.map((row) => row.id);
}

/** The prints of an order that a person had stopped, and that run on. */
export function stopping(tx: Tx, orderId: string): Promise<PrintRow[]> {
  return tx.sql.rows(printRow)`
    SELECT * FROM print_job WHERE order_id = ${orderId} AND stop_requested_at IS NOT NULL AND status IN ('ASSIGNED', 'PRINTING') ORDER BY id`;
}

export async function requestStop(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.sql`
    UPDATE print_job SET stop_requested_at = ${now}, cancel_requested_at = COALESCE(cancel_requested_at, ${now}), kept_at = NULL, updated_at = ${now}
    WHERE id = ${id}`;
}

export async function keep(tx: Tx, id: string, now: Date): Promise<void> {
  await tx.sql`UPDATE print_job SET kept_at = ${now}, updated_at = ${now} WHERE id = ${id}`;
}

export function cancelCounts(tx: Tx, orderId: string): Promise<CancelCounts> {
  return tx.sql.one(cancelCountsRow)`
    SELECT
      count(*) FILTER (WHERE status = 'CANCELLED')::int AS cancelled,
      count(*) FILTER (WHERE status IN ('PENDING', 'QUEUED', 'ASSIGNED') OR (status = 'PRINTING' AND stop_requested_at IS NOT NULL))::int AS requested,
      count(*) FILTER (WHERE status = 'PRINTING' AND stop_requested_at IS NULL)::int AS flagged,
      count(*) FILTER (WHERE status = 'COMPLETED')::int AS completed
    FROM print_job WHERE order_id = ${orderId} AND NOT replaced`;
}

/** A print of which more runs than anybody asked for; answers whether it was not flagged yet. */
export async function flagUnexpected(tx: Tx, id: string, now: Date): Promise<boolean> {
  return (
    (await tx.sql`
      UPDATE print_job SET needs_review_at = ${now} WHERE id = ${id} AND needs_review_at IS NULL`) === 1
  );
}

/**
 * A print that nobody wants any more; answers whether somebody has to decide about it, because its stop is not under way. What was
 * decided of it while it was wanted, because of an extra job, no longer counts.
 */
export async function flagUnwanted(tx: Tx, id: string, now: Date): Promise<boolean> {
  return (
    (await tx.sql`
      UPDATE print_job SET needs_review_at = COALESCE(needs_review_at, ${now}), kept_at = NULL
      WHERE id = ${id} AND stop_requested_at IS NULL`) === 1
  );
}
