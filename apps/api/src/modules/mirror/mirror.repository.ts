import { uuid, type Tx } from '@forma3d/database';
import { z } from 'zod';
import type { MirrorRows } from './mirror-rows';

/*
 * The four tables,
 set-based. Each statement first leaves out what would not change: `ON CONFLICT … WHERE … IS DISTINCT
 * FROM` alone changes nothing and still writes 35 times the WAL. Rows are written sorted by their key, so that two
 * transactions with the same rows lock them in one order.
 */

const written = z.object({ id: uuid, shopify_id: z.string() });
/** A header that was inserted or overwritten. */
export type WrittenHeader = z.output<typeof written>;

/**
 * Inserts headers,
 and overwrites older ones. Of two reports of the same second (Shopify's clock has no finer) only an
 * authoritative one, read from Shopify itself, overwrites.
 */
export function writeHeaders(
  tx: Tx,
  storeId: string,
  headers: readonly (MirrorRows['headers'][number] & { id: string })[],
  authoritative: boolean,
  now: Date,
): Promise<WrittenHeader[]> {
  return tx.sql.rows(written)`
    WITH new AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(headers)}::jsonb) AS new
        (id uuid, shopify_id text, name text, created_at timestamptz, processed_at timestamptz,
         updated_at timestamptz, cancelled_at timestamptz, test boolean, source_name text, currency text,
         taxes_included boolean, financial_status text, fulfillment_status text, total_cents bigint,
         subtotal_cents bigint, tax_cents bigint,
         discount_cents bigint, shipping_cents bigint, current_subtotal_cents bigint, current_total_cents bigint,
         tags text[], customer_id text, customer_name text, customer_email text, customer_phone text)
    ), changed AS (
      SELECT new.* FROM new LEFT JOIN order_header h ON h.store_id = ${storeId} AND h.shopify_id = new.shopify_id
      WHERE h.id IS NULL OR new.updated_at > h.updated_at
        OR (${authoritative} AND new.updated_at = h.updated_at AND
            (new.name, new.created_at, new.processed_at, new.updated_at, new.cancelled_at, new.test,
             new.source_name, new.currency, new.taxes_included, new.financial_status, new.fulfillment_status,
             new.total_cents, new.subtotal_cents, new.tax_cents, new.discount_cents, new.shipping_cents,
             new.current_subtotal_cents, new.current_total_cents, new.tags, new.customer_id, new.customer_name,
             new.customer_email, new.customer_phone)
              IS DISTINCT FROM
            (h.name, h.created_at, h.processed_at, h.updated_at, h.cancelled_at, h.test, h.source_name,
             h.currency, h.taxes_included, h.financial_status, h.fulfillment_status, h.total_cents,
             h.subtotal_cents, h.tax_cents, h.discount_cents, h.shipping_cents, h.current_subtotal_cents,
             h.current_total_cents, h.tags, h.customer_id, h.customer_name, h.customer_email, h.customer_phone))
    )
    INSERT INTO order_header AS h (id, store_id, source, shopify_id, mirrored_at,
      name, created_at, processed_at, updated_at, cancelled_at, test, source_name, currency, taxes_included,
      financial_status, fulfillment_status, total_cents, subtotal_cents, tax_cents, discount_cents,
      shipping_cents, current_subtotal_cents, current_total_cents, tags, customer_id, customer_name,
      customer_email, customer_phone)
    SELECT id, ${storeId}::uuid, 'shopify', shopify_id, ${now}::timestamptz,
      name, created_at, processed_at, updated_at, cancelled_at, test, source_name, currency, taxes_included,
      financial_status, fulfillment_status, total_cents, subtotal_cents, tax_cents, discount_cents,
      shipping_cents, current_subtotal_cents, current_total_cents, tags, customer_id, customer_name,
      customer_email, customer_phone
    FROM changed ORDER BY shopify_id
    ON CONFLICT (store_id, shopify_id) DO UPDATE SET mirrored_at = excluded.mirrored_at,
      name = excluded.name, created_at = excluded.created_at, processed_at = excluded.processed_at,
      updated_at = excluded.updated_at, cancelled_at = excluded.cancelled_at, test = excluded.test,
      source_name = excluded.source_name, currency = excluded.currency, taxes_included = excluded.taxes_included,
      financial_status = excluded.financial_status, fulfillment_status = excluded.fulfillment_status,
      total_cents = excluded.total_cents, subtotal_cents = excluded.subtotal_cents, tax_cents = excluded.tax_cents,
      discount_cents = excluded.discount_cents, shipping_cents = excluded.shipping_cents,
      current_subtotal_cents = excluded.current_subtotal_cents, current_total_cents = excluded.current_total_cents,
      tags = excluded.tags, customer_id = excluded.customer_id, customer_name = excluded.customer_name,
      customer_email = excluded.customer_email, customer_phone = excluded.customer_phone
    WHERE excluded.updated_at > h.updated_at OR (${authoritative} AND excluded.updated_at = h.updated_at)
    RETURNING h.id, h.shopify_id`;
}

const standing = z.object({ id: uuid, shopify_id: z.string(), outcome: z.enum(['older', 'unclear', 'unchanged']) });
/** A header that was not written, and why. */
export type StandingHeader = z.output<typeof standing>;

/**
 * How reports that were not written compare with what stands: older, the same, or unclear: of the same second and
 * different in what matters, so that only Shopify can say which is right.
 */
export function compareHeaders(tx: Tx, storeId: string, headers: MirrorRows['headers']): Promise<StandingHeader[]> {
  return tx.sql.rows(standing)`
    SELECT h.id, h.shopify_id,
      CASE WHEN h.updated_at > new.updated_at THEN 'older'
           WHEN (h.financial_status, h.cancelled_at, h.current_total_cents)
             IS DISTINCT FROM (new.financial_status, new.cancelled_at, new.current_total_cents) THEN 'unclear'
           ELSE 'unchanged' END AS outcome
    FROM jsonb_to_recordset(${JSON.stringify(headers)}::jsonb) AS new
      (shopify_id text, updated_at timestamptz, financial_status text, cancelled_at timestamptz,
       current_total_cents bigint)
    JOIN order_header h ON h.store_id = ${storeId} AND h.shopify_id = new.shopify_id`;
}

/** Inserts and overwrites lines of these headers; lines that are no longer reported stay. */
export async function writeLines(
  tx: Tx,
  storeId: string,
  lines: readonly (MirrorRows['lines'][number] & { id: string; order_header_id: string })[],
): Promise<void> {
  await tx.sql`
    WITH new AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS new
        (id uuid, order_header_id uuid, shopify_id text, title text, variant_title text, sku text, variant_id text,
         product_id text, vendor text, quantity int,
         current_quantity int, unit_price_cents bigint, discount_cents bigint, tax_cents bigint, gift_card boolean,
         tip boolean, fulfillment_service text)
    ), changed AS (
      SELECT new.* FROM new
      LEFT JOIN order_line_item l ON l.order_header_id = new.order_header_id AND l.shopify_id = new.shopify_id
      WHERE l.id IS NULL OR
        (new.title, new.variant_title, new.sku, new.variant_id, new.product_id, new.vendor, new.quantity,
         new.current_quantity, new.unit_price_cents, new.discount_cents, new.tax_cents, new.gift_card, new.tip,
         new.fulfillment_service)
          IS DISTINCT FROM
        (l.title, l.variant_title, l.sku, l.variant_id, l.product_id, l.vendor, l.quantity, l.current_quantity,
         l.unit_price_cents, l.discount_cents, l.tax_cents, l.gift_card, l.tip, l.fulfillment_service)
    )
    INSERT INTO order_line_item (id, store_id, order_header_id, shopify_id, title, variant_title, sku, variant_id,
    product_id, vendor, quantity, current_quantity, unit_price_cents,
      discount_cents, tax_cents, gift_card, tip, fulfillment_service)
    SELECT id, ${storeId}::uuid, order_header_id, shopify_id, title, variant_title, sku, variant_id, product_id,
    vendor, quantity, current_quantity, unit_price_cents,
      discount_cents, tax_cents, gift_card, tip, fulfillment_service
    FROM changed ORDER BY order_header_id, shopify_id
    ON CONFLICT (order_header_id, shopify_id) DO UPDATE SET
      title = excluded.title, variant_title = excluded.variant_title, sku = excluded.sku,
      variant_id = excluded.variant_id, product_id = excluded.product_id, vendor = excluded.vendor,
      quantity = excluded.quantity, current_quantity = excluded.current_quantity,
      unit_price_cents = excluded.unit_price_cents, discount_cents = excluded.discount_cents,
      tax_cents = excluded.tax_cents,
      gift_card = excluded.gift_card, tip = excluded.tip, fulfillment_service = excluded.fulfillment_service`;
}

/** Inserts and overwrites refunds of these headers. */
export async function writeRefunds(
  tx: Tx,
  storeId: string,
  refunds: readonly (MirrorRows['refunds'][number] & { id: string; order_header_id: string })[],
): Promise<void> {
  await tx.sql`
    WITH new AS (
      SELECT * FROM jsonb_to_recordset(${JSON.stringify(refunds)}::jsonb) AS new
        (id uuid, order_header_id uuid, shopify_id text, created_at timestamptz, total_cents bigint,
         adjustments_cents bigint, lines jsonb)
    ), changed AS (
      SELECT new.* FROM new LEFT JOIN refund r ON r.store_id = ${storeId} AND r.shopify_id = new.shopify_id
      WHERE r.id IS NULL OR (new.total_cents, new.adjustments_cents, new.lines)
        IS DISTINCT FROM (r.total_cents, r.adjustments_cents, r.lines)
    )
    INSERT INTO refund (id, store_id, order_header_id, shopify_id, created_at, total_cents, adjustments_cents, lines)
    SELECT id, ${storeId}::uuid, order_header_id, shopify_id, created_at, total_cents, adjustments_cents, lines
    FROM changed ORDER BY shopify_id
    ON CONFLICT (store_id, shopify_id) DO UPDATE SET total_cents = excluded.total_cents,
      adjustments_cents = excluded.adjustments_cents, lines = excluded.lines`;
}

/**
 * Inserts products that are not known yet. Known ones stay: a line carries the title of the day it was sold,
 so an old
 * order would take a renamed product back.
 */
export async function insertProducts(
  tx: Tx,
  storeId: string,
  products: readonly (MirrorRows['products'][number] & { id: string })[],
  now: Date,
): Promise<void> {
  await tx.sql`
    INSERT INTO product (id, store_id, shopify_id, title, vendor, mirrored_at)
    SELECT new.id, ${storeId}::uuid, new.shopify_id, new.title, new.vendor, ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(products)}::jsonb) AS new (id uuid, shopify_id text, title text,
    vendor text)
    LEFT JOIN product p ON p.store_id = ${storeId} AND p.shopify_id = new.shopify_id
    WHERE p.id IS NULL ORDER BY new.shopify_id
    ON CONFLICT (store_id, shopify_id) DO NOTHING`;
}
