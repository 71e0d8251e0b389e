import type { Shop, ShopEvent } from './shop';
import { isOpen } from './shop-money';
import { setStatus, type Outcome } from './shop-fulfillment';
import type { FulfillmentOrderRecord, Id } from './shop-types';

const notFound = {
  errors: [{ field: ['id'], message: 'Fulfillment order does not exist.', code: 'FULFILLMENT_ORDER_NOT_FOUND' }],
};

export interface Held {
  held: FulfillmentOrderRecord;
  /** What is not held, split off; null when everything is. */
  remaining: FulfillmentOrderRecord | null;
  holdId: Id;
}

/**
 * `fulfillmentOrderHold`: puts a fulfillment order on hold. With lines only those are held, and the rest is split off into a
 * fulfillment order of its own.
 */
export function holdFulfillmentOrder(
  shop: Shop,
  id: Id,
  hold: { reason: string; notes: string | null; handle: string; lines: { id: Id; quantity: number }[] },
): Outcome<Held> {
  const found = shop.findFulfillmentOrder(id);
  if (!found) return notFound;
  const { order, fulfillmentOrder } = found;
  if (!isOpen(fulfillmentOrder)) {
    const message = `Fulfillment order has a status of ${fulfillmentOrder.status.toLowerCase()} and cannot be held.`;
    return { errors: [{ field: ['id'], message, code: 'TAKEN' }] };
  }
  if (fulfillmentOrder.holds.some((existing) => existing.handle === hold.handle)) {
    return {
      errors: [
        {
          field: ['fulfillmentHold', 'handle'],
          message: 'The handle provided for the fulfillment hold is already in use by this app for another hold on this fulfillment order.',
          code: 'DUPLICATE_FULFILLMENT_HOLD_HANDLE',
        },
      ],
    };
  }
  for (const wanted of hold.lines) {
    const line = fulfillmentOrder.lines.find((candidate) => candidate.id === wanted.id);
    if (!line || wanted.quantity < 1 || wanted.quantity > line.remainingQuantity) {
      const message = 'Invalid fulfillment order line item quantity requested.';
      return { errors: [{ field: ['fulfillmentHold', 'fulfillmentOrderLineItems'], message, code: 'INVALID_LINE_ITEM_QUANTITY' }] };
    }
  }
  const remaining = hold.lines.length > 0 ? splitOff(shop, fulfillmentOrder, hold.lines) : null;
  if (remaining) order.fulfillmentOrders.push(remaining);
  const holdId = shop.newId();
  fulfillmentOrder.holds.push({ id: holdId, reason: hold.reason, notes: hold.notes, handle: hold.handle });
  setStatus(shop, fulfillmentOrder, 'ON_HOLD');
  shop.touch(order);
  shop.emit(
    { topic: 'fulfillment_orders/placed_on_hold', order, fulfillmentOrder },
    { topic: 'orders/updated', order },
  );
  return { ok: { held: fulfillmentOrder, remaining, holdId } };
}

/** Moves everything but `kept` into a new fulfillment order; null when nothing is left over. */
function splitOff(
  shop: Shop,
  fulfillmentOrder: FulfillmentOrderRecord,
  kept: { id: Id; quantity: number }[],
): FulfillmentOrderRecord | null {
  const rest: FulfillmentOrderRecord['lines'] = [];
  for (const line of fulfillmentOrder.lines) {
    const keep = kept.find((candidate) => candidate.id === line.id)?.quantity ?? 0;
    const moved = line.remainingQuantity - keep;
    if (moved <= 0) continue;
    rest.push({ id: shop.newId(), lineItemId: line.lineItemId, totalQuantity: moved, remainingQuantity: moved });
    line.remainingQuantity -= moved;
    line.totalQuantity -= moved;
  }
  fulfillmentOrder.lines = fulfillmentOrder.lines.filter((line) => line.totalQuantity > 0);
  if (rest.length === 0) return null;
  return { ...fulfillmentOrder, id: shop.newId(), createdAt: shop.now(), updatedAt: shop.now(), holds: [], lines: rest };
}

/** `fulfillmentOrderReleaseHold`: takes the named holds away, all when none is named. */
export function releaseHold(shop: Shop, id: Id, holdIds: Id[] | null): Outcome<FulfillmentOrderRecord> {
  const found = shop.findFulfillmentOrder(id);
  if (!found) return notFound;
  const { order, fulfillmentOrder } = found;
  const events: ShopEvent[] = [];
  if (fulfillmentOrder.status === 'ON_HOLD') {
    fulfillmentOrder.holds = fulfillmentOrder.holds.filter((hold) => holdIds !== null && !holdIds.includes(hold.id));
    if (fulfillmentOrder.holds.length === 0) {
      const scheduled = fulfillmentOrder.fulfillAt !== null && fulfillmentOrder.fulfillAt > shop.now();
      setStatus(shop, fulfillmentOrder, scheduled ? 'SCHEDULED' : 'OPEN');
      events.push({ topic: 'fulfillment_orders/hold_released', order, fulfillmentOrder });
    }
    order.holdAtRouting = false;
    shop.touch(order);
    shop.emit(...events, { topic: 'orders/updated', order });
  }
  return { ok: fulfillmentOrder };
}

/** `fulfillmentOrderLineItemsPreparedForPickup`: tells the customer that everything of these waits at the counter. */
export function preparedForPickup(shop: Shop, ids: Id[]): Outcome<true> {
  const found = ids.map((id) => shop.findFulfillmentOrder(id));
  const errors = found.flatMap((match, index) => {
    const field = ['input', 'lineItemsByFulfillmentOrder', String(index), 'fulfillmentOrderId'];
    if (!match) return [{ field, message: 'Fulfillment order does not exist.', code: 'FULFILLMENT_ORDER_INVALID' }];
    const { fulfillmentOrder } = match;
    if (fulfillmentOrder.delivery !== 'PICK_UP' || !['OPEN', 'IN_PROGRESS'].includes(fulfillmentOrder.status)) {
      const message = 'Invalid fulfillment order.';
      return [{ field, message, code: 'FULFILLMENT_ORDER_INVALID' }];
    }
    if (fulfillmentOrder.preparedForPickup) {
      const message = 'There are no line items to prepare for this fulfillment order.';
      return [{ field, message, code: 'NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER' }];
    }
    return [];
  });
  if (errors.length > 0) return { errors };
  for (const match of found) {
    if (!match) continue;
    match.fulfillmentOrder.preparedForPickup = true;
    match.fulfillmentOrder.updatedAt = shop.now();
    shop.touch(match.order);
    shop.emit({ topic: 'orders/updated', order: match.order });
  }
  return { ok: true };
}
