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
