import type { FulfilmentType } from '@forma3d/contracts';
import { currentScope } from '@forma3d/database';
import type { LineSnapshot, OrderSnapshot } from './order-snapshot';
import type { Reader } from './orders.repository';

const json = (value: unknown): string | null => (value === null ? null : JSON.stringify(value));

/** Inserts the frozen order. Answers false when the purchase has one: whoever was first has made it. */
export async function insertOrder(tx: Reader, order: OrderSnapshot, now: Date): Promise<boolean> {
  const inserted = await tx.sql`
    INSERT INTO orders (id, store_id, source, shopify_id, public_id, name, placed_at, test, source_name, currency,
      total_cents, subtotal_cents, tax_cents, discount_cents, shipping_cents, shipping_method, customer, shipping_address,
      note, fulfilment_type, shipping_status, correlation_id, created_at, updated_at)
    VALUES (${order.id}, ${order.storeId}, 'shopify', ${order.shopifyId}, ${order.publicId}, ${order.name},
      ${order.placedAt}, ${order.test}, ${order.sourceName}, ${order.currency}, ${order.totalCents},
      ${order.subtotalCents}, ${order.taxCents}, ${order.discountCents}, ${order.shippingCents}, ${order.shippingMethod},
      ${json(order.customer)}::jsonb, ${json(order.shippingAddress)}::jsonb, ${order.note}, ${order.fulfilmentType},
      ${order.shippingStatus}, ${currentScope().correlationId}, ${now}, ${now})
    ON CONFLICT (store_id, shopify_id) DO NOTHING`;
  return inserted === 1;
}

/** Inserts lines that the order has not yet; answers how many those were. */
export function insertOrderLines(tx: Reader, storeId: string, orderId: string, lines: readonly LineSnapshot[]): Promise<number> {
  return tx.sql`
    INSERT INTO line_item (id, store_id, order_id, shopify_id, position, title, variant_title, sku, variant_id, product_id,
      vendor, quantity, current_quantity, unit_price_cents, discount_cents, tax_cents, requires_shipping, gift_card, tip,
      fulfillment_service)
    SELECT id, ${storeId}::uuid, ${orderId}::uuid, shopify_id, position, title, variant_title, sku, variant_id, product_id,
      vendor, quantity, current_quantity, unit_price_cents, discount_cents, tax_cents, requires_shipping, gift_card, tip,
      fulfillment_service
    FROM jsonb_to_recordset(${JSON.stringify(lines)}::jsonb) AS new
      (id uuid, shopify_id text, position smallint, title text, variant_title text, sku text, variant_id text,
       product_id text, vendor text, quantity int, current_quantity int, unit_price_cents bigint, discount_cents bigint,
       tax_cents bigint, requires_shipping boolean, gift_card boolean, tip boolean, fulfillment_service text)
    ON CONFLICT (order_id, shopify_id) DO NOTHING`;
}

/** Writes how many units are left of each line; answers how many lines changed. */
export function writeCurrentQuantities(
  tx: Reader,
  orderId: string,
  quantities: readonly { shopify_id: string; current_quantity: number }[],
): Promise<number> {
  return tx.sql`
    UPDATE line_item l SET current_quantity = new.current_quantity
    FROM jsonb_to_recordset(${JSON.stringify(quantities)}::jsonb) AS new (shopify_id text, current_quantity int)
    WHERE l.order_id = ${orderId} AND l.shopify_id = new.shopify_id AND l.current_quantity <> new.current_quantity`;
}

export interface RecordedFacts {
  financialStatus: string | null;
  shopifyUpdatedAt: Date;
  paidAt: Date | null;
  fulfilmentType: FulfilmentType;
  fulfilmentTypeFinal: boolean;
  shippingStatus: string | null;
}

export async function writeRecorded(tx: Reader, orderId: string, facts: RecordedFacts, now: Date): Promise<void> {
  await tx.sql`
    UPDATE orders SET financial_status = ${facts.financialStatus}, shopify_updated_at = ${facts.shopifyUpdatedAt},
      paid_at = ${facts.paidAt},
      fulfilment_type = ${facts.fulfilmentType}, fulfilment_type_final = ${facts.fulfilmentTypeFinal},
      shipping_status = ${facts.shippingStatus}, updated_at = ${now}
    WHERE id = ${orderId}`;
}

export async function writeFulfilmentType(
  tx: Reader,
  orderId: string,
  { fulfilmentType, fulfilmentTypeFinal, shippingStatus }: Pick<RecordedFacts, 'fulfilmentType' | 'fulfilmentTypeFinal' | 'shippingStatus'>,
  now: Date,
): Promise<void> {
  await tx.sql`
    UPDATE orders SET fulfilment_type = ${fulfilmentType}, fulfilment_type_final = ${fulfilmentTypeFinal},
      shipping_status = ${shippingStatus}, updated_at = ${now}
    WHERE id = ${orderId}`;
}
