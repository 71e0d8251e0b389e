import type { SandboxEdit, SandboxLine, SandboxOrder } from '@forma3d/contracts';

import { ShopRefusal, shopTime, type EditDelta, type Shop, type ShopEvent } from './shop';
import { addToFulfillmentOrders, fulfillGiftCards, openScheduled, removeUnfulfilled, routeOrder } from './shop-fulfillment';
import { sumsOf, unfulfilledQuantity } from './shop-money';
import type { DeliveryMethod, LineRecord, OrderRecord } from './shop-types';

const DELIVERY = { shipping: 'SHIPPING', pickup: 'PICK_UP', retail: 'RETAIL', local: 'LOCAL' } as const;

/** A customer orders: `orders/create` goes out, `orders/paid` too when paid, and the order is routed a moment later. */
export function placeOrder(shop: Shop, input: SandboxOrder): OrderRecord {
  const order = makeOrder(shop, input);
  if (shop.findOrder(order.id)) throw new ShopRefusal(409, `There is an order ${order.id} already.`);
  shop.addOrder(order);
  const events: ShopEvent[] = [{ topic: 'orders/create', order }];
  if (input.paid) {
    takeMoney(shop, order);
    events.push({ topic: 'orders/paid', order });
  }
  shop.emit(...events);
  awaitRouting(shop, order);
  return order;
}

/** Also called for orders that were waiting when the sandbox stopped. */
export function awaitRouting(shop: Shop, order: OrderRecord): void {
  const fulfillAt = order.fulfillAt;
  if (!order.routed) shop.scheduler.after(shop.routingDelayMs, () => routeOrder(shop, order));
  if (fulfillAt !== null) {
    const wait = Date.parse(fulfillAt) - shop.scheduler.now().getTime();
    if (wait > 0) shop.scheduler.after(wait, () => openScheduled(shop, order));
    else openScheduled(shop, order);
  }
}

/** An order as the input says, not yet in the shop and without money. */
export function makeOrder(shop: Shop, input: SandboxOrder): OrderRecord {
  const placedAt = input.placed_at ? shopTime(new Date(input.placed_at)) : shop.now();
  const number = shop.data.nextNumber;
  shop.data.nextNumber += 1;
  const delivery = DELIVERY[input.fulfilment_type];
  const customer = input.customer === null ? null : makeCustomer(shop, input, placedAt);
  const ships = delivery === 'SHIPPING' || delivery === 'LOCAL';
  return {
    id: input.id ?? shop.newId(),
    number,
    createdAt: placedAt,
    processedAt: placedAt,
    updatedAt: shop.now(),
    cancelledAt: null,
    cancelReason: null,
    test: input.test ?? false,
    sourceName: input.source_name ?? (delivery === 'RETAIL' ? 'pos' : 'web'),
    currency: input.currency ?? 'EUR',
    taxesIncluded: input.taxes_included ?? true,
    note: input.note ?? null,
    tags: input.tags ?? [],
    email: customer?.email ?? null,
    phone: customer?.phone ?? null,
    customer,
    shippingAddress:
      ships && input.shipping_address !== null && customer
        ? {
            first_name: customer.firstName ?? '',
            last_name: customer.lastName ?? '',
            address1: 'Kouter 12',
            zip: '9000',
            city: 'Ghent',
            country: 'Belgium',
            country_code: 'BE',
            phone: customer.phone,
          }
        : null,
    shippingLine: shippingLine(shop, input, delivery),
    lines: input.lines.map((line) => makeLine(shop, line, delivery)),
    transactions: [],
    refunds: [],
    fulfillmentOrders: [],
    fulfillments: [],
    routed: false,
    holdAtRouting: input.hold ?? false,
    fulfillAt: input.fulfill_at ? shopTime(new Date(input.fulfill_at)) : null,
  };
}

function makeCustomer(shop: Shop, input: SandboxOrder, createdAt: string): NonNullable<OrderRecord['customer']> {
  const given = input.customer ?? {};
  const or = <T>(value: T | undefined, fallback: T): T => (value === undefined ? fallback : value);
  return {
    id: shop.newId(),
    email: or(given.email, 'robin.peeters@example.com'),
    firstName: or(given.first_name, 'Robin'),
    lastName: or(given.last_name, 'Peeters'),
    phone: or(given.phone, null),
    createdAt,
  };
}

function shippingLine(shop: Shop, input: SandboxOrder, delivery: DeliveryMethod): OrderRecord['shippingLine'] {
  const id = shop.newId();
  if (delivery === 'SHIPPING') {
    return { id, title: 'Standard', code: 'Standard', priceCents: input.shipping_cents ?? 495, deliveryCategory: null };
  }
  if (delivery === 'LOCAL') {
    return { id, title: 'Local delivery', code: 'Local delivery', priceCents: input.shipping_cents ?? 0, deliveryCategory: 'local_delivery' };
  }
  if (delivery === 'PICK_UP') {
    return { id, title: 'City counter', code: 'City counter', priceCents: input.shipping_cents ?? 0, deliveryCategory: 'pick-up' };
  }
  return null;
}

function makeLine(shop: Shop, input: SandboxLine, orderDelivery: DeliveryMethod): LineRecord {
  const custom = input.custom === true || input.tip === true || input.sku === null;
  const known = custom || input.sku === null ? undefined : (shop.findSku(input.sku) ?? addProduct(shop, input.sku, input));
  const giftCard = input.gift_card ?? known?.product.giftCard ?? false;
  const service = input.fulfillment_service ?? (giftCard ? 'gift_card' : 'manual');
  const delivery = giftCard || input.tip ? 'NONE' : (input.delivery ?? orderDelivery);
  const gone = input.variant_id === null;
  return {
    id: shop.newId(),
    title: input.title ?? known?.product.title ?? (input.tip ? 'Tip' : (input.sku ?? 'Custom item')),
    variantTitle: known?.variant.title ?? null,
    sku: input.tip ? null : input.sku,
    variantId: gone ? null : (known?.variant.id ?? null),
    productId: gone ? null : (known?.product.id ?? null),
    vendor: input.vendor === undefined ? (known?.product.vendor ?? null) : input.vendor,
    quantity: input.quantity,
    currentQuantity: input.quantity,
    unitPriceCents: input.price_cents ?? known?.variant.priceCents ?? 1000,
    discountCents: input.discount_cents ?? 0,
    taxRate: input.tax_rate ?? 0,
    requiresShipping: input.requires_shipping ?? !(giftCard || input.tip === true),
    giftCard,
    tip: input.tip ?? false,
    service,
    locationId: locationFor(shop, input, service, delivery),
    delivery,
  };
}

function addProduct(shop: Shop, sku: string, line: SandboxLine): NonNullable<ReturnType<Shop['findSku']>> {
  const variant = { id: shop.newId(), title: null, sku, priceCents: line.price_cents ?? 1000 };
  const vendor = line.vendor === undefined ? 'Forma3D' : (line.vendor ?? '');
  const product = { id: shop.newId(), title: line.title ?? sku, vendor, giftCard: line.gift_card ?? false, variants: [variant] };
  shop.data.products.push(product);
  return { product, variant };
}

function locationFor(shop: Shop, line: SandboxLine, service: string, delivery: DeliveryMethod): string {
  const { locations } = shop.data;
  if (line.location) {
    const named = locations.find((location) => location.name === line.location || location.id === line.location);
    if (!named) throw new ShopRefusal(422, `There is no location "${line.location}".`);
    return named.id;
  }
  const own = locations.filter((location) => location.service === null);
  if (service !== 'manual' && service !== 'gift_card') {
    const theirs = locations.find((location) => location.service === service);
    if (theirs) return theirs.id;
    const added = { id: shop.newId(), name: `Warehouse of ${service}`, city: 'Rotterdam', service };
    locations.push(added);
    return added.id;
  }
  const counter = delivery === 'PICK_UP' || delivery === 'RETAIL' ? own[1] : own[0];
  if (!counter) throw new ShopRefusal(422, 'The shop has no location.');
  return counter.id;
}

/** The customer pays what is still owed. */
export function payOrder(shop: Shop, order: OrderRecord): void {
  if (order.cancelledAt) throw new ShopRefusal(409, 'The order is cancelled.');
  const sums = sumsOf(order);
  const paid = order.transactions.some((transaction) => transaction.kind === 'sale');
  if (paid && sums.received >= sums.currentTotal) throw new ShopRefusal(409, 'The order is paid already.');
  takeMoney(shop, order);
  shop.touch(order);
  shop.emit({ topic: 'orders/paid', order }, { topic: 'orders/updated', order });
  fulfillGiftCards(shop, order);
}

export function takeMoney(shop: Shop, order: OrderRecord, at: string = shop.now()): void {
  const sums = sumsOf(order);
  const owed = Math.max(0, sums.currentTotal - sums.received);
  order.transactions.push({ id: shop.newId(), kind: 'sale', amountCents: owed, createdAt: at });
}

/**
 * Changes quantities and adds lines, as the merchant's order editing does: `quantity` of a line never drops, `current_quantity` does; what is
 * not fulfilled yet leaves the fulfillment orders or joins them.
 */
export function editOrder(shop: Shop, order: OrderRecord, edit: SandboxEdit): void {
  if (order.cancelledAt) throw new ShopRefusal(409, 'The order is cancelled.');
  const additions: EditDelta[] = [];
  const removals: EditDelta[] = [];
  for (const change of edit.lines) {
    const line = order.lines.find((each) => each.id === change.line_item_id || (change.sku !== undefined && each.sku === change.sku));
    if (!line) {
      if (change.sku === undefined) throw new ShopRefusal(422, 'There is no such line in the order.');
      if (change.quantity === 0) continue;
      const { sku, quantity, price_cents, vendor } = change;
      const input: SandboxLine = { sku, quantity, ...(price_cents === undefined ? {} : { price_cents }), ...(vendor === undefined ? {} : { vendor }) };
      const added = makeLine(shop, input, order.lines[0]?.delivery ?? 'SHIPPING');
      order.lines.push(added);
      if (order.routed) addToFulfillmentOrders(shop, order, added.id, quantity);
      additions.push({ id: added.id, delta: quantity });
      continue;
    }
    const delta = change.quantity - line.currentQuantity;
    if (delta > 0) {
      line.quantity += delta;
      line.currentQuantity += delta;
      if (order.routed) addToFulfillmentOrders(shop, order, line.id, delta);
      additions.push({ id: line.id, delta });
    } else if (delta < 0) {
      if (-delta > unfulfilledQuantity(order, line)) {
        throw new ShopRefusal(409, `Only ${unfulfilledQuantity(order, line)} of ${line.sku ?? line.title} are unfulfilled.`);
      }
      line.currentQuantity += delta;
      removeUnfulfilled(shop, order, line.id, -delta);
      removals.push({ id: line.id, delta: -delta });
    }
  }
  if (edit.paid && order.transactions.some((t) => t.kind === 'sale') && sumsOf(order).received < sumsOf(order).currentTotal) {
    takeMoney(shop, order);
  }
  shop.touch(order);
  shop.emit({ topic: 'orders/edited', order, additions, removals }, { topic: 'orders/updated', order });
}
