import type { ShopifyFulfillment, ShopifyFulfillmentOrder } from '@forma3d/shopify';
import { groupsOf, planFulfillment, type PlannableLine, type Release } from './plan-fulfillment';

const made: Release = { everything: false, shipping: true, pickup: false, prepare: true };
const forced: Release = { everything: true, shipping: false, pickup: false, prepare: false };

function line(shopifyId: string, wanted: number | null, more: Partial<PlannableLine> = {}): PlannableLine {
  return { shopifyId, wanted, fulfilledBefore: 0, exclusion: null, giftCard: false, tip: false, ...more };
}

function fulfillmentOrder(
  id: string,
  lines: [lineItemId: string, total: number, remaining: number][],
  more: Partial<ShopifyFulfillmentOrder> = {},
): ShopifyFulfillmentOrder {
  return {
    id,
    status: 'OPEN',
    supportedActions: ['CREATE_FULFILLMENT', 'HOLD'],
    locationId: 'here',
    ours: true,
    deliveryMethod: 'SHIPPING',
    fulfillAt: null,
    lines: lines.map(([lineItemId, totalQuantity, remainingQuantity]) => ({
      id: `${id}-${lineItemId}`,
      lineItemId,
      totalQuantity,
      remainingQuantity,
    })),
    ...more,
  };
}

function fulfillment(lines: [string, number][], status = 'SUCCESS'): ShopifyFulfillment {
  const at = new Date('2026-11-02T08:00:00Z');
  return {
    id: 'f1',
    status,
    createdAt: at,
    updatedAt: at,
    trackingNumber: null,
    trackingUrl: null,
    trackingCompany: null,
    lines: lines.map(([lineItemId, quantity]) => ({ lineItemId, quantity })),
  };
}

const plan = (
  fulfillmentOrders: ShopifyFulfillmentOrder[],
  lines: PlannableLine[],
  release = made,
  fulfillments: ShopifyFulfillment[] = [],
) => planFulfillment({ fulfillmentOrders, fulfillments }, lines, release);

test('two locations are two calls, two fulfillment orders of one location are one', () => {
  const { calls, complete } = plan(
    [
      fulfillmentOrder('a', [['1', 2, 2]]),
      fulfillmentOrder('b', [['2', 1, 1]], { locationId: 'there' }),
      fulfillmentOrder('c', [['3', 1, 1]]),
    ],
    [line('1', 2), line('2', 1), line('3', 1)],
  );
  expect(calls.map((call) => [call.locationId, groupsOf(call)])).toEqual([
    [
      'here',
      [
        { fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 2 }] },
        { fulfillmentOrderId: 'c', lines: [{ id: 'c-3', quantity: 1 }] },
      ],
    ],
    ['there', [{ fulfillmentOrderId: 'b', lines: [{ id: 'b-2', quantity: 1 }] }]],
  ]);
  expect(complete).toBe(false);
});

test('lines of another service, point-of-sale units, gift cards and tips are left alone', () => {
  const result = plan(
    [
      fulfillmentOrder('a', [['1', 1, 1], ['2', 1, 1], ['3', 1, 1]]),
      fulfillmentOrder('b', [['4', 1, 1]], { ours: false }),
      fulfillmentOrder('c', [['1', 1, 1]], { deliveryMethod: 'RETAIL' }),
    ],
    [line('1', 1), line('2', 0, { giftCard: true, exclusion: 'gift_card' }), line('3', 0, { tip: true, exclusion: 'tip' }), line('4', 0)],
  );
  expect(result.calls).toEqual([
    { locationId: 'here', lines: [{ fulfillmentOrderId: 'a', fulfillmentOrderLineItemId: 'a-1', lineItemId: '1', quantity: 1 }] },
  ]);
});

test('units that nobody asked us to make stay open', () => {
  const { calls } = plan([fulfillmentOrder('a', [['1', 5, 5], ['2', 1, 1]])], [line('1', 3), line('2', null)]);
  expect(calls.flatMap((call) => call.lines).map((each) => [each.lineItemId, each.quantity])).toEqual([['1', 3]]);
});

test('an added unit that is not made yet is not fulfilled with what remains', () => {
  const { calls } = plan([fulfillmentOrder('a', [['1', 3, 1]])], [line('1', 2)], made, [fulfillment([['1', 2]])]);
  expect(calls).toEqual([]);
});

test('what was fulfilled before we first looked does not count as ours', () => {
  const { calls } = plan([fulfillmentOrder('a', [['1', 3, 2]])], [line('1', 2, { fulfilledBefore: 1 })], made, [fulfillment([['1', 1]])]);
  expect(calls[0]?.lines[0]?.quantity).toBe(2);
});

test('units that another service fulfilled of a split line do not count as ours', () => {
  const orders = [fulfillmentOrder('a', [['1', 3, 3]]), fulfillmentOrder('b', [['1', 2, 0]], { ours: false, status: 'CLOSED' })];
  expect(plan(orders, [line('1', 3)], made, [fulfillment([['1', 2]])]).calls[0]?.lines[0]?.quantity).toBe(3);
});

test('the units of a cancelled fulfillment are open again', () => {
  const orders = [fulfillmentOrder('a', [['1', 2, 0]], { status: 'CLOSED' }), fulfillmentOrder('b', [['1', 2, 2]])];
  expect(plan(orders, [line('1', 2)], made, [fulfillment([['1', 2]], 'CANCELLED')]).calls[0]?.lines[0]?.quantity).toBe(2);
});

test('an order that is fulfilled already is complete', () => {
  const result = plan([fulfillmentOrder('a', [['1', 2, 0]], { status: 'CLOSED' })], [line('1', 2)], made, [fulfillment([['1', 2]])]);
  expect(result).toMatchObject({ calls: [], waiting: [], complete: true });
});

test('what is on hold, scheduled or not offered waits, and the rest goes', () => {
  const fulfillAt = new Date('2026-12-01T00:00:00Z');
  const result = plan(
    [
      fulfillmentOrder('a', [['1', 2, 2]], { status: 'ON_HOLD', supportedActions: ['RELEASE_HOLD'] }),
      fulfillmentOrder('b', [['1', 1, 1]]),
      fulfillmentOrder('c', [['2', 1, 1]], { status: 'SCHEDULED', fulfillAt, supportedActions: [] }),
      fulfillmentOrder('d', [['3', 1, 1]], { supportedActions: ['MOVE'] }),
      fulfillmentOrder('e', [['4', 1, 1]], { status: 'INCOMPLETE' }),
    ],
    [line('1', 3), line('2', 1), line('3', 1), line('4', 1)],
  );
  expect(result.calls.map((call) => call.lines.map((each) => [each.fulfillmentOrderId, each.quantity]))).toEqual([[['b', 1]]]);
  expect(result.waiting.map((part) => [part.reason, part.until])).toEqual([
    ['on_hold', null],
    ['scheduled', fulfillAt],
    ['not_offered', null],
    ['not_offered', null],
  ]);
  expect(result.complete).toBe(false);
});

test('a pickup is prepared when it is made, and fulfilled when it is collected', () => {
  const orders = [fulfillmentOrder('a', [['1', 1, 1]], { deliveryMethod: 'PICK_UP' })];
  expect(plan(orders, [line('1', 1)])).toMatchObject({ calls: [], prepare: [{ locationId: 'here' }], complete: false });
  expect(plan(orders, [line('1', 1)], { ...made, pickup: true })).toMatchObject({ calls: [{ locationId: 'here' }], prepare: [] });
});

test('what is not released is neither called nor complete', () => {
  const result = plan([fulfillmentOrder('a', [['1', 1, 1]])], [line('1', 1)], { ...made, shipping: false });
  expect(result).toMatchObject({ calls: [], unreleased: [{ locationId: 'here' }], complete: false });
});

test('force takes every open unit of ours, made or not, planned or not', () => {
  const { calls } = plan(
    [fulfillmentOrder('a', [['1', 5, 4], ['2', 1, 1], ['3', 1, 1], ['4', 1, 1]]), fulfillmentOrder('b', [['1', 1, 1]], { ours: false })],
    [line('1', 2), line('2', null), line('3', 0, { giftCard: true }), line('4', 0, { exclusion: 'other_service' })],
    forced,
  );
  expect(calls.flatMap((call) => call.lines).map((each) => [each.lineItemId, each.quantity])).toEqual([['1', 4], ['2', 1]]);
});

test('fulfillment orders without a known location never share a call', () => {
  const orders = ['a', 'b'].map((id) => fulfillmentOrder(id, [['1', 1, 1]], { locationId: null }));
  expect(plan(orders, [line('1', 2)]).calls).toHaveLength(2);
});
