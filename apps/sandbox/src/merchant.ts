import type { SandboxFulfill, SandboxHold } from '@forma3d/contracts';

import { ShopRefusal, type Shop } from './shop';
import { createFulfillment } from './shop-fulfillment';
import { holdFulfillmentOrder, releaseHold } from './shop-holds';
import { lineOf } from './shop-refunds';
import type { FulfillmentOrderRecord, OrderRecord } from './shop-types';

/** What merchants do in Shopify's own admin, by line instead of by fulfillment order. */

type Wanted = SandboxHold['lines'];

/** Which units of which fulfillment orders are meant; every open one, whole, when no line is named. */
function unitsOf(
  order: OrderRecord,
  wanted: Wanted,
  statuses: FulfillmentOrderRecord['status'][],
): Map<FulfillmentOrderRecord, { id: string; quantity: number }[]> {
  const open = order.fulfillmentOrders.filter((entry) => statuses.includes(entry.status));
  if (!wanted) return new Map(open.map((entry) => [entry, []]));
  const units = new Map<FulfillmentOrderRecord, { id: string; quantity: number }[]>();
  for (const entry of wanted) {
    const line = lineOf(order, entry);
    let left = entry.quantity;
    for (const fulfillmentOrder of open) {
      for (const candidate of fulfillmentOrder.lines.filter((each) => each.lineItemId === line.id)) {
        const quantity = Math.min(left, candidate.remainingQuantity);
        if (quantity === 0) continue;
        units.set(fulfillmentOrder, [...(units.get(fulfillmentOrder) ?? []), { id: candidate.id, quantity }]);
        left -= quantity;
      }
    }
    if (left > 0) throw new ShopRefusal(409, `${left} of ${line.sku ?? line.title} are not open.`);
  }
  return units;
}

export function holdByMerchant(shop: Shop, order: OrderRecord, hold: SandboxHold): void {
  if (!order.routed) {
    order.holdAtRouting = true;
    return;
  }
  const units = unitsOf(order, hold.lines, ['OPEN', 'IN_PROGRESS', 'SCHEDULED']);
  if (units.size === 0) throw new ShopRefusal(409, 'The order has no open fulfillment order.');
  for (const [fulfillmentOrder, lines] of units) {
    const outcome = holdFulfillmentOrder(shop, fulfillmentOrder.id, { reason: hold.reason, notes: null, handle: '', lines });
    if ('errors' in outcome) throw new ShopRefusal(409, outcome.errors[0]?.message ?? 'It cannot be held.');
  }
}

export function releaseByMerchant(shop: Shop, order: OrderRecord): void {
  order.holdAtRouting = false;
  const held = order.fulfillmentOrders.filter((entry) => entry.status === 'ON_HOLD');
  if (held.length === 0 && order.routed) throw new ShopRefusal(409, 'The order has no fulfillment order on hold.');
  for (const fulfillmentOrder of held) releaseHold(shop, fulfillmentOrder.id, null);
}

/** One fulfillment for each location, as Shopify's admin makes them. */
export function fulfillByMerchant(shop: Shop, order: OrderRecord, input: SandboxFulfill): void {
  const units = unitsOf(order, input.lines, ['OPEN', 'IN_PROGRESS']);
  if (units.size === 0) throw new ShopRefusal(409, 'The order has nothing that is open for fulfillment.');
  const byLocation = new Map<string, { fulfillmentOrderId: string; lines: { id: string; quantity: number }[] }[]>();
  for (const [fulfillmentOrder, lines] of units) {
    const group = { fulfillmentOrderId: fulfillmentOrder.id, lines };
    byLocation.set(fulfillmentOrder.locationId, [...(byLocation.get(fulfillmentOrder.locationId) ?? []), group]);
  }
  const { tracking } = input;
  for (const groups of byLocation.values()) {
    const outcome = createFulfillment(shop, {
      groups,
      notify: input.notify,
      ...(tracking
        ? { tracking: { company: tracking.company ?? null, numbers: [tracking.number], urls: tracking.url ? [tracking.url] : [] } }
        : {}),
    });
    if ('errors' in outcome) throw new ShopRefusal(409, outcome.errors[0]?.message ?? 'It cannot be fulfilled.');
  }
}
