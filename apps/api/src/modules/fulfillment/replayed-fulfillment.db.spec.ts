import { createFulfillment, forceFulfillment } from '@forma3d/contracts';
import { OutsideError } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { setUp } from './fulfillment.fixture';
import { requestOfOrder } from './fulfillment.repository';

const database = useDatabase();
let at: ReturnType<typeof setUp>;

beforeEach(async () => {
  at = setUp(database.url());
  await at.addStore();
});
afterEach(async () => {
  at.news.onModuleDestroy();
  await at.db.close();
});

/** One run that fails for good. */
async function fail(id: string): Promise<void> {
  await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
  await at.endForGood(id, 'no');
}

/** A person asks for it, and Shopify refuses that for good; answers what the person hears. */
async function askInVain(id: string, body: Parameters<typeof at.requests.request>[2], forced = false) {
  const answer = at.requests.request(at.storeId, id, body, forced);
  await until(() => requestOfOrder(at.db, id), { what: 'the request' });
  at.shop.failNext('create', 'permanent');
  await fail(id);
  at.news.tell(id);
  return answer;
}

test('what was refused for good is fulfilled when a person has the task tried again', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  at.shop.failNext('create', 'permanent');
  await fail(id);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.rows(id)).toMatchObject([{ phase: 'failed' }]);
  await at.replay(id);
  await at.replay(id);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect((await at.rows(id)).map((row) => row.phase)).toEqual(['succeeded']);
  expect(await at.openAttention(id)).toEqual([]);
});

test('an order that is cancelled by now is not fulfilled when its task is tried again', async () => {
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
  await expect(at.replay(id)).rejects.toMatchObject({ code: 'conflict' });
});

describe('trying again fulfills no more than is let go by now', () => {
  test('a pickup that nobody has collected is announced, and needs nobody any more', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { deliveryMethod: 'PICK_UP' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], fulfilmentType: 'pickup', status: 'ready' });
    at.shop.failNext('read', 'transient');
    await fail(id);
    await at.replay(id);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect([at.shop.prepared, at.shop.created]).toEqual([[['a']], []]);
    expect(await at.order(id)).toMatchObject({ productionStatus: 'COMPLETED', fulfillmentFailed: false, fulfilledAt: null });
    expect(await at.openAttention(id)).toEqual([]);
    await at.db.sql`UPDATE orders SET status = 'completed' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toHaveLength(1);
  });

  test('an order of a store that fulfills when shipped waits for the shipping', async () => {
    at.policies.value = { ...at.policies.value, fulfill_on: 'shipped' };
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('read', 'transient');
    await fail(id);
    await at.replay(id);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toEqual([]);
    expect(await at.openAttention(id)).toEqual([]);
    await at.db.sql`UPDATE orders SET status = 'shipped' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toHaveLength(1);
  });

  test('one on hold goes on waiting', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { status: 'ON_HOLD' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('read', 'transient');
    await fail(id);
    await at.replay(id);
    expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
    expect(await at.order(id)).toMatchObject({ productionStatus: 'COMPLETED', fulfillmentFailed: false });
  });

  test('what somebody cancelled in Shopify is left to who fulfills it by hand', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await at.run(id);
    for (const each of at.shop.work.fulfillments) each.status = 'CANCELLED';
    at.shop.addFulfillmentOrder('b', [['1', 1]]);
    await at.run(id);
    await at.endForGood(id, 'Shopify was away');
    await expect(at.replay(id)).rejects.toMatchObject({ code: 'conflict' });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toHaveLength(1);
  });
});

describe('what a person asked for outlives its failure', () => {
  const body = createFulfillment.parse({ notify_customer: false, tracking: { number: 'T1' } });

  test('and is done as it was asked for when it is tried again, not before', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    expect(await askInVain(id, body)).toMatchObject({ success: false, message: 'The fulfillment failed: no', fulfillment: { phase: 'failed' } });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toEqual([]);
    await at.replay(id);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toMatchObject([{ notifyCustomer: false, tracking: { number: 'T1' } }]);
    expect(await requestOfOrder(at.db, id)).toBeUndefined();
  });

  test('also the force on an order that is not complete, with the prints that remain', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 2]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 2 }], ready: false });
    await askInVain(id, forceFulfillment.parse({ cancel_remaining: true }), true);
    await at.replay(id);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect([at.shop.fulfilled('1'), at.takenBack]).toEqual([2, [id]]);
  });

  test('and is over when somebody fulfills the order in Shopify meanwhile', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await askInVain(id, body);
    at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 1 }] }], tracking: { number: 'T2' } });
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.tracked).toEqual([]);
    expect(await requestOfOrder(at.db, id)).toBeUndefined();
  });

  test('and is over when somebody fulfills in Shopify what failed, while another part is on hold', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    at.shop.addFulfillmentOrder('b', [['2', 1]], { locationId: 'there', status: 'ON_HOLD' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }, { shopifyId: '2', wanted: 1 }] });
    await askInVain(id, body);
    at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 1 }] }] });
    expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
    expect(await requestOfOrder(at.db, id)).toBeUndefined();
  });

  test('and is over when the order is cancelled', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    await askInVain(id, body);
    await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
    await at.endForGood(id, 'no');
    expect(await requestOfOrder(at.db, id)).toBeUndefined();
  });
});
