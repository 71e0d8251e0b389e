import { FULFILMENT_TYPES, ORDER_STATUSES, PRODUCTION_STATUSES } from '@forma3d/contracts';
import { fragment, int, timestamptz, uuid } from '@forma3d/database';
import { z } from 'zod';

/** An order as decisions need it: where the work stands. The customer's part of the snapshot is not in it. */
export const orderRow = z.object({
  id: uuid,
  storeId: uuid,
  source: z.enum(['shopify', 'direct']),
  shopifyId: z.string().nullable(),
  publicId: z.string(),
  /** Follows the order through logs, events and tasks. */
  correlationId: z.string().nullable(),
  name: z.string(),
  currency: z.string(),
  placedAt: timestamptz,
  test: z.boolean(),
  status: z.enum(ORDER_STATUSES),
  shippingStatus: z.string().nullable(),
  fulfilmentType: z.enum(FULFILMENT_TYPES),
  /** The order's fulfillment orders have confirmed the type. */
  fulfilmentTypeFinal: z.boolean(),
  financialStatus: z.string().nullable(),
  shopifyUpdatedAt: timestamptz.nullable(),
  paidAt: timestamptz.nullable(),
  cancelledAt: timestamptz.nullable(),
  cancelReason: z.string().nullable(),
  acceptedAt: timestamptz.nullable(),
  readyAt: timestamptz.nullable(),
  completedAt: timestamptz.nullable(),
  productionStatus: z.enum(PRODUCTION_STATUSES),
  /** Null until the first plan; until then nothing can be complete. */
  plannedAt: timestamptz.nullable(),
  generation: int,
  readyGeneration: int,
  unitsWanted: int,
  printsWanted: int,
  printsSent: int,
  printsCompleted: int,
  printsFailed: int,
  linesUnmapped: int,
  /** The latest fulfillment failed for good. */
  fulfillmentFailed: z.boolean(),
  /** Everything of ours is fulfilled. */
  fulfilledAt: timestamptz.nullable(),
  shopifyFulfillmentId: z.string().nullable(),
  trackingNumber: z.string().nullable(),
  trackingUrl: z.string().nullable(),
  trackingCompany: z.string().nullable(),
});
export type OrderRow = z.output<typeof orderRow>;

/** The columns of `orders o` that make an OrderRow. */
export const orderColumns = fragment`
  o.id, o.store_id AS "storeId", o.source, o.shopify_id AS "shopifyId", o.public_id AS "publicId",
  o.correlation_id AS "correlationId", o.name, o.currency,
  o.placed_at AS "placedAt", o.test, o.status, o.shipping_status AS "shippingStatus",
  o.fulfilment_type AS "fulfilmentType", o.fulfilment_type_final AS "fulfilmentTypeFinal",
  o.financial_status AS "financialStatus", o.shopify_updated_at AS "shopifyUpdatedAt", o.paid_at AS "paidAt",
  o.cancelled_at AS "cancelledAt", o.cancel_reason AS "cancelReason", o.accepted_at AS "acceptedAt",
  o.ready_at AS "readyAt", o.completed_at AS "completedAt", o.production_status AS "productionStatus",
  o.planned_at AS "plannedAt", o.generation, o.ready_generation AS "readyGeneration", o.units_wanted AS "unitsWanted",
  o.prints_wanted AS "printsWanted", o.prints_sent AS "printsSent", o.prints_completed AS "printsCompleted",
  o.prints_failed AS "printsFailed", o.lines_unmapped AS "linesUnmapped", o.fulfillment_failed AS "fulfillmentFailed",
  o.fulfilled_at AS "fulfilledAt", o.shopify_fulfillment_id AS "shopifyFulfillmentId",
  o.tracking_number AS "trackingNumber", o.tracking_url AS "trackingUrl", o.tracking_company AS "trackingCompany"`;

/** A bought line as decisions need it. */
export const lineRow = z.object({
  id: uuid,
  shopifyId: z.string().nullable(),
  position: int,
  title: z.string(),
  variantTitle: z.string().nullable(),
  sku: z.string().nullable(),
  variantId: z.string().nullable(),
  productId: z.string().nullable(),
  /** As ordered; frozen. */
  quantity: int,
  /** After edits and refunds. */
  currentQuantity: int,
  /** Units for us to make; null until the first plan. */
  wanted: int.nullable(),
  held: int,
  fulfilledBefore: int.nullable(),
  exclusion: z.string().nullable(),
  unmappedReason: z.string().nullable(),
  giftCard: z.boolean(),
  tip: z.boolean(),
  fulfillmentService: z.string().nullable(),
  requiresShipping: z.boolean(),
});
export type LineRow = z.output<typeof lineRow>;

/** The columns of `line_item l` that make a LineRow. */
export const lineColumns = fragment`
  l.id, l.shopify_id AS "shopifyId", l.position, l.title, l.variant_title AS "variantTitle", l.sku,
  l.variant_id AS "variantId", l.product_id AS "productId", l.quantity, l.current_quantity AS "currentQuantity",
  l.wanted, l.held, l.fulfilled_before AS "fulfilledBefore", l.exclusion, l.unmapped_reason AS "unmappedReason",
  l.gift_card AS "giftCard", l.tip, l.fulfillment_service AS "fulfillmentService",
  l.requires_shipping AS "requiresShipping"`;
