import { PRIVACY_REQUEST_KINDS, REDACTIONS, type PrivacyRequestKind } from '@forma3d/contracts';
import { currentScope, fragment, int, nothing, timestamptz, uuid, type Database, type Tx } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { z } from 'zod';

const requestRow = z.object({
  id: uuid,
  kind: z.enum(PRIVACY_REQUEST_KINDS),
  delivery_id: uuid,
  received_at: timestamptz,
  completed_at: timestamptz.nullable(),
  customer_id: z.string().nullable(),
  shopify_order_ids: z.array(z.string()),
  redacted_orders: int,
  redacted_deliveries: int,
});
export type PrivacyRequestRow = z.output<typeof requestRow>;

const COLUMNS = fragment`id, kind, delivery_id, received_at, completed_at, customer_id, shopify_order_ids, redacted_orders, redacted_deliveries`;

export interface NewPrivacyRequest {
  storeId: string;
  kind: PrivacyRequestKind;
  deliveryId: string;
  customerId: string | null;
  shopifyOrderIds: readonly string[];
  receivedAt: Date;
}

/** Answers the id of a request that was not known, or undefined: a delivery makes one. */
export async function insertRequest(tx: Tx, request: NewPrivacyRequest): Promise<string | undefined> {
  const id = newId();
  const inserted = await tx.sql`
    INSERT INTO privacy_request (id, store_id, kind, delivery_id, customer_id, shopify_order_ids, received_at)
    VALUES (${id}, ${request.storeId}, ${request.kind}, ${request.deliveryId}, ${request.customerId}, ${request.shopifyOrderIds}, ${request.receivedAt})
    ON CONFLICT (store_id, delivery_id) DO NOTHING`;
  return inserted === 1 ? id : undefined;
}

export function requestOfDelivery(db: Database, storeId: string, deliveryId: string): Promise<PrivacyRequestRow | undefined> {
  return db.sql.maybe(requestRow)`SELECT ${COLUMNS} FROM privacy_request WHERE store_id = ${storeId} AND delivery_id = ${deliveryId}`;
}

export function findRequest(db: Database, storeId: string, id: string): Promise<PrivacyRequestRow | undefined> {
  return db.sql.maybe(requestRow)`SELECT ${COLUMNS} FROM privacy_request WHERE store_id = ${storeId} AND id = ${id}`;
}

/** Newest first, older than the request `before`. */
export function listRequests(db: Database, storeId: string, limit: number, before?: string): Promise<PrivacyRequestRow[]> {
  return db.sql.rows(requestRow)`
    SELECT ${COLUMNS} FROM privacy_request
    WHERE store_id = ${storeId} ${before === undefined ? nothing : fragment`AND id < ${before}`}
    ORDER BY id DESC LIMIT ${limit}`;
}

/** Ends a data request; false when it was ended before. */
export async function completeDataRequest(tx: Tx, storeId: string, id: string, now: Date): Promise<boolean> {
  const touched = await tx.sql`
    UPDATE privacy_request SET completed_at = ${now} WHERE id = ${id} AND store_id = ${storeId} AND kind = 'data_request' AND completed_at IS NULL`;
  return touched === 1;
}

const ended = z.object({ kind: z.enum(REDACTIONS), orders: int, deliveries: int });

/**
 * Redacts the next batch of a request, by the one function of the database that may (end of the migration). `whole` when nothing is left;
 * `ended` when this batch was the last one: the audit row was written with it.
 */
export async function redactBatch(tx: Tx, requestId: string, email: string | null, batch: number, now: Date): Promise<{ whole: boolean; ended?: z.output<typeof ended> }> {
  const { actor, correlationId } = currentScope();
  const open = await tx.sql.maybe(z.object({ id: uuid }))`SELECT id FROM privacy_request WHERE id = ${requestId} AND completed_at IS NULL FOR UPDATE`;
  if (!open) return { whole: true };
  const { whole } = await tx.sql.one(z.object({ whole: z.boolean() }))`
    SELECT redact_personal_data(${requestId}, ${email}, ${batch}, ${newId()}, ${actor}, ${correlationId}, ${now}) AS whole`;
  if (!whole) return { whole };
  return {
    whole,
    ended: await tx.sql.one(ended)`SELECT kind, redacted_orders AS orders, redacted_deliveries AS deliveries FROM privacy_request WHERE id = ${requestId}`,
  };
}

const json = z.record(z.string(), z.unknown());
const jsonRow = z.object({ row: json });

/** Whom an export is about. */
export interface ExportSubject {
  storeId: string;
  customerId: string | null;
  email: string | null;
  shopifyOrderIds: readonly string[];
}

/** The orders of a customer as they were placed, oldest first. */
export async function ordersOf(db: Database, { storeId, customerId, email, shopifyOrderIds }: ExportSubject): Promise<z.output<typeof json>[]> {
  const rows = await db.sql.rows(jsonRow)`
    SELECT jsonb_build_object(
      'name', o.name, 'public_id', o.public_id, 'shopify_id', o.shopify_id, 'placed_at', o.placed_at, 'status', o.status, 'currency', o.currency,
      'total_cents', o.total_cents, 'shipping_cents', o.shipping_cents, 'tax_cents', o.tax_cents, 'discount_cents', o.discount_cents,
      'shipping_method', o.shipping_method, 'customer', o.customer, 'shipping_address', o.shipping_address, 'note', o.note,
      'tracking_number', o.tracking_number, 'tracking_url', o.tracking_url, 'lines', (
        SELECT jsonb_agg(jsonb_build_object('title', l.title, 'variant_title', l.variant_title, 'sku', l.sku, 'quantity', l.quantity, 'unit_price_cents', l.unit_price_cents) ORDER BY l.position)
        FROM line_item l WHERE l.order_id = o.id)) AS row
    FROM orders o
    WHERE o.store_id = ${storeId} AND (o.shopify_id = ANY (${shopifyOrderIds}::text[]) OR o.customer ->> 'id' = ${customerId}::text
      OR lower(o.customer ->> 'email') = lower(${email}::text))
    ORDER BY o.id`;
  return rows.map(({ row }) => row);
}

/** What the shop says now of the customer of each order, with Shopify's id of the order. */
export async function mirrorOf(db: Database, { storeId, customerId, email, shopifyOrderIds }: ExportSubject): Promise<z.output<typeof json>[]> {
  const rows = await db.sql.rows(jsonRow)`
    SELECT jsonb_build_object('name', h.name, 'shopify_id', h.shopify_id, 'created_at', h.created_at, 'customer_id', h.customer_id, 'customer_name', h.customer_name,
      'customer_email', h.customer_email, 'customer_phone', h.customer_phone, 'tags', h.tags, 'redacted_at', h.redacted_at) AS row
    FROM order_header h
    WHERE h.store_id = ${storeId} AND (h.shopify_id = ANY (${shopifyOrderIds}::text[]) OR h.customer_id = ${customerId}::text OR lower(h.customer_email) = lower(${email}::text))
    ORDER BY h.id`;
  return rows.map(({ row }) => row);
}

const delivery = z.object({ id: uuid, topic: z.string(), received_at: timestamptz, body: z.instanceof(Buffer).nullable() });
export type LookedDelivery = z.output<typeof delivery>;

/** The next deliveries of Shopify after `after`; the body only of those that tell of the customer. */
export function deliveriesOf(db: Database, { storeId, customerId, email, shopifyOrderIds }: ExportSubject, after: string | null, limit: number): Promise<LookedDelivery[]> {
  return db.sql.rows(delivery)`
    SELECT d.id, d.topic, d.received_at,
      CASE WHEN d.redacted_at IS NULL AND tells_of_customer(d.topic, d.body, ${customerId}::text, ${email}::text, ${shopifyOrderIds}::text[]) THEN d.body END AS body
    FROM webhook_delivery d
    WHERE d.store_id = ${storeId} AND d.source = 'shopify' AND (${after}::uuid IS NULL OR d.id > ${after}::uuid)
    ORDER BY d.id LIMIT ${limit}`;
}
