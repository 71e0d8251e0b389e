import { OutsideError } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { setUp } from './fulfillment.fixture';

const database = useDatabase();
let at: ReturnType<typeof setUp>;

beforeEach(async () => {
  at = setUp(database.url());
  await at.addStore();
});
afterEach(() => at.db.close());

describe('waiting', () => {
  test('on hold waits without using an attempt, and goes on when the hold ends', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { status: 'ON_HOLD' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    expect(await at.run(id)).toMatchObject({ kind: 'snooze', afterMs: 600_000 });
    await at.run(id);
    expect(await at.rows(id)).toMatchObject([{ phase: 'on_hold' }]);
    const order = at.shop.work.fulfillmentOrders[0];
    if (order) order.status = 'OPEN';
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded' }]);
  });

  test('scheduled waits until its time', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { status: 'SCHEDULED', fulfillAt: new Date(at.clock.now().getTime() + 3_600_000) });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    expect(await at.run(id)).toMatchObject({ kind: 'snooze', afterMs: 3_600_000 });
  });

  test('a hold on one part lets the other part go', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    at.shop.addFulfillmentOrder('b', [['2', 1]], { status: 'ON_HOLD' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }, { shopifyId: '2', wanted: 1 }] });
    expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
    expect((await at.rows(id)).map((row) => row.phase)).toEqual(['succeeded', 'on_hold']);
    expect((await at.order(id)).fulfilledAt).toBeNull();
    // The order is cancelled meanwhile: what waited is not done any more, what is done stays.
    await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect((await at.rows(id)).map((row) => row.phase)).toEqual(['succeeded', 'cancelled']);
  });

  test('a store that fulfills when shipped waits for the shipping', async () => {
    at.policies.value = { ...at.policies.value, fulfill_on: 'shipped' };
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toEqual([]);
    await at.db.sql`UPDATE orders SET status = 'shipped', tracking_number = 'T1' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toMatchObject([{ tracking: { number: 'T1' } }]);
  });

  test('a pickup is announced once, and fulfilled when it is collected', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { deliveryMethod: 'PICK_UP' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], fulfilmentType: 'pickup', status: 'ready' });
    await at.run(id);
    await at.run(id);
    expect([at.shop.prepared, at.shop.created]).toEqual([[['a']], []]);
    await at.db.sql`UPDATE orders SET status = 'completed' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded', preparedAt: expect.any(Date) as Date }]);
  });

  test('a pickup that is cancelled while it is announced is no failure, one that is refused for good is', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { deliveryMethod: 'PICK_UP' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], fulfilmentType: 'pickup', status: 'ready' });
    const [fulfillmentOrder] = at.shop.work.fulfillmentOrders;
    at.shop.during.before = () => {
      if (fulfillmentOrder) fulfillmentOrder.status = 'CLOSED';
      at.shop.work.cancelledAt = at.clock.now();
      return Promise.resolve();
    };
    expect(await at.run(id)).toEqual({ kind: 'done' });

    at.shop.work.cancelledAt = null;
    if (fulfillmentOrder) fulfillmentOrder.status = 'OPEN';
    at.shop.failNext('prepare', 'permanent', 'permanent');
    at.shop.during = {};
    await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    expect(at.shop.prepared).toEqual([]);
  });
});

describe('what others do in Shopify', () => {
  test('a fulfillment made elsewhere is taken over, and only the rest is done', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 3]]);
    at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 1 }] }] });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 3 }] });
    await at.run(id);
    expect((await at.rows(id)).map((row) => [row.adopted, row.phase])).toEqual([[true, 'succeeded'], [false, 'succeeded']]);
    expect(at.shop.fulfilled('1')).toBe(3);
  });

  test('a fulfillment that cures a failed one is its success, and closes the alert', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('create', 'permanent');
    await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    await at.endForGood(id, 'no');
    at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 1 }] }] });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded', adopted: true, failedAt: null, error: null }]);
    expect(await at.order(id)).toMatchObject({ productionStatus: 'COMPLETED', fulfillmentFailed: false, fulfilledAt: expect.any(Date) as Date });
    expect(await at.openAttention(id)).toEqual([]);
  });

  test('a fulfillment that is cancelled there is not made again by ourselves', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await at.run(id);
    for (const each of at.shop.work.fulfillments) each.status = 'CANCELLED';
    at.shop.addFulfillmentOrder('b', [['1', 1]]);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toHaveLength(1);
    expect(await at.rows(id)).toMatchObject([{ phase: 'cancelled' }]);
    expect(await at.eventsOf(id)).toEqual(['fulfillment.created', 'fulfillment.cancelled']);
    // The order is open again, and still nothing but a person's word sends it.
    expect(await at.order(id)).toMatchObject({ fulfilledAt: null, shopifyFulfillmentId: null, status: 'packing', productionStatus: 'COMPLETED' });
    await at.db.sql`UPDATE orders SET status = 'shipped' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toHaveLength(1);
  });

  test('the tracking of one that is cancelled there goes with it, and is no parcel’s that is sent instead', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await at.run(id);
    for (const each of at.shop.work.fulfillments) each.status = 'CANCELLED';
    await at.db.sql`UPDATE fulfillment SET tracking_number = 'T1' WHERE order_id = ${id}`;
    await at.db.sql`UPDATE orders SET tracking_number = 'T1', tracking_company = 'Post' WHERE id = ${id}`;
    at.shop.addFulfillmentOrder('b', [['1', 1]]);
    await at.run(id);
    expect(await at.order(id)).toMatchObject({ fulfilledAt: null, trackingNumber: null, trackingCompany: null });
  });

  test('an order that is fulfilled fails with a look at it in nothing but its tracking number', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await at.run(id);
    await at.endForGood(id, 'Shopify is away');
    expect(await at.order(id)).toMatchObject({ fulfillmentFailed: false, productionStatus: 'COMPLETED' });
    expect(await at.openAttention(id)).toEqual([]);
    await at.db.sql`UPDATE orders SET tracking_number = 'T1' WHERE id = ${id}`;
    await at.endForGood(id, 'Shopify is away');
    expect(await at.order(id)).toMatchObject({ fulfillmentFailed: false });
    expect(await at.openAttention(id)).toEqual([{ kind: 'fulfillment-failed' }]);
  });

  test('one of an earlier round that is cancelled there is not made again by ourselves either', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }, { shopifyId: '2', wanted: 1 }] });
    await at.run(id);
    const [first] = at.shop.work.fulfillments;
    // An edit adds what is made and fulfilled in a round of its own.
    await at.db.sql`UPDATE orders SET generation = 2, ready_generation = 2, fulfilled_at = NULL WHERE id = ${id}`;
    at.shop.addFulfillmentOrder('b', [['2', 1]]);
    await at.run(id);
    expect(at.shop.created).toHaveLength(2);
    if (first) first.status = 'CANCELLED';
    at.shop.addFulfillmentOrder('c', [['1', 1]]);
    await at.run(id);
    await at.run(id);
    expect(at.shop.created).toHaveLength(2);
    expect(await at.order(id)).toMatchObject({ fulfilledAt: null });
  });

  test('one of two parcels that is cancelled there leaves the order with the other', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    at.shop.addFulfillmentOrder('b', [['2', 1]], { locationId: 'there' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }, { shopifyId: '2', wanted: 1 }] });
    await at.run(id);
    const [first, second] = at.shop.work.fulfillments;
    if (second) second.status = 'CANCELLED';
    at.shop.addFulfillmentOrder('c', [['2', 1]], { locationId: 'there' });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.order(id)).toMatchObject({ fulfilledAt: null, shopifyFulfillmentId: first?.id });
    expect(at.shop.created).toHaveLength(2);
  });

  test('a fulfillment that is made there in place of a cancelled one is taken over, and the order is fulfilled again', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await at.run(id);
    for (const each of at.shop.work.fulfillments) each.status = 'CANCELLED';
    at.shop.addFulfillmentOrder('b', [['1', 1]]);
    const { id: other } = at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'b', lines: [{ id: 'b-1', quantity: 1 }] }] });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.order(id)).toMatchObject({ fulfilledAt: expect.any(Date) as Date, shopifyFulfillmentId: other });
    expect(at.shop.created).toHaveLength(1);
  });

  test('an order that is gone there is given up', async () => {
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    jest.spyOn(at.shop, 'client').mockReturnValue({ ...at.shop.client(), getFulfillmentWork: () => Promise.resolve(null) });
    expect(await at.run(id)).toMatchObject({ kind: 'giveUp' });
  });
});

test('units that are added while the rest is fulfilled leave the order open', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  at.shop.during.before = async () => {
    await at.db.sql`UPDATE orders SET generation = generation + 1 WHERE id = ${id}`;
  };
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded' }]);
  expect((await at.order(id)).fulfilledAt).toBeNull();
});
