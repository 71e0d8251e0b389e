import type { SandboxCatalogue } from '@forma3d/contracts';

import { seeded } from './faults';
import { shopTime, type Shop } from './shop';
import { VENDORS } from './shop-catalogue';
import { addToFulfillmentOrders } from './shop-fulfillment';
import { linePrice, lineTax } from './shop-money';
import { makeOrder, takeMoney } from './shop-orders';
import type { OrderRecord, ProductRecord } from './shop-types';

const DAY_MS = 86_400_000;

/**
 * Fills the shop with paid orders of the last `days` days, most of them fulfilled, some refunded, cancelled or unpaid, without a webhook. The
 * same seed on the same day makes the same orders, ids aside.
 */
export function fillHistory(shop: Shop, input: SandboxCatalogue): { orders: number; products: number; vendors: string[] } {
  const dice = seeded(input.seed);
  const pick = <T>(items: readonly T[]): T => {
    const item = items[Math.floor(dice() * items.length)];
    if (item === undefined) throw new Error('nothing to pick from');
    return item;
  };
  const vendors = Array.from({ length: input.vendors }, (_, index) => VENDORS[index] ?? `Vendor ${index + 1}`);
  const products = vendors.flatMap((vendor) => productsOf(shop, vendor));
  const midnight = Math.floor(shop.scheduler.now().getTime() / DAY_MS) * DAY_MS;
  const times = Array.from({ length: input.orders }, () => midnight - Math.floor(dice() * input.days * DAY_MS)).sort((a, b) => a - b);
  for (const time of times) {
    const lines = Array.from({ length: 1 + Math.floor(dice() * dice() * 4) }, () => {
      const product = pick(products);
      return { sku: pick(product.variants).sku, quantity: 1 + Math.floor(dice() * dice() * 4) };
    });
    const order = makeOrder(shop, {
      lines,
      fulfilment_type: dice() < 0.2 ? 'pickup' : 'shipping',
      paid: true,
      placed_at: new Date(time).toISOString(),
      customer: { first_name: 'Customer', last_name: String(shop.data.nextNumber), email: `c${shop.data.nextNumber}@example.com` },
    });
    order.updatedAt = order.createdAt;
    live(shop, order, dice());
    shop.addOrder(order);
  }
  shop.changed();
  return { orders: input.orders, products: products.length, vendors };
}

function productsOf(shop: Shop, vendor: string): ProductRecord[] {
  const own = shop.data.products.filter((product) => product.vendor === vendor && !product.giftCard);
  if (own.length > 0) return own;
  const made = ['A', 'B', 'C'].map((letter, index) => {
    const sku = `${vendor.replaceAll(' ', '-').toUpperCase()}-${letter}`;
    const variant = { id: shop.newId(), title: null, sku, priceCents: 990 + 700 * index };
    return { id: shop.newId(), title: `${vendor} ${letter}`, vendor, giftCard: false, variants: [variant] };
  });
  shop.data.products.push(...made);
  return made;
}

/** What became of an old order, by one throw of the dice. */
function live(shop: Shop, order: OrderRecord, fate: number): void {
  order.routed = true;
  for (const line of order.lines) addToFulfillmentOrders(shop, order, line.id, line.quantity);
  const later = (hours: number) => {
    const time = Math.min(Date.parse(order.createdAt) + hours * 3_600_000, shop.scheduler.now().getTime());
    return shopTime(new Date(time));
  };
  if (fate < 0.02) return;
  takeMoney(shop, order, order.createdAt);
  const shipped = later(30);
  for (const fulfillmentOrder of order.fulfillmentOrders) {
    order.fulfillments.push({
      id: shop.newId(),
      status: 'SUCCESS',
      service: 'manual',
      locationId: fulfillmentOrder.locationId,
      createdAt: shipped,
      updatedAt: shipped,
      tracking: { company: null, numbers: [], urls: [] },
      notified: true,
      lines: fulfillmentOrder.lines.map((line) => ({
        id: shop.newId(),
        lineItemId: line.lineItemId,
        fulfillmentOrderId: fulfillmentOrder.id,
        fulfillmentOrderLineItemId: line.id,
        quantity: line.totalQuantity,
      })),
    });
    fulfillmentOrder.lines.forEach((line) => (line.remainingQuantity = 0));
    fulfillmentOrder.status = 'CLOSED';
    fulfillmentOrder.createdAt = order.createdAt;
    fulfillmentOrder.updatedAt = shipped;
  }
  order.updatedAt = shipped;
  const line = order.lines[0];
  if (fate > 0.93 && line) {
    const at = later(96);
    const back = linePrice(line, 1);
    const taxCents = lineTax(line, 1, order.taxesIncluded);
    line.currentQuantity -= 1;
    order.transactions.push({ id: shop.newId(), kind: 'refund', amountCents: back, createdAt: at });
    order.refunds.push({
      id: shop.newId(),
      createdAt: at,
      note: null,
      lines: [{ id: shop.newId(), lineItemId: line.id, quantity: 1, restockType: 'return', subtotalCents: back, taxCents }],
      shippingCents: 0,
      adjustments: [],
      paidBackCents: back,
    });
    order.updatedAt = at;
  }
}
