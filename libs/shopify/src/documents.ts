import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * One of our GraphQL documents: a whole literal file in `documents/`, so that tools can check it.
 *
 * `cost` is what Shopify may charge at most, in query cost points (at most 1000 a query; the real charge is usually far
 * lower and comes with the answer, but the most must be there when the call is made): 1 an object, 2 + n × a node for a connection, n × an item for a list with `first`,
 * 10 for a mutation. `documents.spec.ts` reckons it from the published schema and holds this table against it.
 */
export interface ShopifyDocument {
  /** The name of the operation, in Shopify's words where it is a single mutation. */
  operation: string;
  kind: 'query' | 'mutation';
  cost: number;
  text: string;
}

function load(file: string, kind: ShopifyDocument['kind'], operation: string, cost: number): ShopifyDocument {
  return { operation, kind, cost, text: readFileSync(join(__dirname, 'documents', `${file}.graphql`), 'utf8') };
}

/** Every document, read once when this module loads: a missing file ends the start, not a call at night. */
export const DOCUMENTS = {
  changedOrders: load('changed-orders', 'query', 'changedOrders', 102),
  fulfillment: load('fulfillment', 'query', 'fulfillment', 204),
  fulfillmentCancel: load('fulfillment-cancel', 'mutation', 'fulfillmentCancel', 14),
  fulfillmentCreate: load('fulfillment-create', 'mutation', 'fulfillmentCreate', 14),
  fulfillmentOrderLineItems: load('fulfillment-order-line-items', 'query', 'fulfillmentOrderLineItems', 203),
  fulfillmentOrderOrder: load('fulfillment-order-order', 'query', 'fulfillmentOrderOrder', 1),
  fulfillmentTrackingInfoUpdate: load('fulfillment-tracking-info-update', 'mutation', 'fulfillmentTrackingInfoUpdate', 14),
  job: load('job', 'query', 'job', 1),
  order: load('order', 'query', 'order', 211),
  orderCancel: load('order-cancel', 'mutation', 'orderCancel', 13),
  orderFulfillmentIds: load('order-fulfillment-ids', 'query', 'orderFulfillmentIds', 251),
  orderFulfillmentOrders: load('order-fulfillment-orders', 'query', 'orderFulfillmentOrders', 283),
  orderFulfillmentWork: load('order-fulfillment-work', 'query', 'orderFulfillmentWork', 111),
  orderLineItems: load('order-line-items', 'query', 'orderLineItems', 303),
  orderRefundIds: load('order-refund-ids', 'query', 'orderRefundIds', 251),
  preparedForPickup: load(
    'fulfillment-order-prepared-for-pickup',
    'mutation',
    'fulfillmentOrderLineItemsPreparedForPickup',
    12,
  ),
  refund: load('refund', 'query', 'refund', 217),
  shop: load('shop', 'query', 'shop', 1),
  webhookSubscriptionCreate: load('webhook-subscription-create', 'mutation', 'webhookSubscriptionCreate', 13),
  webhookSubscriptions: load('webhook-subscriptions', 'query', 'webhookSubscriptions', 27),
} as const satisfies Record<string, ShopifyDocument>;
