import { createFulfillment, forceFulfillment, type FulfillmentAnswer } from '@forma3d/contracts';
import { OutsideError } from '@forma3d/kernel';
import { anyRow } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { setUp } from './fulfillment.fixture';
import { findRow, listRows, requestOfOrder } from './fulfillment.repository';

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

const body = createFulfillment.parse({});

/** Asks, and lets the task run as soon as it is asked for. */
async function ask(orderId: string, forced = false, given = body): Promise<FulfillmentAnswer> {
  const answer = at.requests.request(at.storeId, orderId, given, forced);
  await Promise.race([until(() => requestOfOrder(at.db, orderId), { what: 'the request' }), answer]);
  await at.run(orderId);
  at.news.tell(orderId);
  return answer;
}

test('a complete order is fulfilled by hand, and asking again answers the same', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  const given = createFulfillment.parse({ notify_customer: false, tracking: { number: ' T1 ', url: 'https://track.example/T1' } });
  const answer = await ask(id, false, given);
  expect(answer).toMatchObject({ success: true, fulfillment: { phase: 'succeeded', tracking: { number: 'T1' }, notify_customer: false } });
  expect(at.shop.created).toMatchObject([{ notifyCustomer: false, tracking: { number: 'T1' } }]);
  expect(await at.requests.request(at.storeId, id, body, false)).toMatchObject({
    success: true,
    message: 'The order is fulfilled already.',
    fulfillment: { id: answer.fulfillment?.id },
  });
  expect(at.shop.created).toHaveLength(1);
});

test('tracking that comes later is pushed to Shopify once, and told of', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await at.run(id);
  const given = createFulfillment.parse({ tracking: { number: 'T2' } });
  expect(await ask(id, false, given)).toMatchObject({ success: true, fulfillment: { tracking: { number: 'T2' } } });
  await ask(id, false, given);
  expect(at.shop.tracked).toEqual([{ fulfillmentId: '9001', tracking: { number: 'T2', url: undefined, company: undefined } }]);
  expect(await at.eventsOf(id)).toEqual(['fulfillment.created', 'fulfillment.updated']);
  expect((await at.order(id)).trackingNumber).toBe('T2');
});

test('a pickup that waits at the counter is fulfilled by hand', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]], { deliveryMethod: 'PICK_UP' });
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], fulfilmentType: 'pickup', status: 'ready' });
  expect(await ask(id)).toMatchObject({ success: true, fulfillment: { phase: 'succeeded' } });
});

test('what is not complete is refused, unless it is forced; then it is logged and audited', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 2]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 2 }], ready: false });
  await expect(at.requests.request(at.storeId, id, body, false)).rejects.toMatchObject({ code: 'fulfillment-not-allowed' });
  expect(await requestOfOrder(at.db, id)).toBeUndefined();
  expect(await ask(id, true)).toMatchObject({ success: true, fulfillment: { forced: true, phase: 'succeeded' } });
  expect(at.warnings).toHaveLength(1);
  expect(await at.eventsOf(id)).toEqual(['fulfillment.forced', 'fulfillment.created']);
  expect(await at.db.sql.rows(anyRow)`SELECT action FROM audit_log WHERE entity_id = ${id}`).toEqual([{ action: 'fulfillment-forced' }]);
  // The wish is used up: units that are added later wait to be made.
  expect(await requestOfOrder(at.db, id)).toBeUndefined();
  at.shop.addFulfillmentOrder('b', [['1', 1]]);
  await at.run(id);
  expect(at.shop.created).toHaveLength(1);
});

test('unknown orders and orders of other stores are not found, cancelled ones are refused also by force', async () => {
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await expect(at.requests.request(at.storeId, newId(), body, false)).rejects.toMatchObject({ code: 'order-not-found' });
  await expect(at.requests.request(newId(), id, body, false)).rejects.toMatchObject({ code: 'order-not-found' });
  await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
  await expect(at.requests.request(at.storeId, id, body, true)).rejects.toMatchObject({ code: 'fulfillment-not-allowed' });
});

test('a fulfillment that failed for good is done when a person asks again', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  at.shop.failNext('create', 'permanent');
  await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
  await at.endForGood(id, 'no');
  expect(await ask(id)).toMatchObject({ success: true, fulfillment: { phase: 'succeeded', error: null } });
  expect(await at.rows(id)).toHaveLength(1);
  expect(await at.openAttention(id)).toEqual([]);
});

test('who asks while Shopify does not answer hears that it is tried again', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  at.shop.failNext('create', 'transient');
  const answer = at.requests.request(at.storeId, id, body, false);
  await until(() => requestOfOrder(at.db, id));
  await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
  await at.db.sql`UPDATE retry_queue SET failures = 1, due_at = ${new Date(at.clock.now().getTime() + 60_000)} WHERE dedupe_key = ${id}`;
  at.news.tell(id);
  expect(await answer).toMatchObject({ success: false, fulfillment: { phase: 'retrying' } });

  // Asking again does not wait for the backoff.
  const again = at.requests.request(at.storeId, id, body, false);
  await again;
  const due = await at.db.sql.rows(anyRow)`SELECT due_at FROM retry_queue WHERE dedupe_key = ${id}`;
  expect(due).toEqual([{ due_at: at.clock.now() }]);
});

test('an order on hold answers so', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]], { status: 'ON_HOLD' });
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  const answer = at.requests.request(at.storeId, id, body, false);
  await until(() => requestOfOrder(at.db, id));
  await at.run(id);
  await at.db.sql`UPDATE retry_queue SET snoozed = true WHERE dedupe_key = ${id}`;
  at.news.tell(id);
  expect(await answer).toMatchObject({ success: false, fulfillment: { phase: 'on_hold' } });
});

test('the list is filtered and paged, newest first', async () => {
  for (const location of ['here', 'there']) at.shop.addFulfillmentOrder(location, [['1', 1]], { locationId: location });
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 2 }] });
  await at.run(id);
  const [first, second] = await at.rows(id);
  const list = (more: object, before?: string) => listRows(at.db, at.storeId, { limit: 25, ...more }, before);
  expect((await list({})).map((row) => row.id)).toEqual([second?.id, first?.id]);
  expect((await list({}, second?.id)).map((row) => row.id)).toEqual([first?.id]);
  expect(await list({ limit: 1 })).toHaveLength(2);
  expect(await list({ phase: 'failed' })).toEqual([]);
  expect(await list({ phase: 'succeeded', order_id: id, provider: 'shopify', from: '2026-11-02', to: '2026-11-02' })).toHaveLength(2);
  expect(await list({ to: '2026-11-01' })).toEqual([]);
  expect(await list({ from: '2026-11-02T09:00:00.001Z' })).toEqual([]);
  expect(await findRow(at.db, newId(), first?.id ?? '')).toBeUndefined();
});

test('what is forced leaves its prints alone, or has those that remain taken back once it is fulfilled', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const alone = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], ready: false });
  expect(await ask(alone, true)).toMatchObject({ success: true });
  expect(at.takenBack).toEqual([]);
  expect(await ask(alone, true, forceFulfillment.parse({ cancel_remaining: true }))).toMatchObject({ success: true });
  expect(at.takenBack).toEqual([alone]);

  at.shop.addFulfillmentOrder('b', [['2', 1]], { status: 'ON_HOLD', supportedActions: ['RELEASE_HOLD'] });
  const held = await at.addOrder({ lines: [{ shopifyId: '2', wanted: 1 }], ready: false });
  const answer = at.requests.request(at.storeId, held, forceFulfillment.parse({ cancel_remaining: true }), true);
  await until(() => requestOfOrder(at.db, held), { what: 'the request' });
  expect(await at.run(held)).toMatchObject({ kind: 'snooze' });
  at.news.tell(held);
  await answer;
  expect(at.takenBack).toEqual([alone]);
});
