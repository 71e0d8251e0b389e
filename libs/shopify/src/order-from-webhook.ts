import { toMinorUnits } from '@forma3d/kernel';

import { parseDelivery } from './parse-delivery';
import { financialStatus, fulfillmentStatus, isTip, meansPickup, sum, textOrNull } from './order-meanings';
import {
  restFulfillment,
  restOrder,
  restRefund,
  type RestAddress,
  type RestFulfillment,
  type RestLineItem,
  type RestMoneySet,
  type RestOrder,
  type RestRefund,
} from './rest-order-schema';
import type { ShopifyAddress, ShopifyFulfillment, ShopifyLineItem, ShopifyOrder, ShopifyRefund } from './shopify-order';

/**
 * The order in the body of `orders/create`, `orders/paid`, `orders/updated` or `orders/cancelled`.
 *
 * `fulfillmentOrders` is null: webhooks never carry them.
 *
 * @param raw the bytes as they came; ids above 2^53 survive
 * @throws DomainError `invalid-delivery` when it is no order
 */
export function orderFromWebhook(raw: Uint8Array | string): ShopifyOrder {
  return toOrder(parseDelivery(restOrder, raw));
}

/**
 * The refund in the body of `refunds/create`, and its order's id.
 *
 * @param currency the order's, which the body does not say
 * @throws DomainError `invalid-delivery` when it is no refund
 */
export function refundFromWebhook(raw: Uint8Array | string, currency: string): { orderId: string; refund: ShopifyRefund } {
  const body = parseDelivery(restRefund, raw);
  return { orderId: body.order_id, refund: toRefund(body, currency) };
}

/**
 * The fulfillment in the body of `fulfillments/create` or `fulfillments/update`, and its order's id.
 *
 * @throws DomainError `invalid-delivery` when it is no fulfillment
 */
export function fulfillmentFromWebhook(raw: Uint8Array | string): { orderId: string; fulfillment: ShopifyFulfillment } {
  const body = parseDelivery(restFulfillment, raw);
  return { orderId: body.order_id, fulfillment: toFulfillment(body) };
}

type Cents = (set: RestMoneySet, plain: string | null | undefined) => number;

/** Shop money where the body tells it apart from presentment money, else the plain amount, which is shop money too. */
function centsIn(currency: string): Cents {
  return (set, plain) => toMinorUnits(set?.shop_money.amount ?? plain ?? '0', currency);
}

function toOrder(body: RestOrder): ShopifyOrder {
  const cents = centsIn(body.currency);
  const shippingLine = (body.shipping_lines ?? []).find((line) => line.is_removed !== true);
  const totalTip = cents(null, body.total_tip_received);
  const totalCents = cents(body.total_price_set, body.total_price);
  const subtotalCents = cents(body.subtotal_price_set, body.subtotal_price);
  return {
    id: body.id,
    name: body.name,
    number: body.order_number ?? null,
    createdAt: body.created_at,
    processedAt: body.processed_at ?? body.created_at,
    updatedAt: body.updated_at,
    cancelledAt: body.cancelled_at ?? null,
    cancelReason: textOrNull(body.cancel_reason)?.toUpperCase() ?? null,
    test: body.test ?? false,
    sourceName: textOrNull(body.source_name),
    currency: body.currency,
    taxesIncluded: body.taxes_included ?? false,
    financialStatus: financialStatus(body.financial_status),
    fulfillmentStatus: fulfillmentStatus(body.fulfillment_status),
    totalCents,
    subtotalCents,
    taxCents: cents(body.total_tax_set, body.total_tax),
    discountCents: cents(body.total_discounts_set, body.total_discounts),
    shippingCents: body.total_shipping_price_set
      ? cents(body.total_shipping_price_set, null)
      : sum((body.shipping_lines ?? []).map((line) => cents(line.price_set, line.price))),
    currentSubtotalCents: hasAmount(body.current_subtotal_price_set, body.current_subtotal_price)
      ? cents(body.current_subtotal_price_set, body.current_subtotal_price)
      : subtotalCents,
    currentTotalCents: hasAmount(body.current_total_price_set, body.current_total_price)
      ? cents(body.current_total_price_set, body.current_total_price)
      : totalCents,
    shippingMethod: shippingLine
      ? { title: shippingLine.title ?? shippingLine.code ?? '', code: textOrNull(shippingLine.code) }
      : null,
    pickup: meansPickup(shippingLine?.delivery_category, shippingLine?.source, shippingLine?.code),
    customer: body.customer
      ? {
          id: body.customer.id,
          email: textOrNull(body.customer.email),
          firstName: textOrNull(body.customer.first_name),
          lastName: textOrNull(body.customer.last_name),
          phone: textOrNull(body.customer.phone),
        }
      : null,
    email: textOrNull(body.email),
    phone: textOrNull(body.phone),
    shippingAddress: body.shipping_address ? toAddress(body.shipping_address) : null,
    note: textOrNull(body.note),
    tags: (body.tags ?? '').split(',').map((tag) => tag.trim()).filter((tag) => tag !== ''),
    lineItems: body.line_items.map((line) => toLineItem(line, cents, totalTip)),
    refunds: body.refunds ? body.refunds.map((refund) => toRefund(refund, body.currency)) : null,
    fulfillments: body.fulfillments ? body.fulfillments.map(toFulfillment) : null,
    fulfillmentOrders: null,
  };
}

function hasAmount(set: RestMoneySet, plain: string | null | undefined): boolean {
  return (set ?? plain ?? null) !== null;
}

function toAddress(body: RestAddress): ShopifyAddress {
  return {
    name: textOrNull(body.name),
    company: textOrNull(body.company),
    address1: textOrNull(body.address1),
    address2: textOrNull(body.address2),
    zip: textOrNull(body.zip),
    city: textOrNull(body.city),
    provinceCode: textOrNull(body.province_code),
    countryCode: textOrNull(body.country_code),
    phone: textOrNull(body.phone),
  };
}

function toLineItem(body: RestLineItem, cents: Cents, totalTipCents: number): ShopifyLineItem {
  const line = {
    id: body.id,
    title: body.title,
    variantTitle: textOrNull(body.variant_title),
    sku: textOrNull(body.sku),
    variantId: body.variant_id,
    productId: body.product_id,
    vendor: textOrNull(body.vendor),
    quantity: body.quantity,
    currentQuantity: body.current_quantity ?? body.quantity,
    fulfillableQuantity: body.fulfillable_quantity ?? null,
    unitPriceCents: cents(body.price_set, body.price),
    discountCents: sum((body.discount_allocations ?? []).map((each) => cents(each.amount_set, each.amount))),
    taxCents: sum((body.tax_lines ?? []).map((tax) => cents(tax.price_set, tax.price))),
    requiresShipping: body.requires_shipping ?? true,
    giftCard: body.gift_card ?? false,
    fulfillmentService: textOrNull(body.fulfillment_service),
  };
  const namedTip = textOrNull(body.tip_payment_gateway) !== null || textOrNull(body.tip_payment_method) !== null;
  return { ...line, tip: namedTip || isTip(line, totalTipCents) };
}

function toRefund(body: RestRefund, currency: string): ShopifyRefund {
  const cents = centsIn(currency);
  const lines = (body.refund_line_items ?? []).map((line) => ({
    id: line.id,
    lineItemId: line.line_item_id,
    quantity: line.quantity,
    restockType: textOrNull(line.restock_type)?.toUpperCase() ?? null,
    subtotalCents: cents(line.subtotal_set, line.subtotal),
    taxCents: cents(line.total_tax_set, line.total_tax),
  }));
  const paid = (body.transactions ?? []).filter((each) => each.kind === 'refund' && each.status === 'success');
  // An amount in the customer's currency cannot be added to shop money: then the lines tell the total.
  const inShopMoney = paid.every((each) => each.amount_set || !each.currency || each.currency === currency);
  // Shopify writes what is given back beyond the lines as a negative adjustment; shipping has a kind of its own.
  const adjustmentsCents = 0 - sum(
    (body.order_adjustments ?? [])
      .filter((each) => each.kind !== 'shipping_refund')
      .map((each) => cents(each.amount_set, each.amount)),
  );
  return {
    id: body.id,
    createdAt: body.created_at,
    totalCents: inShopMoney
      ? sum(paid.map((each) => cents(each.amount_set, each.amount)))
      : sum(lines.map((line) => line.subtotalCents + line.taxCents)) + adjustmentsCents,
    lines,
    adjustmentsCents,
  };
}

function toFulfillment(body: RestFulfillment): ShopifyFulfillment {
  return {
    id: body.id,
    status: (body.status ?? 'success').toUpperCase(),
    createdAt: body.created_at,
    updatedAt: body.updated_at ?? body.created_at,
    trackingNumber: textOrNull(body.tracking_number),
    trackingUrl: textOrNull(body.tracking_url),
    trackingCompany: textOrNull(body.tracking_company),
    lines: (body.line_items ?? []).map((line) => ({ lineItemId: line.id, quantity: line.quantity })),
  };
}
