import type { ShopifyFulfillmentOrder, ShopifyLineItem, ShopifyOrder } from '@forma3d/shopify';

/** Why none of a line is for us to make. */
export type Exclusion =
  | 'gift_card'
  | 'tip'
  | 'other_service'
  | 'point_of_sale'
  | 'test_order'
  | 'already_fulfilled'
  | 'no_units';

/** Which units of a line are ours to make. */
export interface WantedUnits {
  wanted: number;
  /** Of these: on hold or scheduled, not to be started yet. */
  held: number;
  /** Units fulfilled before we first looked; to be kept and passed in from then on. */
  fulfilledBefore: number;
  /** Set exactly when nothing is wanted. */
  exclusion: Exclusion | null;
}

export interface WantedUnitsOptions {
  /** What the first plan froze; null at the first plan. */
  fulfilledBefore: number | null;
  /** Store policy `print_on_hold`. */
  printOnHold: boolean;
  /** Store policy `produce_test_orders`. */
  produceTestOrders: boolean;
}

const HELD = new Set(['ON_HOLD', 'SCHEDULED']);

/**
 * Which units of a line are ours to make: those in fulfillment orders at our own locations, without what was fulfilled
 * before we first looked, and never gift cards, tips, point-of-sale units, other services' lines or (by policy) test orders.
 *
 * Units that we fulfil ourselves later stay wanted, so that counts do not fall while the order is being shipped.
 *
 * @returns undefined while Shopify has not routed the order to fulfillment orders yet: the plan waits
 */
export function wantedUnits(
  order: Pick<ShopifyOrder, 'test' | 'fulfillmentOrders'>,
  line: Pick<ShopifyLineItem, 'id' | 'currentQuantity' | 'giftCard' | 'tip' | 'fulfillmentService'>,
  options: WantedUnitsOptions,
): WantedUnits | undefined {
  const none = (exclusion: Exclusion, fulfilledBefore = options.fulfilledBefore ?? 0): WantedUnits => ({
    wanted: 0,
    held: 0,
    fulfilledBefore,
    exclusion,
  });
  if (order.test && !options.produceTestOrders) return none('test_order');
  if (line.giftCard) return none('gift_card');
  if (line.tip) return none('tip');
  if (line.fulfillmentService !== null && line.fulfillmentService !== 'manual') return none('other_service');
  if (order.fulfillmentOrders === null || order.fulfillmentOrders.length === 0) return undefined;

  const standing = order.fulfillmentOrders.filter((each) => each.status !== 'CANCELLED' && carries(each, line.id));
  const ours = standing.filter((each) => each.ours && each.deliveryMethod !== 'RETAIL');
  if (ours.length === 0) {
    if (standing.some((each) => each.ours)) return none('point_of_sale');
    return none(standing.length > 0 ? 'other_service' : 'no_units');
  }
  const total = units(ours, line.id, (each) => each.totalQuantity);
  const remaining = units(ours, line.id, (each) => each.remainingQuantity);
  const fulfilledBefore = options.fulfilledBefore ?? total - remaining;
  const wanted = Math.max(0, Math.min(line.currentQuantity, total) - fulfilledBefore);
  if (wanted === 0) return none(fulfilledBefore > 0 ? 'already_fulfilled' : 'no_units', fulfilledBefore);
  const onHold = units(ours.filter((each) => HELD.has(each.status)), line.id, (each) => each.remainingQuantity);
  return { wanted, held: options.printOnHold ? 0 : Math.min(wanted, onHold), fulfilledBefore, exclusion: null };
}

/**
 * Whether some of a line's units are in no fulfillment order, ours or another's: Shopify routes what an edit added only after it has
 * told of the edit.
 */
export function isPartlyUnrouted(
  order: Pick<ShopifyOrder, 'fulfillmentOrders'>,
  line: Pick<ShopifyLineItem, 'id' | 'currentQuantity'>,
  { exclusion }: Pick<WantedUnits, 'exclusion'>,
): boolean {
  if (exclusion !== null && exclusion !== 'no_units') return false;
  const standing = (order.fulfillmentOrders ?? []).filter((each) => each.status !== 'CANCELLED');
  return units(standing, line.id, (each) => each.totalQuantity) < line.currentQuantity;
}

function carries(fulfillmentOrder: ShopifyFulfillmentOrder, lineItemId: string): boolean {
  return fulfillmentOrder.lines.some((each) => each.lineItemId === lineItemId);
}

function units(
  fulfillmentOrders: readonly ShopifyFulfillmentOrder[],
  lineItemId: string,
  count: (line: ShopifyFulfillmentOrder['lines'][number]) => number,
): number {
  return fulfillmentOrders
    .flatMap((each) => each.lines)
    .filter((each) => each.lineItemId === lineItemId)
    .reduce((sum, each) => sum + count(each), 0);
}
