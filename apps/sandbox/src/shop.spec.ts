import { sandboxEditSchema, sandboxOrderSchema, sandboxRefundSchema } from '@forma3d/contracts';

import { restOrder } from './rest-order';
import { ManualScheduler } from './scheduler';
import { Shop, type ShopEvent } from './shop';
import { createFulfillment } from './shop-fulfillment';
import { fillHistory } from './shop-history';
import { displayFulfillmentStatus, financialStatus, sumsOf, unfulfilledQuantity } from './shop-money';
import { editOrder, payOrder, placeOrder } from './shop-orders';
import { cancelOrder, refundOrder, refundTotal } from './shop-refunds';
import type { OrderRecord } from './shop-types';
import { fulfillByMerchant } from './merchant';

function setUp() {
  const scheduler = new ManualScheduler();
  const shop = new Shop(scheduler, 'forma3d-sandbox.myshopify.com');
  const events: ShopEvent[] = [];
  shop.onEvents((all) => events.push(...all));
  const place = (input: unknown, routed = true): OrderRecord => {
    const order = placeOrder(shop, sandboxOrderSchema.parse(input));
    if (routed) scheduler.advance(shop.routingDelayMs);
    return order;
  };
  const topics = () => events.splice(0).map((event) => event.topic);
  return { scheduler, shop, place, topics };
}

const all = { notify: true };
const rest = (order: OrderRecord) => restOrder(order, 'forma3d-sandbox.myshopify.com') as Record<string, never>;

test('an order has no fulfillment orders until it is routed, a moment after orders/create', () => {
  const { shop, place, topics, scheduler } = setUp();
  const order = place({ lines: [{ sku: 'DRAGON-S', quantity: 2 }] }, false);
  expect(topics()).toEqual(['orders/create', 'orders/paid']);
  expect(order.fulfillmentOrders).toEqual([]);
  expect(rest(order)).toMatchObject({ line_items: [{ fulfillable_quantity: 2 }] });
  scheduler.advance(shop.routingDelayMs);
  expect(topics()).toEqual(['fulfillment_orders/order_routing_complete', 'orders/updated']);
  expect(order.fulfillmentOrders).toMatchObject([{ status: 'OPEN', delivery: 'SHIPPING', locationId: shop.data.locations[0]?.id }]);
});

test('one fulfillment order for each location and service; gift cards are fulfilled by Shopify, tips by nobody', () => {
  const { place } = setUp();
  const order = place({
    lines: [
      { sku: 'DRAGON-S', quantity: 1 },
      { sku: 'CLIP-10', quantity: 1 },
      { sku: 'CHESS-SET', quantity: 1, location: 'City counter' },
      { sku: 'FOREIGN', quantity: 1, fulfillment_service: 'pack-and-post' },
      { sku: 'ELSEWHERE', quantity: 1, fulfillment_service: 'other-service' },
      { sku: 'GIFT-25', quantity: 1 },
      { sku: null, tip: true, quantity: 1, price_cents: 300 },
    ],
  });
  expect(order.fulfillmentOrders.map((each) => [each.status, each.lines.length])).toEqual([
    ['OPEN', 2],
    ['OPEN', 1],
    ['OPEN', 1],
    ['OPEN', 1],
    ['CLOSED', 1],
  ]);
  expect(order.fulfillments).toMatchObject([{ service: 'gift_card', notified: false }]);
  expect(displayFulfillmentStatus(order)).toBe('PARTIALLY_FULFILLED');
  expect(rest(order)).toMatchObject({ total_tip_received: '3.00', fulfillment_status: 'partial' });
});

test('an unpaid order is pending, and paid once', () => {
  const { shop, place, topics } = setUp();
  const order = place({ lines: [{ sku: 'DRAGON-S', quantity: 1 }], paid: false });
  expect(financialStatus(order)).toBe('PENDING');
  topics();
  payOrder(shop, order);
  expect(topics()).toEqual(['orders/paid', 'orders/updated']);
  expect(financialStatus(order)).toBe('PAID');
  expect(() => payOrder(shop, order)).toThrow('paid already');
});

test('money: discounts, tax inside or on top, shipping', () => {
  const { place } = setUp();
  const inside = place({ lines: [{ sku: 'X', quantity: 2, price_cents: 1210, discount_cents: 0, tax_rate: 0.21 }], shipping_cents: 500 });
  expect(sumsOf(inside)).toMatchObject({ subtotal: 2420, tax: 420, total: 2920, currentSubtotal: 2420 });
  const onTop = place({ lines: [{ sku: 'X', quantity: 2, price_cents: 1000, discount_cents: 200, tax_rate: 0.2 }], taxes_included: false, shipping_cents: 0 });
  expect(sumsOf(onTop)).toMatchObject({ subtotal: 1800, discounts: 200, tax: 360, total: 2160, received: 2160 });
  expect(rest(onTop)).toMatchObject({ subtotal_price: '18.00', total_tax: '3.60', total_price: '21.60', total_discounts: '2.00' });
  const yen = place({ lines: [{ sku: 'Y', quantity: 1, price_cents: 1500 }], currency: 'JPY', shipping_cents: 0 });
  expect(rest(yen)).toMatchObject({ total_price: '1500', currency: 'JPY' });
});

test('an edit that lowers a quantity leaves `quantity` and lowers what is open', () => {
  const { shop, place, topics } = setUp();
  const order = place({ lines: [{ sku: 'A', quantity: 5 }] });
  topics();
  editOrder(shop, order, sandboxEditSchema.parse({ lines: [{ sku: 'A', quantity: 2 }] }));
  expect(topics()).toEqual(['orders/edited', 'orders/updated']);
  expect(rest(order)).toMatchObject({ line_items: [{ quantity: 5, current_quantity: 2, fulfillable_quantity: 2 }] });
  expect(order.fulfillmentOrders).toMatchObject([{ lines: [{ totalQuantity: 2, remainingQuantity: 2 }] }]);
  expect(financialStatus(order)).toBe('PAID');
});

test('an edit that adds units joins the open fulfillment order, or makes one after all were fulfilled', () => {
  const { shop, place } = setUp();
  const order = place({ lines: [{ sku: 'A', quantity: 1 }] });
  editOrder(shop, order, sandboxEditSchema.parse({ lines: [{ sku: 'A', quantity: 3 }] }));
  expect(order.fulfillmentOrders).toMatchObject([{ lines: [{ totalQuantity: 3, remainingQuantity: 3 }] }]);
  fulfillByMerchant(shop, order, all);
  expect(displayFulfillmentStatus(order)).toBe('FULFILLED');
  editOrder(shop, order, sandboxEditSchema.parse({ lines: [{ sku: 'A', quantity: 4 }, { sku: 'NEW', quantity: 1 }], paid: false }));
  expect(order.fulfillmentOrders.map((each) => each.status)).toEqual(['CLOSED', 'OPEN']);
  expect(displayFulfillmentStatus(order)).toBe('PARTIALLY_FULFILLED');
  expect(financialStatus(order)).toBe('PARTIALLY_PAID');
  expect(() => editOrder(shop, order, sandboxEditSchema.parse({ lines: [{ sku: 'A', quantity: 0 }] }))).toThrow('unfulfilled');
});

test('a refund of units that are not fulfilled cancels them; of fulfilled ones, it takes them back', () => {
  const { shop, place, topics } = setUp();
  const order = place({ lines: [{ sku: 'A', quantity: 3, price_cents: 1000 }], shipping_cents: 500 });
  const line = order.lines[0];
  const entry = order.fulfillmentOrders[0];
  createFulfillment(shop, { groups: [{ fulfillmentOrderId: entry?.id ?? '', lines: [{ id: entry?.lines[0]?.id ?? '', quantity: 2 }] }], notify: true });
  topics();
  const refund = refundOrder(shop, order, sandboxRefundSchema.parse({ lines: [{ sku: 'A', quantity: 2 }], shipping_cents: 500 }));
  expect(topics()).toEqual(['refunds/create', 'orders/updated']);
  expect(refund.lines.map((each) => [each.restockType, each.quantity])).toEqual([
    ['cancel', 1],
    ['return', 1],
  ]);
  expect(refundTotal(refund, order)).toBe(2500);
  expect(line).toMatchObject({ quantity: 3, currentQuantity: 1 });
  expect(line && unfulfilledQuantity(order, line)).toBe(0);
  expect(displayFulfillmentStatus(order)).toBe('FULFILLED');
  expect(financialStatus(order)).toBe('PARTIALLY_REFUNDED');
  refundOrder(shop, order, sandboxRefundSchema.parse({ amount_cents: 1000 }));
  expect(financialStatus(order)).toBe('REFUNDED');
  expect(rest(order)).toMatchObject({ refunds: [{}, { refund_line_items: [], order_adjustments: [{ amount: '-10.00' }] }] });
  expect(() => refundOrder(shop, order, sandboxRefundSchema.parse({ lines: [{ sku: 'A', quantity: 9 }] }))).toThrow('left to refund');
});

test('a cancelled order is closed, refunded and has nothing left', () => {
  const { shop, place, topics } = setUp();
  const order = place({ lines: [{ sku: 'A', quantity: 3 }] });
  topics();
  cancelOrder(shop, order, { reason: 'customer', refund: true, restock: true });
  expect(topics()).toEqual(['orders/cancelled', 'orders/updated', 'refunds/create']);
  expect(order).toMatchObject({ cancelReason: 'customer', fulfillmentOrders: [{ status: 'CLOSED' }], lines: [{ quantity: 3, currentQuantity: 0 }] });
  expect(financialStatus(order)).toBe('REFUNDED');
  expect(() => cancelOrder(shop, order, { reason: 'customer', refund: true, restock: true })).toThrow(
    'Cannot cancel an order that has already been canceled',
  );
  const unpaid = place({ lines: [{ sku: 'A', quantity: 1 }], paid: false });
  cancelOrder(shop, unpaid, { reason: 'staff', refund: true, restock: true });
  expect(financialStatus(unpaid)).toBe('VOIDED');
});

test('a cancelled order that was not routed yet gets no fulfillment orders', () => {
  const { shop, place, scheduler } = setUp();
  const order = place({ lines: [{ sku: 'A', quantity: 1 }] }, false);
  cancelOrder(shop, order, { reason: 'fraud', refund: true, restock: true });
  scheduler.advance(shop.routingDelayMs);
  expect(order.fulfillmentOrders).toEqual([]);
});

test('a scheduled order opens when its time has come', () => {
  const { shop, place, scheduler } = setUp();
  const fulfillAt = new Date(scheduler.now().getTime() + 60_000).toISOString();
  const order = place({ lines: [{ sku: 'A', quantity: 1 }], fulfill_at: fulfillAt });
  expect(displayFulfillmentStatus(order)).toBe('SCHEDULED');
  const id = order.fulfillmentOrders[0]?.id ?? '';
  expect(createFulfillment(shop, { groups: [{ fulfillmentOrderId: id }], notify: true })).toEqual({
    errors: [{ field: ['fulfillment'], message: `Fulfillment order ${id} has an unfulfillable status= scheduled.` }],
  });
  scheduler.advance(60_000);
  expect(displayFulfillmentStatus(order)).toBe('UNFULFILLED');
});

test('times have whole seconds and the zone of the shop, in summer and in winter', () => {
  const { place } = setUp();
  const summer = place({ lines: [{ sku: 'A', quantity: 1 }], placed_at: '2026-07-01T12:00:00.900Z' });
  expect(rest(summer)).toMatchObject({ created_at: '2026-07-01T14:00:00+02:00', updated_at: '2026-11-02T10:00:00+01:00' });
});

test('lines without SKU, product, customer and address come as null', () => {
  const { place } = setUp();
  const order = place({
    lines: [{ sku: null, quantity: 1, custom: true, vendor: null }, { sku: 'DRAGON-S', quantity: 1, variant_id: null }],
    customer: null,
    test: true,
    source_name: 'pos',
  });
  expect(rest(order)).toMatchObject({
    customer: null,
    shipping_address: null,
    test: true,
    source_name: 'pos',
    line_items: [{ sku: null, variant_id: null, product_id: null, vendor: null, product_exists: false }, { sku: 'DRAGON-S', variant_id: null }],
  });
});

test('the same seed makes the same history', () => {
  const histories = [1, 1, 2].map((seed) => {
    const { shop } = setUp();
    fillHistory(shop, { orders: 40, days: 30, vendors: 6, seed });
    return shop.data.orders.map((order) => [order.createdAt, financialStatus(order), displayFulfillmentStatus(order), sumsOf(order).total]);
  });
  expect(histories[0]).toEqual(histories[1]);
  expect(histories[0]).not.toEqual(histories[2]);
  expect(new Set(histories[0]?.map(([, , status]) => status))).toContain('FULFILLED');
});
