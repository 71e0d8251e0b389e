import type { Shop } from './shop';
import type { FulfillmentOrderRecord, FulfillmentRecord, LineRecord, OrderRecord, RefundRecord, TransactionRecord } from './shop-types';

/** An object of the Admin schema. Fields with arguments, and fields that lead on to other objects, are functions. */
export type Node = Record<string, unknown> & { __typename: string };

/** What fields with arguments are called with. */
export type Args = Record<string, unknown>;

/**
 * Makes the objects of the Admin API out of the shop's records. One place that knows all kinds, because the kinds lead to each other in circles: an
 * order to its fulfillments, a fulfillment to its order.
 */
export interface Nodes {
  shop: Shop;
  order: (order: OrderRecord) => Node;
  line: (order: OrderRecord, line: LineRecord) => Node;
  product: (id: string | null) => Node | null;
  variant: (id: string | null) => Node | null;
  fulfillment: (order: OrderRecord, fulfillment: FulfillmentRecord) => Node;
  fulfillmentOrder: (order: OrderRecord, fulfillmentOrder: FulfillmentOrderRecord) => Node;
  refund: (order: OrderRecord, refund: RefundRecord) => Node;
  transaction: (order: OrderRecord, transaction: TransactionRecord) => Node;
  location: (id: string) => Node;
  service: (handle: string) => Node;
}
