import type { ShopifyFulfillmentOrder, ShopifyLineItem, ShopifyOrder } from '@forma3d/shopify';
import { aFulfillmentOrder, aLine } from '@forma3d/testing';
import { wantedUnits, type WantedUnitsOptions } from './wanted-units';

const first: WantedUnitsOptions = { fulfilledBefore: null, printOnHold: false, produceTestOrders: false };

function wanted(
  fulfillmentOrders: ShopifyFulfillmentOrder[] | null,
  line: Partial<ShopifyLineItem> = {},
  options: Partial<WantedUnitsOptions> = {},
  order: Partial<ShopifyOrder> = {},
) {
  return wantedUnits({ test: false, fulfillmentOrders, ...order }, aLine(line), { ...first, ...options });
}

const units = (total: number, remaining = total): ShopifyFulfillmentOrder['lines'] => [
  { id: '4101', lineItemId: '9001', totalQuantity: total, remainingQuantity: remaining },
];

test('all units at our own location are ours', () => {
  expect(wanted([aFulfillmentOrder()])).toEqual({ wanted: 2, held: 0, fulfilledBefore: 0, exclusion: null });
});

test.each([[null], [[]]])('nothing is decided before Shopify has routed the order (%j)', (fulfillmentOrders) => {
  expect(wanted(fulfillmentOrders)).toBeUndefined();
});

test.each([
  ['gift_card', { giftCard: true }],
  ['tip', { tip: true }],
  ['other_service', { fulfillmentService: 'printful' }],
] as const)('a line that is %s is not, even before routing', (exclusion, line) => {
  expect(wanted(null, line)).toEqual({ wanted: 0, held: 0, fulfilledBefore: 0, exclusion });
});

test('test orders are made only where the store says so', () => {
  expect(wanted([aFulfillmentOrder()], {}, {}, { test: true })).toMatchObject({ wanted: 0, exclusion: 'test_order' });
  expect(wanted([aFulfillmentOrder()], {}, { produceTestOrders: true }, { test: true })).toMatchObject({ wanted: 2 });
});

test('units at another service, at the point of sale or nowhere are not ours', () => {
  expect(wanted([aFulfillmentOrder({ ours: false })])).toMatchObject({ wanted: 0, exclusion: 'other_service' });
  expect(wanted([aFulfillmentOrder({ deliveryMethod: 'RETAIL' })])).toMatchObject({ wanted: 0, exclusion: 'point_of_sale' });
  expect(wanted([aFulfillmentOrder({ lines: [] })])).toMatchObject({ wanted: 0, exclusion: 'no_units' });
  expect(wanted([aFulfillmentOrder({ status: 'CANCELLED' })])).toMatchObject({ wanted: 0, exclusion: 'no_units' });
});

test('units split over two locations, one of them not ours, count where they are', () => {
  const split = [aFulfillmentOrder({ lines: units(1) }), aFulfillmentOrder({ id: '4002', ours: false, lines: units(1) })];
  expect(wanted(split)).toMatchObject({ wanted: 1 });
});

test('what was fulfilled before we looked is not made', () => {
  expect(wanted([aFulfillmentOrder({ lines: units(2, 1) })])).toEqual({ wanted: 1, held: 0, fulfilledBefore: 1, exclusion: null });
  expect(wanted([aFulfillmentOrder({ status: 'CLOSED', lines: units(2, 0) })])).toMatchObject({ wanted: 0, exclusion: 'already_fulfilled' });
});

test('what we fulfil ourselves stays wanted', () => {
  expect(wanted([aFulfillmentOrder({ status: 'CLOSED', lines: units(2, 0) })], {}, { fulfilledBefore: 0 })).toMatchObject({ wanted: 2 });
});

test('an edit or refund that lowers the quantity lowers what is wanted', () => {
  expect(wanted([aFulfillmentOrder()], { currentQuantity: 1 })).toMatchObject({ wanted: 1 });
  expect(wanted([aFulfillmentOrder()], { currentQuantity: 0 })).toMatchObject({ wanted: 0, exclusion: 'no_units' });
});

test.each(['ON_HOLD', 'SCHEDULED'])('units that are %s are wanted, but held', (status) => {
  const split = [aFulfillmentOrder({ lines: units(1) }), aFulfillmentOrder({ id: '4002', status, lines: units(1) })];
  expect(wanted(split)).toMatchObject({ wanted: 2, held: 1 });
  expect(wanted(split, {}, { printOnHold: true })).toMatchObject({ wanted: 2, held: 0 });
});
