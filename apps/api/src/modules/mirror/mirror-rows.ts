import type { ShopifyLineItem, ShopifyOrder } from '@forma3d/shopify';

/** What the shop says of an order, as the JSON that becomes rows of the mirror's tables. Dates are ISO texts. */
export interface MirrorRows {
  headers: HeaderJson[];
  lines: LineJson[];
  refunds: RefundJson[];
  products: { shopify_id: string; title: string; vendor: string | null }[];
}

export type HeaderJson = ReturnType<typeof headerJson>;
export type LineJson = ReturnType<typeof lineJson>;
export type RefundJson = NonNullable<ReturnType<typeof refundJsons>[number]>;

/** One row a thing, however often an order stands in the list: the newest report of it counts. */
export function mirrorRows(orders: readonly ShopifyOrder[]): MirrorRows {
  const newest = new Map<string, ShopifyOrder>();
  for (const order of orders) {
    const known = newest.get(order.id);
    if (!known || known.updatedAt <= order.updatedAt) newest.set(order.id, order);
  }
  const kept = [...newest.values()];
  const products = new Map<string, MirrorRows['products'][number]>();
  for (const line of kept.flatMap((order) => order.lineItems)) {
    if (line.productId !== null) {
      products.set(line.productId, { shopify_id: line.productId, title: line.title, vendor: line.vendor });
    }
  }
  return {
    headers: kept.map(headerJson),
    lines: kept.flatMap((order) => onePerId(order.lineItems).map((line) => lineJson(order.id, line))),
    refunds: kept.flatMap(refundJsons),
    products: [...products.values()],
  };
}

/** A statement may write a row once. */
function onePerId<T extends { id: string }>(things: readonly T[]): T[] {
  return [...new Map(things.map((thing) => [thing.id, thing])).values()];
}

function headerJson(order: ShopifyOrder) {
  const { customer } = order;
  const name = [customer?.firstName, customer?.lastName].filter((part) => part !== null && part !== undefined).join(' ');
  return {
    shopify_id: order.id,
    name: order.name,
    created_at: order.createdAt.toISOString(),
    processed_at: order.processedAt.toISOString(),
    updated_at: order.updatedAt.toISOString(),
    cancelled_at: order.cancelledAt?.toISOString() ?? null,
    test: order.test,
    source_name: order.sourceName,
    currency: order.currency,
    taxes_included: order.taxesIncluded,
    financial_status: order.financialStatus,
    fulfillment_status: order.fulfillmentStatus,
    total_cents: order.totalCents,
    subtotal_cents: order.subtotalCents,
    tax_cents: order.taxCents,
    discount_cents: order.discountCents,
    shipping_cents: order.shippingCents,
    current_subtotal_cents: order.currentSubtotalCents,
    current_total_cents: order.currentTotalCents,
    tags: order.tags,
    customer_id: customer?.id ?? null,
    customer_name: name === '' ? (order.shippingAddress?.name ?? null) : name,
    customer_email: order.email ?? customer?.email ?? null,
    customer_phone: order.phone ?? customer?.phone ?? null,
  };
}

function lineJson(orderId: string, line: ShopifyLineItem) {
  return {
    order_id: orderId,
    shopify_id: line.id,
    title: line.title,
    variant_title: line.variantTitle,
    sku: line.sku,
    variant_id: line.variantId,
    product_id: line.productId,
    vendor: line.vendor,
    quantity: line.quantity,
    current_quantity: line.currentQuantity,
    unit_price_cents: line.unitPriceCents,
    discount_cents: line.discountCents,
    tax_cents: line.taxCents,
    gift_card: line.giftCard,
    tip: line.tip,
    fulfillment_service: line.fulfillmentService,
  };
}

/** None where the source does not say: those that are known stay. */
function refundJsons(order: ShopifyOrder) {
  return onePerId(order.refunds ?? []).map((refund) => ({
    order_id: order.id,
    shopify_id: refund.id,
    created_at: refund.createdAt.toISOString(),
    total_cents: refund.totalCents,
    adjustments_cents: refund.adjustmentsCents,
    lines: refund.lines.map((line) => ({
      shopify_id: line.id,
      line_item_id: line.lineItemId,
      quantity: line.quantity,
      restock_type: line.restockType,
      subtotal_cents: line.subtotalCents,
      tax_cents: line.taxCents,
    })),
  }));
}
