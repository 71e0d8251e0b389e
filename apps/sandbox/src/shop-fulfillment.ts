import type { Shop, ShopEvent } from './shop';
import { isFulfillable, isOpen, sum } from './shop-money';
import type {
  FulfillmentOrderRecord,
  FulfillmentOrderStatus,
  FulfillmentRecord,
  Id,
  OrderRecord,
  TrackingRecord,
} from './shop-types';

/** What Shopify answers in `userErrors` where a mutation is refused. The texts were recorded from live answers (July 2026). */
export interface UserError {
  field: string[] | null;
  message: string;
  code?: string;
}

export type Outcome<T> = { ok: T } | { errors: UserError[] };

const refused = (message: string): { errors: UserError[] } => ({ errors: [{ field: ['fulfillment'], message }] });

/**
 * Makes the fulfillment orders of an order: one for each location, service and way of delivery. Shopify does so a short
 * moment after `orders/create`, and says so with `fulfillment_orders/order_routing_complete`, one for each.
 */
export function routeOrder(shop: Shop, order: OrderRecord): void {
  if (order.routed) return;
  order.routed = true;
  if (order.cancelledAt) return;
  for (const line of order.lines) {
    if (isFulfillable(line) && line.currentQuantity > 0) addToFulfillmentOrders(shop, order, line.id, line.currentQuantity);
  }
  shop.touch(order);
  shop.emit(
    ...order.fulfillmentOrders.map(
      (fulfillmentOrder): ShopEvent => ({ topic: 'fulfillment_orders/order_routing_complete', order, fulfillmentOrder }),
    ),
    { topic: 'orders/updated', order },
  );
  fulfillGiftCards(shop, order);
}

/** Puts units of a line into the fulfillment order they belong to, a new one if there is none open. */
export function addToFulfillmentOrders(shop: Shop, order: OrderRecord, lineId: Id, quantity: number): void {
  const line = order.lines.find((candidate) => candidate.id === lineId);
  if (!line || quantity <= 0) return;
  const group = order.fulfillmentOrders.find(
    (candidate) =>
      isOpen(candidate) &&
      candidate.locationId === line.locationId &&
      candidate.delivery === line.delivery &&
      candidate.lines.every((entry) => {
        const other = order.lines.find((each) => each.id === entry.lineItemId);
        return other?.service === line.service;
      }),
  );
  const target = group ?? newFulfillmentOrder(shop, order, line.locationId, line.delivery);
  const entry = target.lines.find((candidate) => candidate.lineItemId === lineId);
  if (entry) {
    entry.totalQuantity += quantity;
    entry.remainingQuantity += quantity;
  } else {
    target.lines.push({ id: shop.newId(), lineItemId: lineId, totalQuantity: quantity, remainingQuantity: quantity });
  }
  target.updatedAt = shop.now();
}

function newFulfillmentOrder(
  shop: Shop,
  order: OrderRecord,
  locationId: Id,
  delivery: FulfillmentOrderRecord['delivery'],
): FulfillmentOrderRecord {
  const scheduled = order.fulfillAt !== null && order.fulfillAt > shop.now();
  const fulfillmentOrder: FulfillmentOrderRecord = {
    id: shop.newId(),
    locationId,
    delivery,
    status: order.holdAtRouting ? 'ON_HOLD' : scheduled ? 'SCHEDULED' : 'OPEN',
    createdAt: shop.now(),
    updatedAt: shop.now(),
    fulfillAt: order.fulfillAt,
    holds: order.holdAtRouting ? [{ id: shop.newId(), reason: 'OTHER', notes: null, handle: '' }] : [],
    preparedForPickup: false,
    lines: [],
  };
  order.fulfillmentOrders.push(fulfillmentOrder);
  return fulfillmentOrder;
}

/** Shopify fulfills gift cards by itself once they are paid. */
export function fulfillGiftCards(shop: Shop, order: OrderRecord): void {
  const paid = order.transactions.some((transaction) => transaction.kind === 'sale');
  if (!order.routed || !paid || order.cancelledAt) return;
  for (const fulfillmentOrder of order.fulfillmentOrders.filter((candidate) => candidate.status === 'OPEN')) {
    const cards = fulfillmentOrder.lines.every(
      (entry) => order.lines.find((line) => line.id === entry.lineItemId)?.service === 'gift_card',
    );
    if (cards) createFulfillment(shop, { groups: [{ fulfillmentOrderId: fulfillmentOrder.id }], notify: false });
  }
}

/** Scheduled fulfillment orders open when their day has come. */
export function openScheduled(shop: Shop, order: OrderRecord): void {
  const due = order.fulfillmentOrders.filter(
    (candidate) => candidate.status === 'SCHEDULED' && candidate.fulfillAt !== null && candidate.fulfillAt <= shop.now(),
  );
  if (due.length === 0) return;
  for (const fulfillmentOrder of due) setStatus(shop, fulfillmentOrder, 'OPEN');
  shop.touch(order);
  shop.emit({ topic: 'orders/updated', order });
}

export interface FulfillmentRequest {
  groups: { fulfillmentOrderId: Id; lines?: { id: Id; quantity: number }[] }[];
  notify: boolean;
  tracking?: TrackingRecord;
}

const NO_TRACKING: TrackingRecord = { company: null, numbers: [], urls: [] };

/** `fulfillmentCreate`: fulfills units of one order from one location, or says why not and does nothing. */
export function createFulfillment(shop: Shop, request: FulfillmentRequest): Outcome<FulfillmentRecord> {
  const found = request.groups.map((group) => ({ group, match: shop.findFulfillmentOrder(group.fulfillmentOrderId) }));
  const first = found[0]?.match;
  if (!first) return refused('Fulfillment order does not exist.');
  const planned: FulfillmentRecord['lines'] = [];
  const locations = new Set<Id>();
  for (const { group, match } of found) {
    if (!match) return refused('Fulfillment order does not exist.');
    const { order, fulfillmentOrder } = match;
    if (order !== first.order) return refused('All fulfillment orders must belong to the same order.');
    if (!['OPEN', 'IN_PROGRESS'].includes(fulfillmentOrder.status)) {
      const status = fulfillmentOrder.status.toLowerCase();
      return refused(`Fulfillment order ${fulfillmentOrder.id} has an unfulfillable status= ${status}.`);
    }
    locations.add(fulfillmentOrder.locationId);
    const wanted =
      group.lines && group.lines.length > 0
        ? group.lines
        : fulfillmentOrder.lines.map((line) => ({ id: line.id, quantity: line.remainingQuantity }));
    for (const { id, quantity } of wanted) {
      const line = fulfillmentOrder.lines.find((candidate) => candidate.id === id);
      const already = sum(planned, (entry) => (entry.fulfillmentOrderLineItemId === id ? entry.quantity : 0));
      if (!line || quantity < 0 || quantity + already > line.remainingQuantity || (quantity === 0 && group.lines?.length)) {
        return refused('Invalid fulfillment order line item quantity requested.');
      }
      if (quantity === 0) continue;
      planned.push({
        id: shop.newId(),
        lineItemId: line.lineItemId,
        fulfillmentOrderId: fulfillmentOrder.id,
        fulfillmentOrderLineItemId: line.id,
        quantity,
      });
    }
  }
  if (locations.size > 1) {
    const ids = [...locations].join(', ');
    return refused(
      `All fulfillment orders must be assigned to a single location. Multiple locations with ids [${ids}] were found.`,
    );
  }
  if (planned.length === 0) return refused('Invalid fulfillment order line item quantity requested.');
  return { ok: carryOut(shop, first.order, first.fulfillmentOrder.locationId, planned, request) };
}

function carryOut(
  shop: Shop,
  order: OrderRecord,
  locationId: Id,
  lines: FulfillmentRecord['lines'],
  request: FulfillmentRequest,
): FulfillmentRecord {
  for (const planned of lines) {
    const fulfillmentOrder = order.fulfillmentOrders.find((candidate) => candidate.id === planned.fulfillmentOrderId);
    const line = fulfillmentOrder?.lines.find((candidate) => candidate.id === planned.fulfillmentOrderLineItemId);
    if (!fulfillmentOrder || !line) continue;
    line.remainingQuantity -= planned.quantity;
    closeWhenDone(shop, fulfillmentOrder);
  }
  const firstLine = order.lines.find((line) => line.id === lines[0]?.lineItemId);
  const fulfillment: FulfillmentRecord = {
    id: shop.newId(),
    status: 'SUCCESS',
    service: firstLine?.service ?? 'manual',
    locationId,
    createdAt: shop.now(),
    updatedAt: shop.now(),
    tracking: structuredClone(request.tracking ?? NO_TRACKING),
    notified: request.notify,
    lines,
  };
  order.fulfillments.push(fulfillment);
  shop.touch(order);
  shop.emit({ topic: 'fulfillments/create', order, fulfillment }, { topic: 'orders/updated', order });
  return fulfillment;
}

/** `fulfillmentCancel`: the units come back in a new open fulfillment order. Cancelling twice succeeds and does nothing. */
export function cancelFulfillment(shop: Shop, id: Id): Outcome<FulfillmentRecord> {
  const found = shop.findFulfillment(id);
  if (!found) return { errors: [{ field: ['id'], message: 'Fulfillment not found.' }] };
  const { order, fulfillment } = found;
  if (fulfillment.status === 'CANCELLED') return { ok: fulfillment };
  fulfillment.status = 'CANCELLED';
  fulfillment.updatedAt = shop.now();
  const original = order.fulfillmentOrders.find((candidate) => candidate.id === fulfillment.lines[0]?.fulfillmentOrderId);
  order.holdAtRouting = false;
  const reopened = newFulfillmentOrder(shop, order, fulfillment.locationId, original?.delivery ?? 'SHIPPING');
  reopened.status = 'OPEN';
  for (const line of fulfillment.lines) {
    const quantity = line.quantity;
    reopened.lines.push({ id: shop.newId(), lineItemId: line.lineItemId, totalQuantity: quantity, remainingQuantity: quantity });
  }
  shop.touch(order);
  shop.emit({ topic: 'fulfillments/update', order, fulfillment }, { topic: 'orders/updated', order });
  return { ok: fulfillment };
}

/** `fulfillmentTrackingInfoUpdate`. */
export function updateTracking(shop: Shop, id: Id, tracking: TrackingRecord, notify: boolean): Outcome<FulfillmentRecord> {
  const found = shop.findFulfillment(id);
  if (!found) return { errors: [{ field: ['fulfillmentId'], message: 'Fulfillment does not exist.' }] };
  const { order, fulfillment } = found;
  if (fulfillment.status === 'CANCELLED') {
    return { errors: [{ field: ['fulfillmentId'], message: 'Fulfillment is cancelled.' }] };
  }
  fulfillment.tracking = structuredClone(tracking);
  fulfillment.notified ||= notify;
  fulfillment.updatedAt = shop.now();
  shop.touch(order);
  shop.emit({ topic: 'fulfillments/update', order, fulfillment }, { topic: 'orders/updated', order });
  return { ok: fulfillment };
}

/** Takes units of a line that are not fulfilled yet out of the order; says how many there were. */
export function removeUnfulfilled(shop: Shop, order: OrderRecord, lineId: Id, quantity: number): number {
  let left = quantity;
  for (const fulfillmentOrder of order.fulfillmentOrders.filter(isOpen).reverse()) {
    for (const entry of fulfillmentOrder.lines.filter((candidate) => candidate.lineItemId === lineId)) {
      const taken = Math.min(left, entry.remainingQuantity);
      entry.remainingQuantity -= taken;
      entry.totalQuantity -= taken;
      left -= taken;
    }
    fulfillmentOrder.lines = fulfillmentOrder.lines.filter((entry) => entry.totalQuantity > 0);
    if (left !== quantity) closeWhenDone(shop, fulfillmentOrder);
    if (left === 0) break;
  }
  return quantity - left;
}

export function setStatus(shop: Shop, fulfillmentOrder: FulfillmentOrderRecord, status: FulfillmentOrderStatus): void {
  fulfillmentOrder.status = status;
  fulfillmentOrder.updatedAt = shop.now();
}

function closeWhenDone(shop: Shop, fulfillmentOrder: FulfillmentOrderRecord): void {
  const remaining = sum(fulfillmentOrder.lines, (line) => line.remainingQuantity);
  const started = fulfillmentOrder.lines.some((line) => line.remainingQuantity < line.totalQuantity);
  if (remaining === 0) setStatus(shop, fulfillmentOrder, 'CLOSED');
  else if (started && fulfillmentOrder.status === 'OPEN') setStatus(shop, fulfillmentOrder, 'IN_PROGRESS');
}
