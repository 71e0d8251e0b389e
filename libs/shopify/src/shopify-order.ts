/**
 * The one shape of an order from Shopify, whichever way it came: webhook (REST body), GraphQL or bulk.
 *
 * Ids are Shopify's numeric ids as decimal strings, never numbers: test notifications carry ids above 2^53, which a
 * number corrupts. Money is integer minor units of the shop's currency (never presentment). `null` in place of a list
 * means "this source does not say"; an empty list means "there are none".
 */
export interface ShopifyOrder {
  id: string;
  /** As people know it, e.g. `#1001`. */
  name: string;
  /** The running number, where the source says it. */
  number: number | null;
  createdAt: Date;
  /** When the sale counts; differs from `createdAt` for imported orders. */
  processedAt: Date;
  /** Orders two reports of the same order: the older one must not overwrite the newer. */
  updatedAt: Date;
  cancelledAt: Date | null;
  /** Upper case, e.g. `CUSTOMER`, `OTHER`. */
  cancelReason: string | null;
  test: boolean;
  /** `web`, `pos`, `shopify_draft_order`, an app's id … */
  sourceName: string | null;
  /** ISO 4217, the currency of every amount here. */
  currency: string;
  taxesIncluded: boolean;
  financialStatus: ShopifyFinancialStatus | null;
  /** Upper case, e.g. `UNFULFILLED`, `PARTIALLY_FULFILLED`, `FULFILLED`, `RESTOCKED`, `ON_HOLD`. */
  fulfillmentStatus: string;
  totalCents: number;
  subtotalCents: number;
  taxCents: number;
  discountCents: number;
  shippingCents: number;
  /** After refunds and removed lines. */
  currentSubtotalCents: number;
  currentTotalCents: number;
  /** The first shipping line; null where nothing is shipped. */
  shippingMethod: { title: string; code: string | null } | null;
  /** As the shipping line says; the fulfillment orders' delivery method decides where it is known. */
  pickup: boolean;
  customer: ShopifyCustomer | null;
  email: string | null;
  phone: string | null;
  shippingAddress: ShopifyAddress | null;
  note: string | null;
  tags: string[];
  lineItems: ShopifyLineItem[];
  refunds: ShopifyRefund[] | null;
  fulfillments: ShopifyFulfillment[] | null;
  /** Null from webhooks: they never carry them. */
  fulfillmentOrders: ShopifyFulfillmentOrder[] | null;
}

export type ShopifyFinancialStatus =
  | 'PENDING'
  | 'AUTHORIZED'
  | 'PARTIALLY_PAID'
  | 'PAID'
  | 'PARTIALLY_REFUNDED'
  | 'REFUNDED'
  | 'VOIDED'
  | 'EXPIRED';

export interface ShopifyCustomer {
  id: string;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  phone: string | null;
}

export interface ShopifyAddress {
  name: string | null;
  company: string | null;
  address1: string | null;
  address2: string | null;
  zip: string | null;
  city: string | null;
  provinceCode: string | null;
  /** ISO 3166-1 alpha-2. */
  countryCode: string | null;
  phone: string | null;
}

export interface ShopifyLineItem {
  id: string;
  title: string;
  variantTitle: string | null;
  sku: string | null;
  /** Null for custom lines, which belong to no product. */
  variantId: string | null;
  productId: string | null;
  /** As sold. */
  vendor: string | null;
  /** As first ordered; never drops after an edit. */
  quantity: number;
  /** Without refunded and removed units. */
  currentQuantity: number;
  /** Units that nobody fulfilled yet, where the source says it. */
  fulfillableQuantity: number | null;
  unitPriceCents: number;
  /** Sum of the discount allocations of the whole line, refunded units included. */
  discountCents: number;
  taxCents: number;
  requiresShipping: boolean;
  giftCard: boolean;
  tip: boolean;
  /** Handle; `manual` is the shop's own, anything else another service. Null where the source does not say. */
  fulfillmentService: string | null;
}

export interface ShopifyRefund {
  id: string;
  createdAt: Date;
  totalCents: number;
  lines: ShopifyRefundLine[];
  /** What the refund gave or took beyond its lines, tied to none of them; without shipping and without tax. */
  adjustmentsCents: number;
}

export interface ShopifyRefundLine {
  id: string | null;
  lineItemId: string;
  quantity: number;
  /** Upper case: `CANCEL`, `RETURN`, `NO_RESTOCK`, `LEGACY_RESTOCK`. */
  restockType: string | null;
  /** Without tax, unless taxes are included in the prices. */
  subtotalCents: number;
  taxCents: number;
}

/** A fulfillment without its lines. */
export interface ShopifyFulfillmentHeader {
  id: string;
  /** Upper case: `SUCCESS`, `CANCELLED`, `FAILURE`, `ERROR`, `PENDING`, `OPEN`. */
  status: string;
  createdAt: Date;
  updatedAt: Date;
  trackingNumber: string | null;
  trackingUrl: string | null;
  trackingCompany: string | null;
}

export interface ShopifyFulfillment extends ShopifyFulfillmentHeader {
  lines: { lineItemId: string; quantity: number }[];
}

export interface ShopifyFulfillmentOrder {
  id: string;
  /** `OPEN, IN_PROGRESS, ON_HOLD, SCHEDULED, CLOSED, CANCELLED, INCOMPLETE`. */
  status: string;
  /** What Shopify would accept now, e.g. `CREATE_FULFILLMENT`, `RELEASE_HOLD`. */
  supportedActions: string[];
  locationId: string | null;
  /** The assigned location is the shop's own, not another fulfillment service's. */
  ours: boolean;
  /** `SHIPPING`, `PICK_UP`, `RETAIL`, `LOCAL`, `NONE`, `PICKUP_POINT`; null where Shopify does not say. */
  deliveryMethod: string | null;
  /** When its work may start; for one that is not scheduled, a time in the past or null. */
  fulfillAt: Date | null;
  lines: ShopifyFulfillmentOrderLine[];
}

export interface ShopifyFulfillmentOrderLine {
  id: string;
  lineItemId: string;
  totalQuantity: number;
  remainingQuantity: number;
}
