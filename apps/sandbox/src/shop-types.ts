/**
 * What the simulated shop holds. Ids are the numeric legacy ids as decimal strings; money is in minor units; times are ISO
 * strings in UTC with second precision, as Shopify keeps them.
 */
export type Id = string;

export interface LocationRecord {
  id: Id;
  name: string;
  city: string;
  /** Null for the shop's own places; else the handle of the fulfillment service that owns it. */
  service: string | null;
}

export interface VariantRecord {
  id: Id;
  title: string | null;
  sku: string;
  priceCents: number;
}

export interface ProductRecord {
  id: Id;
  title: string;
  vendor: string;
  giftCard: boolean;
  variants: VariantRecord[];
}

export interface AddressRecord {
  first_name: string;
  last_name: string;
  address1: string;
  zip: string;
  city: string;
  country: string;
  country_code: string;
  phone: string | null;
}

export interface CustomerRecord {
  id: Id;
  email: string | null;
  firstName: string | null;
  lastName: string | null;
  phone: string | null;
  createdAt: string;
}

export type DeliveryMethod = 'SHIPPING' | 'PICK_UP' | 'RETAIL' | 'LOCAL' | 'NONE';

export interface LineRecord {
  id: Id;
  title: string;
  variantTitle: string | null;
  sku: string | null;
  variantId: Id | null;
  productId: Id | null;
  vendor: string | null;
  /** As bought; an edit that lowers it, or a refund, changes `currentQuantity` alone. */
  quantity: number;
  currentQuantity: number;
  unitPriceCents: number;
  discountCents: number;
  taxRate: number;
  requiresShipping: boolean;
  giftCard: boolean;
  tip: boolean;
  /** `manual` is the shop itself, `gift_card` Shopify's own service, anything else a third party. */
  service: string;
  locationId: Id;
  delivery: DeliveryMethod;
}

export interface RefundRecord {
  id: Id;
  createdAt: string;
  note: string | null;
  lines: {
    id: Id;
    lineItemId: Id;
    quantity: number;
    restockType: 'cancel' | 'return' | 'no_restock';
    subtotalCents: number;
    taxCents: number;
  }[];
  shippingCents: number;
  /** Tied to no line and not shipping; negative, as Shopify writes what went back to the customer. */
  adjustments: { id: Id; amountCents: number }[];
  /** Money that really went back. */
  paidBackCents: number;
}

export interface TransactionRecord {
  id: Id;
  kind: 'sale' | 'refund';
  amountCents: number;
  createdAt: string;
}

export interface HoldRecord {
  id: Id;
  reason: string;
  notes: string | null;
  handle: string;
}

export type FulfillmentOrderStatus =
  | 'OPEN'
  | 'IN_PROGRESS'
  | 'ON_HOLD'
  | 'SCHEDULED'
  | 'CLOSED'
  | 'CANCELLED'
  | 'INCOMPLETE';

export interface FulfillmentOrderRecord {
  id: Id;
  locationId: Id;
  delivery: DeliveryMethod;
  status: FulfillmentOrderStatus;
  createdAt: string;
  updatedAt: string;
  fulfillAt: string | null;
  holds: HoldRecord[];
  preparedForPickup: boolean;
  lines: { id: Id; lineItemId: Id; totalQuantity: number; remainingQuantity: number }[];
}

export interface TrackingRecord {
  company: string | null;
  numbers: string[];
  urls: string[];
}

export interface FulfillmentRecord {
  id: Id;
  status: 'SUCCESS' | 'CANCELLED';
  service: string;
  locationId: Id;
  createdAt: string;
  updatedAt: string;
  tracking: TrackingRecord;
  /** Shopify mailed the customer. */
  notified: boolean;
  lines: { id: Id; lineItemId: Id; fulfillmentOrderId: Id; fulfillmentOrderLineItemId: Id; quantity: number }[];
}

export interface OrderRecord {
  id: Id;
  number: number;
  createdAt: string;
  processedAt: string;
  updatedAt: string;
  cancelledAt: string | null;
  cancelReason: string | null;
  test: boolean;
  sourceName: string;
  currency: string;
  taxesIncluded: boolean;
  note: string | null;
  tags: string[];
  email: string | null;
  phone: string | null;
  customer: CustomerRecord | null;
  shippingAddress: AddressRecord | null;
  shippingLine: { id: Id; title: string; code: string; priceCents: number; deliveryCategory: string | null } | null;
  lines: LineRecord[];
  transactions: TransactionRecord[];
  refunds: RefundRecord[];
  /** Empty until Shopify has routed the order. */
  fulfillmentOrders: FulfillmentOrderRecord[];
  fulfillments: FulfillmentRecord[];
  routed: boolean;
  /** Applied when fulfillment orders are made. */
  holdAtRouting: boolean;
  fulfillAt: string | null;
}

export interface SubscriptionRecord {
  id: Id;
  /** As in deliveries: `orders/create`. */
  topic: string;
  url: string;
  createdAt: string;
  updatedAt: string;
}

export interface CancelJobRecord {
  id: string;
  orderId: Id;
  done: boolean;
}

export interface BulkRecord {
  id: Id;
  query: string;
  status: 'CREATED' | 'RUNNING' | 'COMPLETED' | 'FAILED' | 'CANCELING' | 'CANCELED' | 'EXPIRED';
  errorCode: 'ACCESS_DENIED' | 'INTERNAL_SERVER_ERROR' | 'TIMEOUT' | null;
  createdAt: string;
  completedAt: string | null;
  objectCount: number;
  rootObjectCount: number;
  fileSize: number | null;
  hasFile: boolean;
}

export interface ShopData {
  nextId: number;
  nextNumber: number;
  locations: LocationRecord[];
  products: ProductRecord[];
  orders: OrderRecord[];
  subscriptions: SubscriptionRecord[];
  /** From the first subscription made through the Admin API on, the configured fallback URL is not used any more. */
  everSubscribed: boolean;
  /** The app was uninstalled: its token opens nothing. Files of before it was known do not say. */
  uninstalled?: boolean;
  cancelJobs: CancelJobRecord[];
  bulkOperations: BulkRecord[];
}
