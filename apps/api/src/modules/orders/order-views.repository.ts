import {
  FULFILMENT_TYPES,
  ORDER_STATUSES,
  orderDetail,
  orderLine,
  PRODUCTION_STATUSES,
  timelineEntry,
  type OrderQuery,
} from '@forma3d/contracts';
import { fragment, int, nothing, timestamptz, type Database } from '@forma3d/database';
import { z } from 'zod';

const time = timestamptz.transform((date) => date.toISOString());
const text = z.string().nullable();

const summaryRow = z.object({
  id: z.string(),
  public_id: z.string(),
  name: z.string(),
  source: z.enum(['shopify', 'direct']),
  status: z.enum(ORDER_STATUSES),
  production_status: z.enum(PRODUCTION_STATUSES),
  fulfilment_type: z.enum(FULFILMENT_TYPES),
  shipping_status: text,
  financial_status: text,
  test: z.boolean(),
  currency: z.string(),
  total_cents: int,
  customer_name: text,
  needs_attention: z.boolean(),
  units_wanted: int,
  prints_wanted: int,
  prints_sent: int,
  prints_completed: int,
  prints_failed: int,
  lines_unmapped: int,
  placed_at: time,
  paid_at: time.nullable(),
  cancelled_at: time.nullable(),
  fulfilled_at: time.nullable(),
  created_at: time,
  updated_at: time,
});
export type SummaryRow = z.output<typeof summaryRow>;

const summaryColumns = fragment`
  o.id, o.public_id, o.name, o.source, o.status, o.production_status, o.fulfilment_type, o.shipping_status,
  o.financial_status, o.test, o.currency, o.total_cents, o.customer->>'name' AS customer_name,
  EXISTS (SELECT 1 FROM attention a WHERE a.order_id = o.id AND a.closed_at IS NULL) AS needs_attention,
  o.units_wanted, o.prints_wanted, o.prints_sent, o.prints_completed, o.prints_failed, o.lines_unmapped,
  o.placed_at, o.paid_at, o.cancelled_at, o.fulfilled_at, o.created_at, o.updated_at`;

const detailRow = summaryRow.extend({
  shopify_id: text,
  source_name: text,
  subtotal_cents: int,
  tax_cents: int,
  discount_cents: int,
  shipping_cents: int,
  shipping_method: text,
  customer: orderDetail.shape.customer,
  shipping_address: orderDetail.shape.shipping_address,
  note: text,
  cancel_reason: text,
  accepted_at: time.nullable(),
  ready_at: time.nullable(),
  completed_at: time.nullable(),
  planned_at: time.nullable(),
  fulfillment_failed: z.boolean(),
  shopify_fulfillment_id: text,
  tracking_number: text,
  tracking_url: text,
  tracking_company: text,
});
export type DetailRow = z.output<typeof detailRow>;

/** `%` and `_` of people's words are letters, not patterns. */
function containing(words: string): string {
  return `%${words.replace(/[\\%_]/g, '\\$&')}%`;
}

/** One row more than asked for, so that the caller sees whether there is a next page. */
export function listOrders(db: Database, storeId: string, query: OrderQuery, before?: string): Promise<SummaryRow[]> {
  const { status, production_status: production, fulfilment_type: type, attention, q, from, to } = query;
  const pattern = q === undefined ? '' : containing(q);
  return db.sql.rows(summaryRow)`
    SELECT ${summaryColumns} FROM orders o JOIN store s ON s.id = o.store_id
    WHERE o.store_id = ${storeId}
      ${before === undefined ? nothing : fragment`AND o.id < ${before}`}
      ${status === undefined ? nothing : fragment`AND o.status = ${status}`}
      ${production === undefined ? nothing : fragment`AND o.production_status = ${production}`}
      ${type === undefined ? nothing : fragment`AND o.fulfilment_type = ${type}`}
      ${attention === undefined ? nothing : fragment`AND ${attention === 'true'} =
        EXISTS (SELECT 1 FROM attention a WHERE a.order_id = o.id AND a.closed_at IS NULL)`}
      ${q === undefined ? nothing : fragment`AND (o.name ILIKE ${pattern} OR o.customer->>'name' ILIKE ${pattern}
        OR EXISTS (SELECT 1 FROM line_item l WHERE l.order_id = o.id AND l.sku ILIKE ${pattern}))`}
      ${from === undefined ? nothing : fragment`AND o.placed_at >= ${from}::date::timestamp AT TIME ZONE s.time_zone`}
      ${to === undefined ? nothing : fragment`AND o.placed_at < (${to}::date + 1)::timestamp AT TIME ZONE s.time_zone`}
    ORDER BY o.id DESC LIMIT ${query.limit + 1}`;
}

export function detailOf(db: Database, storeId: string, orderId: string): Promise<DetailRow | undefined> {
  return db.sql.maybe(detailRow)`
    SELECT ${summaryColumns}, o.shopify_id, o.source_name, o.subtotal_cents, o.tax_cents, o.discount_cents,
      o.shipping_cents, o.shipping_method, o.customer, o.shipping_address, o.note, o.cancel_reason, o.accepted_at,
      o.ready_at, o.completed_at, o.planned_at, o.fulfillment_failed, o.shopify_fulfillment_id, o.tracking_number,
      o.tracking_url, o.tracking_company
    FROM orders o WHERE o.id = ${orderId} AND o.store_id = ${storeId}`;
}

export function linesInView(db: Database, orderId: string): Promise<z.output<typeof orderLine>[]> {
  return db.sql.rows(orderLine)`
    SELECT id, shopify_id, title, variant_title, sku, variant_id, product_id, vendor, quantity, current_quantity,
      unit_price_cents, discount_cents, tax_cents, wanted, held, exclusion, unmapped_reason
    FROM line_item WHERE order_id = ${orderId} ORDER BY position, id`;
}

const timelineRow = timelineEntry.extend({ occurred_at: time });

/** The order's events in the order of their transactions, oldest first. */
export function timelineOf(db: Database, storeId: string, orderId: string): Promise<z.output<typeof timelineRow>[]> {
  return db.sql.rows(timelineRow)`
    SELECT id, occurred_at, type, severity, actor, payload FROM event
    WHERE order_id = ${orderId} AND store_id = ${storeId} ORDER BY xid, seq LIMIT 1000`;
}
