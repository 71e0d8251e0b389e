import type { FulfilmentType } from '@forma3d/contracts';
import { newId, newPublicId } from '@forma3d/kernel';
import type { ShopifyAddress, ShopifyLineItem, ShopifyOrder } from '@forma3d/shopify';

/** What was bought, as it is frozen when the order is placed, ready to be inserted. */
export type OrderSnapshot = ReturnType<typeof orderSnapshot>;
export type LineSnapshot = ReturnType<typeof lineSnapshot>;

export function orderSnapshot(storeId: string, order: ShopifyOrder) {
  const fulfilmentType: FulfilmentType = fulfilmentTypeOf(order) ?? (order.pickup ? 'pickup' : 'shipping');
  return {
    id: newId(),
    storeId,
    shopifyId: order.id,
    publicId: newPublicId(),
    name: order.name,
    placedAt: order.processedAt,
    test: order.test,
    sourceName: order.sourceName,
    currency: order.currency,
    totalCents: order.totalCents,
    subtotalCents: order.subtotalCents,
    taxCents: order.taxCents,
    discountCents: order.discountCents,
    shippingCents: order.shippingCents,
    shippingMethod: order.shippingMethod?.title ?? null,
    customer: customerJson(order),
    shippingAddress: order.shippingAddress === null ? null : addressJson(order.shippingAddress),
    note: order.note,
    fulfilmentType,
    shippingStatus: fulfilmentType === 'pickup' ? null : 'pending',
  };
}

/** A bought line as it is frozen; `position` counts from 0. */
export function lineSnapshot(line: ShopifyLineItem, position: number) {
  return {
    id: newId(),
    shopify_id: line.id,
    position,
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
    requires_shipping: line.requiresShipping,
    gift_card: line.giftCard,
    tip: line.tip,
    fulfillment_service: line.fulfillmentService,
  };
}

/** https://shopify.dev/docs/api/admin-graphql/latest/enums/DeliveryMethodType */
const SAYS_NOTHING = new Set(['NONE', 'RETAIL']);

/**
 * What the order's fulfillment orders say about how it reaches the customer; undefined while they say nothing. An order
 * counts as pickup when the customer collects all of it: a part that is shipped needs a tracking code. What is delivered
 * by nobody, like a gift card (NONE), or was handed over in the shop (RETAIL) says nothing of the rest.
 */
export function fulfilmentTypeOf(order: Pick<ShopifyOrder, 'fulfillmentOrders'>): FulfilmentType | undefined {
  const methods = (order.fulfillmentOrders ?? [])
    .filter((each) => each.status !== 'CANCELLED' && each.deliveryMethod !== null && !SAYS_NOTHING.has(each.deliveryMethod))
    .map((each) => each.deliveryMethod);
  if (methods.length === 0) return undefined;
  return methods.every((method) => method === 'PICK_UP') ? 'pickup' : 'shipping';
}

function customerJson(order: ShopifyOrder) {
  const { customer, shippingAddress } = order;
  const fullName = [customer?.firstName, customer?.lastName].filter((part) => part !== null && part !== undefined).join(' ');
  const json = {
    id: customer?.id ?? null,
    name: fullName === '' ? (shippingAddress?.name ?? null) : fullName,
    email: order.email ?? customer?.email ?? null,
    phone: order.phone ?? customer?.phone ?? shippingAddress?.phone ?? null,
  };
  return Object.values(json).every((value) => value === null) ? null : json;
}

function addressJson(address: ShopifyAddress) {
  return {
    name: address.name,
    company: address.company,
    address1: address.address1,
    address2: address.address2,
    zip: address.zip,
    city: address.city,
    province_code: address.provinceCode,
    country_code: address.countryCode,
    phone: address.phone,
  };
}
