import type { FulfillmentListQuery } from '@forma3d/contracts';
import { anyRow, fragment, nothing, storeTime, uuid, type Sql, type Tx } from '@forma3d/database';
import { z } from 'zod';
import { fulfillmentRow, moved, type FulfillmentRow } from './fulfillment-row';

/** Anything that runs SQL: a transaction, or the database outside of one. */
export interface Reader {
  readonly sql: Sql;
}

const requestRow = z
  .object({
    id: uuid,
    forced: z.boolean(),
    cancel_remaining: z.boolean(),
    notify_customer: z.boolean(),
    tracking_number: z.string().nullable(),
    tracking_url: z.string().nullable(),
    tracking_company: z.string().nullable(),
    failed: z.boolean(),
  })
  .transform((row) => ({
    id: row.id,
    forced: row.forced,
    cancelRemaining: row.cancel_remaining,
    notifyCustomer: row.notify_customer,
    tracking:
      row.tracking_number === null
        ? null
        : { number: row.tracking_number, url: row.tracking_url ?? undefined, company: row.tracking_company ?? undefined },
    /** What was done for it failed for good: it is kept for the person who has that tried again, and asks for nothing until then. */
    failed: row.failed,
  }));
/** What a person asked of an order's fulfillment, until the task has dealt with it. */
export type FulfillmentRequest = z.output<typeof requestRow>;

export function rowsOfOrder(reader: Reader, orderId: string): Promise<FulfillmentRow[]> {
  return reader.sql.rows(fulfillmentRow)`SELECT * FROM fulfillment WHERE order_id = ${orderId} ORDER BY id`;
}

/** Writes a row, new or changed. The caller holds the order's lock, so nobody else writes rows of that order. */
export async function putRow(tx: Tx, row: FulfillmentRow): Promise<FulfillmentRow> {
  const lines = row.lines.map((line) => ({
    fulfillment_order_id: line.fulfillmentOrderId,
    fulfillment_order_line_item_id: line.fulfillmentOrderLineItemId,
    line_item_id: line.lineItemId,
    quantity: line.quantity,
  }));
  await tx.sql`
    INSERT INTO fulfillment (id, store_id, order_id, provider, phase, generation, location_id, shopify_id, adopted, forced,
      notify_customer, lines, intent_until, known_before, tracking_number, tracking_url, tracking_company, error,
      prepared_at, created_at, updated_at, succeeded_at, failed_at)
    VALUES (${row.id}, ${row.storeId}, ${row.orderId}, ${row.provider}, ${row.phase}, ${row.generation}, ${row.locationId},
      ${row.shopifyId}, ${row.adopted}, ${row.forced}, ${row.notifyCustomer}, ${JSON.stringify(lines)}::jsonb,
      ${row.intentUntil}, ${row.knownBefore}, ${row.trackingNumber}, ${row.trackingUrl}, ${row.trackingCompany},
      ${row.error}, ${row.preparedAt}, ${row.createdAt}, ${row.updatedAt}, ${row.succeededAt}, ${row.failedAt})
    ON CONFLICT (id) DO UPDATE SET phase = excluded.phase, generation = excluded.generation,
      location_id = excluded.location_id, shopify_id = excluded.shopify_id, adopted = excluded.adopted,
      forced = excluded.forced, notify_customer = excluded.notify_customer, lines = excluded.lines,
      intent_until = excluded.intent_until, known_before = excluded.known_before,
      tracking_number = excluded.tracking_number, tracking_url = excluded.tracking_url,
      tracking_company = excluded.tracking_company, error = excluded.error, prepared_at = excluded.prepared_at,
      updated_at = excluded.updated_at, succeeded_at = excluded.succeeded_at, failed_at = excluded.failed_at`;
  return row;
}

export function requestOfOrder(reader: Reader, orderId: string): Promise<FulfillmentRequest | undefined> {
  return reader.sql.maybe(requestRow)`
    SELECT r.*, EXISTS (SELECT FROM fulfillment f WHERE f.order_id = r.order_id AND f.phase = 'failed') AS failed
    FROM fulfillment_request r WHERE r.order_id = ${orderId}`;
}

/** A person has an order's fulfillment tried: what failed for good before is under way again, and with it what was asked for. */
export async function beginAnew(tx: Tx, rows: readonly FulfillmentRow[], now: Date): Promise<void> {
  for (const row of rows) if (row.phase === 'failed') await putRow(tx, moved(row, 'processing', {}, now));
}

/** The newest request of an order replaces an older one. */
export async function putRequest(
  tx: Tx,
  request: Omit<FulfillmentRequest, 'failed'> & { storeId: string; orderId: string; requestedBy: string; requestedAt: Date },
): Promise<void> {
  const { number, url, company } = request.tracking ?? { number: null, url: null, company: null };
  await tx.sql`
    INSERT INTO fulfillment_request (id, order_id, store_id, forced, cancel_remaining, notify_customer, tracking_number, tracking_url,
      tracking_company, requested_by, requested_at)
    VALUES (${request.id}, ${request.orderId}, ${request.storeId}, ${request.forced}, ${request.cancelRemaining}, ${request.notifyCustomer}, ${number},
      ${url ?? null}, ${company ?? null}, ${request.requestedBy}, ${request.requestedAt})
    ON CONFLICT (order_id) DO UPDATE SET id = excluded.id, forced = excluded.forced, cancel_remaining = excluded.cancel_remaining,
      notify_customer = excluded.notify_customer, tracking_number = excluded.tracking_number,
      tracking_url = excluded.tracking_url, tracking_company = excluded.tracking_company,
      requested_by = excluded.requested_by, requested_at = excluded.requested_at`;
}

/** Ends the request that was dealt with; a newer one stays. */
export async function endRequest(reader: Reader, orderId: string, requestId: string): Promise<void> {
  await reader.sql`DELETE FROM fulfillment_request WHERE order_id = ${orderId} AND id = ${requestId}`;
}

export function findRow(reader: Reader, storeId: string, id: string): Promise<FulfillmentRow | undefined> {
  return reader.sql.maybe(fulfillmentRow)`SELECT * FROM fulfillment WHERE id = ${id} AND store_id = ${storeId}`;
}

/** Newest first; one more than asked for says that there are more. */
export function listRows(
  reader: Reader,
  storeId: string,
  query: FulfillmentListQuery,
  beforeId: string | undefined,
): Promise<FulfillmentRow[]> {
  return reader.sql.rows(fulfillmentRow)`
    SELECT f.* FROM fulfillment f JOIN store s ON s.id = f.store_id
    WHERE f.store_id = ${storeId}
      ${beforeId === undefined ? nothing : fragment`AND f.id < ${beforeId}`}
      ${query.phase === undefined ? nothing : fragment`AND f.phase = ${query.phase}`}
      ${query.order_id === undefined ? nothing : fragment`AND f.order_id = ${query.order_id}`}
      ${query.provider === undefined ? nothing : fragment`AND f.provider = ${query.provider}`}
      ${storeTime(fragment`f.created_at`, query.from, query.to)}
    ORDER BY f.id DESC LIMIT ${query.limit + 1}`;
}

/** Whether the order's task waits to be tried again after a failure. */
export async function isBeingRetried(reader: Reader, orderId: string): Promise<boolean> {
  const row = await reader.sql.maybe(anyRow)`
    SELECT 1 AS waits FROM retry_queue
    WHERE type = 'FULFILLMENT' AND dedupe_key = ${orderId} AND status = 'PENDING' AND (failures > 0 OR snoozed)`;
  return row !== undefined;
}
