import type { ProductionCounts } from '@forma3d/contracts';
import { aLine, anOrder, useDatabase } from '@forma3d/testing';
import { ordersWorld } from './orders-world.fixture';
import type { LinePlan } from './orders';

const world = ordersWorld(useDatabase().url());
const { db, orders, record } = world;
afterAll(() => db.close());

const counts = (change: Partial<ProductionCounts> = {}): ProductionCounts => ({
  wanted: 4,
  sent: 4,
  completed: 0,
  failed: 0,
  unmapped: 0,
  ...change,
});

/** A paid order whose one line is planned. */
async function planned(options: { order?: Parameters<typeof anOrder>[0]; plan?: Partial<LinePlan>; policies?: Record<string, unknown> } = {}) {
  const storeId = await world.store(options.policies);
  const { orderId } = await record.record(storeId, anOrder(options.order));
  if (orderId === null) throw new Error('no order was made');
  await plan(orderId, options.plan);
  return { storeId, orderId };
}

async function plan(orderId: string, change: Partial<LinePlan> = {}): Promise<void> {
  const [line] = await orders.lines(db, orderId);
  if (!line) throw new Error('the order has no line');
  const decided = { lineItemId: line.id, wanted: 2, held: 0, fulfilledBefore: 0, exclusion: null, unmappedReason: null, ...change };
  await db.transaction('test.plan', (tx) => orders.planLines(tx, orderId, [decided]));
}

const set = (orderId: string, change: Partial<ProductionCounts>) =>
  db.transaction('test.set', (tx) => orders.setProduction(tx, orderId, counts(change)));

const readies = async (orderId: string): Promise<number> =>
  (await world.eventTypes(orderId)).filter((type) => type === 'order.ready-for-fulfillment').length;

describe('production', () => {
  it('is ready once, however many prints end at the same moment', async () => {
    const { storeId, orderId } = await planned();
    await set(orderId, {});
    await Promise.all(Array.from({ length: 30 }, () => set(orderId, { completed: 4 })));

    expect(await readies(orderId)).toBe(1);
    expect(await orders.get(storeId, orderId)).toMatchObject({
      productionStatus: 'COMPLETED',
      status: 'packing',
      generation: 1,
      readyGeneration: 1,
      printsCompleted: 4,
    });
    expect(await world.tasks(storeId, 'FULFILLMENT')).toEqual([{ order_id: orderId }]);
  });

  it('tells each change of status once', async () => {
    const { orderId } = await planned();
    await set(orderId, { sent: 0 });
    await set(orderId, { sent: 1 });
    await set(orderId, { sent: 2 });
    await set(orderId, { completed: 1 });
    const types = await world.eventTypes(orderId);
    expect(types.filter((type) => type === 'order.production-changed')).toHaveLength(2);
  });

  it('is ready again for the units that an edit adds, and not for a later success', async () => {
    const { storeId, orderId } = await planned();
    await set(orderId, { completed: 4 });
    await set(orderId, { completed: 3, failed: 1 });
    await set(orderId, { completed: 4 });
    expect(await readies(orderId)).toBe(1);

    await plan(orderId, { wanted: 3 });
    await set(orderId, { wanted: 6, sent: 4, completed: 4 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ productionStatus: 'PARTIALLY_COMPLETED', generation: 2, readyGeneration: 1 });
    await set(orderId, { wanted: 6, sent: 6, completed: 6 });
    expect(await readies(orderId)).toBe(2);
  });

  it('is no longer fulfilled once an edit adds units', async () => {
    const { storeId, orderId } = await planned();
    const nothingToTell = { shopifyFulfillmentId: null, trackingNumber: null, trackingUrl: null, trackingCompany: null };
    await set(orderId, { completed: 4 });
    await db.transaction('test.fulfilled', (tx) => orders.recordFulfilled(tx, orderId, { ...nothingToTell, complete: true }));
    expect((await orders.get(storeId, orderId)).fulfilledAt).not.toBeNull();
    await plan(orderId, { wanted: 3 });
    expect((await orders.get(storeId, orderId)).fulfilledAt).toBeNull();
  });

  it('starts a new generation when one line grew by as much as another shrank', async () => {
    const order = { lineItems: [aLine(), aLine({ id: '9002', sku: 'MUG-BLUE' })] };
    const { storeId, orderId } = await planned({ order });
    const lines = await orders.lines(db, orderId);
    const swap = (first: number, second: number) =>
      db.transaction('test.plan', (tx) =>
        orders.planLines(tx, orderId, lines.map((line, index) => (
          { lineItemId: line.id, wanted: index === 0 ? first : second, held: 0, fulfilledBefore: 0, exclusion: null, unmappedReason: null }
        ))),
      );
    await set(orderId, { wanted: 2, completed: 2 });
    expect(await readies(orderId)).toBe(1);
    await swap(1, 1);
    await set(orderId, { wanted: 2, completed: 1 });
    await set(orderId, { wanted: 2, completed: 2 });
    expect(await readies(orderId)).toBe(2);
    expect(await orders.get(storeId, orderId)).toMatchObject({ generation: 2, readyGeneration: 2, unitsWanted: 2 });
  });

  it('starts a new generation for prints added by a changed product alone', async () => {
    const { storeId, orderId } = await planned();
    await set(orderId, { completed: 4 });
    await set(orderId, { wanted: 5, completed: 4 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ generation: 2, readyGeneration: 1 });
  });

  it('of nothing that is ours is complete and never ready', async () => {
    const { storeId, orderId } = await planned({ plan: { wanted: 0, exclusion: 'gift_card' } });
    await set(orderId, { wanted: 0, sent: 0 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ productionStatus: 'COMPLETED', status: 'accepted' });
    expect(await readies(orderId)).toBe(0);
  });

  it('of lines that need no prints is ready at once, and a pickup order with it', async () => {
    const { storeId, orderId } = await planned({ order: { pickup: true } });
    await set(orderId, { wanted: 0, sent: 0 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ productionStatus: 'COMPLETED', status: 'ready', readyAt: world.clock.now() });
    expect(await readies(orderId)).toBe(1);
  });

  it('moves a pickup order to in progress with its first print', async () => {
    const { storeId, orderId } = await planned({ order: { pickup: true } });
    await set(orderId, { sent: 1 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ status: 'in_progress', shippingStatus: null });
  });

  it('leaves the lifecycle to people where the store says so', async () => {
    const { storeId, orderId } = await planned({ policies: { system_moves: { production: false, complete: false } } });
    await set(orderId, { completed: 4 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ status: 'accepted', productionStatus: 'COMPLETED' });
  });

  it('is not complete while a line is unmapped or before the first plan', async () => {
    const { storeId, orderId } = await planned({ plan: { unmappedReason: 'no mapping' } });
    await set(orderId, { wanted: 0, sent: 0, unmapped: 1 });
    expect(await orders.get(storeId, orderId)).toMatchObject({ productionStatus: 'PENDING', linesUnmapped: 1 });
  });
});

describe('fulfillment', () => {
  it('that fails for good fails the order, and its later success tells no second ready', async () => {
    const { storeId, orderId } = await planned();
    await set(orderId, { completed: 4 });
    await db.transaction('test', (tx) => orders.setFulfillmentFailed(tx, orderId, true));
    expect(await orders.get(storeId, orderId)).toMatchObject({ productionStatus: 'FAILED' });

    const facts = { shopifyFulfillmentId: '77', trackingNumber: 'T1', trackingUrl: null, trackingCompany: null, complete: true };
    await db.transaction('test', (tx) => orders.recordFulfilled(tx, orderId, facts));
    expect(await orders.get(storeId, orderId)).toMatchObject({
      productionStatus: 'COMPLETED',
      fulfillmentFailed: false,
      shopifyFulfillmentId: '77',
      trackingNumber: 'T1',
      fulfilledAt: world.clock.now(),
    });
    expect(await readies(orderId)).toBe(1);
  });

  it('facts that are absent leave what is known, and a part is not the whole', async () => {
    const { storeId, orderId } = await planned();
    const none = { shopifyFulfillmentId: null, trackingNumber: null, trackingUrl: null, trackingCompany: null, complete: false };
    await db.transaction('test', (tx) => orders.recordFulfilled(tx, orderId, { ...none, shopifyFulfillmentId: '77', trackingNumber: 'T1' }));
    await db.transaction('test', (tx) => orders.recordFulfilled(tx, orderId, none));
    expect(await orders.get(storeId, orderId)).toMatchObject({ shopifyFulfillmentId: '77', trackingNumber: 'T1', fulfilledAt: null });
  });
});

describe('a move of the lifecycle', () => {
  it('that is not allowed is refused with what is', async () => {
    const { storeId, orderId } = await planned();
    const order = await orders.get(storeId, orderId);
    await expect(db.transaction('test', (tx) => orders.move(tx, order, 'delivered'))).rejects.toMatchObject({
      code: 'illegal-transition',
      details: { status: 'accepted', allowed_transitions: ['packing', 'shipped', 'cancelled'] },
    });
  });

  it('by two people at once is made by one of them', async () => {
    const { storeId, orderId } = await planned();
    const order = await orders.get(storeId, orderId);
    const both = await Promise.allSettled([1, 2].map(() => db.transaction('test', (tx) => orders.move(tx, order, 'packing'))));
    expect(both.map((each) => each.status).sort()).toEqual(['fulfilled', 'rejected']);
  });
});

describe('an order that nobody has', () => {
  const nobodys = '0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e';

  it('is not found, also when another store has it', async () => {
    const { orderId } = await planned();
    const other = await world.store();
    await expect(orders.get(other, orderId)).rejects.toMatchObject({ code: 'order-not-found' });
    await expect(set(nobodys, {})).rejects.toMatchObject({ code: 'order-not-found' });
    expect(await db.transaction('test', (tx) => orders.lock(tx, nobodys))).toBeUndefined();
  });
});

describe('going on', () => {
  it('plans what is unfinished, fulfills what is complete, and leaves what is over', async () => {
    const { storeId, orderId } = await planned();
    const goOn = () =>
      db.transaction('test', async (tx) => {
        const order = await orders.lock(tx, orderId);
        if (order) await orders.goOn(tx, order);
      });
    await world.forgetTasks(storeId);
    await goOn();
    expect(await world.tasks(storeId, 'PRODUCTION_PLAN')).toHaveLength(1);

    await set(orderId, { completed: 4 });
    await world.forgetTasks(storeId);
    await goOn();
    expect(await world.tasks(storeId, 'FULFILLMENT')).toHaveLength(1);

    const facts = { shopifyFulfillmentId: '78', trackingNumber: null, trackingUrl: null, trackingCompany: null, complete: true };
    await db.transaction('test', (tx) => orders.recordFulfilled(tx, orderId, facts));
    await world.forgetTasks(storeId);
    await goOn();
    expect([...(await world.tasks(storeId, 'FULFILLMENT')), ...(await world.tasks(storeId, 'PRODUCTION_PLAN'))]).toEqual([]);
  });
});
