import type { FulfillmentWork, ShopifyFulfillmentOrder } from '@forma3d/shopify';

/** What the plan needs to know of one of our lines. */
export interface PlannableLine {
  /** The line's id at Shopify; lines without one cannot be fulfilled there. */
  shopifyId: string | null;
  /** Units for us to make; null before the first production plan. */
  wanted: number | null;
  fulfilledBefore: number | null;
  /** Why none of the line is for us to make; null when some is. */
  exclusion: string | null;
  giftCard: boolean;
  tip: boolean;
}

/** What may be handed over now. Fulfillment orders on hold or scheduled wait whatever this says. */
export interface Release {
  /** Every open unit at our own locations, produced or not. */
  everything: boolean;
  shipping: boolean;
  /** The customer collected: what waits at the counter is fulfilled. */
  pickup: boolean;
  /** The goods wait at the counter: the customer may be told. */
  prepare: boolean;
}

/** Ids are Shopify's. */
export interface PlannedLine {
  fulfillmentOrderId: string;
  fulfillmentOrderLineItemId: string;
  lineItemId: string;
  quantity: number;
}

export interface PlannedPart {
  /** Null where Shopify names no location. */
  locationId: string | null;
  lines: PlannedLine[];
}

export interface FulfillmentPlan {
  /** One call each: all fulfillment orders of a call stand at one location. */
  calls: PlannedPart[];
  /** Fulfillment orders whose goods wait at the counter, by location. */
  prepare: PlannedPart[];
  /** Ours, but Shopify would refuse it now: on hold, scheduled, or in some other hands. */
  waiting: (PlannedPart & { reason: 'on_hold' | 'scheduled' | 'not_offered'; until: Date | null })[];
  /** Ours and open, but not released: not yet shipped, not yet collected. */
  unreleased: PlannedPart[];
  /** Nothing of ours is open any more. */
  complete: boolean;
}

/** Lines that never belong to a production order of ours, not even by force. */
const NEVER_OURS = new Set(['gift_card', 'tip', 'other_service', 'point_of_sale']);
/** Fulfillments that count no units. */
export const VOID = new Set(['CANCELLED', 'ERROR', 'FAILURE']);
/** Fulfillment orders in which nothing is open any more. */
const GONE = new Set(['CLOSED', 'CANCELLED']);

type Fate = 'call' | 'prepare' | 'unreleased' | 'on_hold' | 'scheduled' | 'not_offered';

/**
 * Which units to fulfill, in which fulfillment orders, from what Shopify holds now. Quantities are always explicit: leaving
 * them out would fulfill units of other services and units that nobody made.
 */
export function planFulfillment(
  work: Pick<FulfillmentWork, 'fulfillments' | 'fulfillmentOrders'>,
  lines: readonly PlannableLine[],
  release: Release,
): FulfillmentPlan {
  const left = openUnits(work, lines, release.everything);
  const plan: FulfillmentPlan = { calls: [], prepare: [], waiting: [], unreleased: [], complete: false };
  // Those that can go now take their units first: what waits must not reserve units that are ready.
  const open = work.fulfillmentOrders.filter((order) => isForUs(order) && !GONE.has(order.status));
  const fates = open.map((order) => ({ order, fate: fateOf(order, release) }));
  for (const { order, fate } of fates.sort((a, b) => Number(b.fate === 'call') - Number(a.fate === 'call'))) {
    const taken = take(order, left);
    if (taken.length === 0) continue;
    if (fate === 'call') addTo(plan.calls, order.locationId, taken);
    else if (fate === 'prepare') addTo(plan.prepare, order.locationId, taken);
    else if (fate === 'unreleased') addTo(plan.unreleased, order.locationId, taken);
    else plan.waiting.push({ locationId: order.locationId, lines: taken, reason: fate, until: order.fulfillAt });
  }
  plan.complete = [plan.calls, plan.prepare, plan.waiting, plan.unreleased].every((part) => part.length === 0);
  return plan;
}

function isForUs(order: ShopifyFulfillmentOrder): boolean {
  return order.ours && order.deliveryMethod !== 'RETAIL';
}

function fateOf(order: ShopifyFulfillmentOrder, release: Release): Fate {
  switch (order.status) {
    case 'ON_HOLD':
      return 'on_hold';
    case 'SCHEDULED':
      return 'scheduled';
    case 'OPEN':
    case 'IN_PROGRESS':
      break;
    default:
      return 'not_offered';
  }
  const pickup = order.deliveryMethod === 'PICK_UP';
  if (release.everything || (pickup ? release.pickup : release.shipping)) {
    return order.supportedActions.includes('CREATE_FULFILLMENT') ? 'call' : 'not_offered';
  }
  return pickup && release.prepare ? 'prepare' : 'unreleased';
}

/** Goods of ours, whether or not any unit of them is ours to make now. */
export function mayBeOurs(line: PlannableLine): boolean {
  return !line.giftCard && !line.tip && (line.exclusion === null || !NEVER_OURS.has(line.exclusion));
}

/** Units still to be fulfilled, by line item. */
function openUnits(
  work: Pick<FulfillmentWork, 'fulfillments' | 'fulfillmentOrders'>,
  lines: readonly PlannableLine[],
  everything: boolean,
): Map<string, number> {
  const left = new Map<string, number>();
  for (const line of lines) {
    if (line.shopifyId === null) continue;
    if (everything) {
      if (mayBeOurs(line)) left.set(line.shopifyId, Number.POSITIVE_INFINITY);
      continue;
    }
    const ours = fulfilledByUs(work, line.shopifyId) - (line.fulfilledBefore ?? 0);
    const open = (line.wanted ?? 0) - Math.max(0, ours);
    if (open > 0) left.set(line.shopifyId, open);
  }
  return left;
}

/**
 * Units of a line fulfilled from our own locations. Counted over fulfillments, not over fulfillment orders: a cancelled
 * fulfillment leaves its closed fulfillment order behind and opens another for the same units.
 */
function fulfilledByUs(work: Pick<FulfillmentWork, 'fulfillments' | 'fulfillmentOrders'>, lineItemId: string): number {
  const all = work.fulfillments
    .filter((fulfillment) => !VOID.has(fulfillment.status))
    .flatMap((fulfillment) => fulfillment.lines)
    .reduce((sum, line) => sum + (line.lineItemId === lineItemId ? line.quantity : 0), 0);
  const byOthers = work.fulfillmentOrders
    .filter((order) => !isForUs(order))
    .flatMap((order) => order.lines)
    .reduce((sum, line) => sum + (line.lineItemId === lineItemId ? line.totalQuantity - line.remainingQuantity : 0), 0);
  return Math.max(0, all - byOthers);
}

function take(order: ShopifyFulfillmentOrder, left: Map<string, number>): PlannedLine[] {
  const taken: PlannedLine[] = [];
  for (const line of order.lines) {
    const open = left.get(line.lineItemId) ?? 0;
    const quantity = Math.min(line.remainingQuantity, open);
    if (quantity <= 0) continue;
    left.set(line.lineItemId, open - quantity);
    taken.push({
      fulfillmentOrderId: order.id,
      fulfillmentOrderLineItemId: line.id,
      lineItemId: line.lineItemId,
      quantity,
    });
  }
  return taken;
}

function addTo(parts: PlannedPart[], locationId: string | null, lines: PlannedLine[]): void {
  // Without a location nothing says that two fulfillment orders may share a call.
  const part = locationId === null ? undefined : parts.find((each) => each.locationId === locationId);
  if (part) part.lines.push(...lines);
  else parts.push({ locationId, lines });
}

/** The lines of a part in the shape of Shopify's call. */
export function groupsOf(part: PlannedPart): { fulfillmentOrderId: string; lines: { id: string; quantity: number }[] }[] {
  const groups = new Map<string, { id: string; quantity: number }[]>();
  for (const line of part.lines) {
    const entry = { id: line.fulfillmentOrderLineItemId, quantity: line.quantity };
    groups.set(line.fulfillmentOrderId, [...(groups.get(line.fulfillmentOrderId) ?? []), entry]);
  }
  return [...groups].map(([fulfillmentOrderId, lines]) => ({ fulfillmentOrderId, lines }));
}
