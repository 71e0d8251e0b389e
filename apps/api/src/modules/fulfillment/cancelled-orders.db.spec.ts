import { anyRow } from '@forma3d/database';
import { useDatabase } from '@forma3d/testing';
import { CALL_MS, SETTLE_MS, setUp } from './fulfillment.fixture';

const { url } = useDatabase();
let at: ReturnType<typeof setUp>;
beforeEach(async () => {
  at = setUp(url());
  await at.addStore();
});
afterEach(() => at.db.close());

async function anOrder(): Promise<string> {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  return at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
}

const cancel = (id: string) =>
  at.db.transaction('test.cancel', async (tx) => {
    const order = await at.orders.lock(tx, id);
    if (order) await at.orders.cancel(tx, order, { at: at.clock.now(), reason: null });
  });

test('an order that is cancelled while it is planned is not fulfilled', async () => {
  const id = await anOrder();
  at.shop.during.read = () => cancel(id);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(at.shop.created).toEqual([]);
  expect(await at.openAttention(id)).toEqual([]);
});

test('a fulfillment that won the race against a cancellation is recorded, and told to the operator once', async () => {
  const id = await anOrder();
  at.shop.during.before = () => cancel(id);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded', intentUntil: null }]);
  expect(await at.order(id)).toMatchObject({ status: 'cancelled', productionStatus: 'CANCELLED', fulfilledAt: at.clock.now() });
  expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect((await at.eventsOf(id)).filter((type) => type === 'order.needs-attention')).toHaveLength(1);
});

test('so is one whose answer got lost', async () => {
  const id = await anOrder();
  at.shop.during.after = () => cancel(id);
  at.shop.failNext('create', 'lost');
  await expect(at.run(id)).rejects.toMatchObject({ failure: 'unknown' });
  expect(await at.openAttention(id)).toEqual([]);
  at.clock.advance(CALL_MS + SETTLE_MS);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded' }]);
  expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
});

test('a call that never came about ends with the order, and nobody is told', async () => {
  const id = await anOrder();
  at.shop.failNext('create', 'unknown');
  await expect(at.run(id)).rejects.toMatchObject({ failure: 'unknown' });
  await cancel(id);
  at.clock.advance(CALL_MS + SETTLE_MS);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(at.shop.created).toEqual([]);
  expect(await at.rows(id)).toMatchObject([{ phase: 'cancelled' }]);
  expect(await at.openAttention(id)).toEqual([]);
});

test('what was told closes when the fulfillment is cancelled in Shopify', async () => {
  const id = await anOrder();
  at.shop.during.before = () => cancel(id);
  await at.run(id);
  const [made] = at.shop.work.fulfillments;
  if (made) made.status = 'CANCELLED';
  await at.db.transaction('test.go-on', async (tx) => {
    const order = await at.orders.lock(tx, id);
    if (order) await at.orders.goOn(tx, order);
  });
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.rows(id)).toMatchObject([{ phase: 'cancelled' }]);
  expect(await at.openAttention(id)).toEqual([]);
});

describe('whether a call fulfilled a cancelled order, while Shopify cannot be read', () => {
  /** Cancelled with a call of which nobody knows the end, and the task out of attempts. */
  async function unclear(fault: 'lost' | 'unknown'): Promise<string> {
    const id = await anOrder();
    at.shop.failNext('create', fault);
    await expect(at.run(id)).rejects.toMatchObject({ failure: 'unknown' });
    await cancel(id);
    await at.endForGood(id, 'Shopify is away');
    return id;
  }

  test('is told to a person', async () => {
    const id = await unclear('lost');
    expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
    expect((await at.eventsOf(id)).filter((type) => type === 'order.needs-attention')).toHaveLength(1);
  });

  test('is looked at when the task is tried again: it did', async () => {
    const id = await unclear('lost');
    await at.replay(id);
    at.clock.advance(CALL_MS + SETTLE_MS);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded' }]);
    expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
  });

  test('is looked at with the next news of the order: it did not, and nobody is needed', async () => {
    const id = await unclear('unknown');
    await at.db.sql`DELETE FROM retry_queue WHERE order_id = ${id}`;
    await at.db.transaction('test.go-on', async (tx) => at.orders.goOn(tx, await at.order(id)));
    expect(await at.db.sql.rows(anyRow)`SELECT type FROM retry_queue WHERE order_id = ${id}`).toEqual([{ type: 'FULFILLMENT' }]);
    at.clock.advance(CALL_MS + SETTLE_MS);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'cancelled' }]);
    expect(await at.openAttention(id)).toEqual([]);
  });
});

describe('a pickup', () => {
  async function aPickup(): Promise<string> {
    at.shop.addFulfillmentOrder('a', [['1', 1]], { deliveryMethod: 'PICK_UP' });
    return at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], fulfilmentType: 'pickup', status: 'ready' });
  }

  test('that is cancelled before the customer is told is not announced', async () => {
    const id = await aPickup();
    at.shop.during.read = () => cancel(id);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.prepared).toEqual([]);
    expect(await at.rows(id)).toEqual([]);
    expect(await at.openAttention(id)).toEqual([]);
  });

  test('that is cancelled while the customer is told needs a person, who alone can say so to them', async () => {
    const id = await aPickup();
    at.shop.during.before = () => cancel(id);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.prepared).toEqual([['a']]);
    expect((await at.rows(id)).map((row) => row.phase)).toEqual(['cancelled']);
    expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
  });

  test('stays told when what else was begun for the order ends', async () => {
    const id = await aPickup();
    at.shop.addFulfillmentOrder('b', [['2', 1]], { deliveryMethod: 'PICK_UP', locationId: 'there', status: 'ON_HOLD' });
    await at.db.sql`
      INSERT INTO line_item SELECT (jsonb_populate_record(l, jsonb_build_object('id', gen_random_uuid(), 'shopify_id', '2', 'position', 1))).*
      FROM line_item l WHERE order_id = ${id}`;
    const [first] = at.shop.work.fulfillmentOrders;
    if (first) first.status = 'ON_HOLD';
    expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
    if (first) first.status = 'OPEN';
    at.shop.during.before = () => cancel(id);
    await at.run(id);
    expect((await at.rows(id)).map((row) => row.phase)).toEqual(['cancelled', 'on_hold']);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect((await at.rows(id)).map((row) => row.phase)).toEqual(['cancelled', 'cancelled']);
    expect(await at.openAttention(id)).toEqual([{ kind: 'cancelled-but-fulfilled' }]);
  });

  test('of which more is wanted by now is planned anew before the customer is told', async () => {
    const id = await aPickup();
    at.shop.during.read = async () => {
      at.shop.during = {};
      await at.db.sql`UPDATE orders SET generation = generation + 1 WHERE id = ${id}`;
    };
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.prepared).toEqual([]);
  });
});

test('cancelled and fulfilled at the same moment, ten times: it is fulfilled and told, or it is not fulfilled', async () => {
  for (let round = 0; round < 10; round += 1) {
    at.shop.work.fulfillmentOrders = [];
    at.shop.work.fulfillments = [];
    const before = at.shop.created.length;
    const id = await anOrder();
    const late = async () => {
      for (let turn = 0; turn < round; turn += 1) await at.db.sql`SELECT 1`;
      await cancel(id);
    };
    await Promise.all([at.run(id), late()]);
    await at.run(id);
    const made = at.shop.created.length - before;
    const order = await at.order(id);
    expect(order).toMatchObject({ status: 'cancelled', productionStatus: 'CANCELLED' });
    expect(order.fulfilledAt === null).toBe(made === 0);
    // Fulfilled before it was cancelled, there was no race to tell of.
    const events = await at.eventsOf(id);
    const raced = made === 1 && events.indexOf('order.cancelled') < events.indexOf('fulfillment.created');
    expect(await at.openAttention(id)).toEqual(raced ? [{ kind: 'cancelled-but-fulfilled' }] : []);
  }
});
