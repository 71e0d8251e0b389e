import { OutsideError } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { CALL_MS, SETTLE_MS, setUp, TIMEOUT_MS } from './fulfillment.fixture';

const database = useDatabase();
let at: ReturnType<typeof setUp>;

beforeEach(async () => {
  at = setUp(database.url());
  await at.addStore();
});
afterEach(() => at.db.close());

const unknown = (): unknown => expect.objectContaining({ failure: 'unknown' });

test('fulfill on ready event: a ready order is fulfilled with one read and one call, and the order knows', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 2]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 2 }] });
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect([at.shop.reads, at.shop.created]).toEqual([
    1,
    [{ orderId: id, groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 2 }] }], notifyCustomer: true, tracking: undefined }],
  ]);
  expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded', shopifyId: '9001', adopted: false, intentUntil: null }]);
  expect(await at.order(id)).toMatchObject({ shopifyFulfillmentId: '9001', fulfilledAt: expect.any(Date) as Date });
  expect(await at.eventsOf(id)).toEqual(['fulfillment.created']);
});

test('skip already fulfilled: running again finds nothing to do', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await at.run(id);
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(at.shop.created).toHaveLength(1);
  expect(await at.eventsOf(id)).toEqual(['fulfillment.created']);
});

test('an order that is not complete, or unknown, asks nothing of Shopify', async () => {
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], ready: false });
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(await at.run(at.storeId)).toEqual({ kind: 'done' });
  expect(at.shop.reads).toBe(0);
});

test('a cancelled order is never fulfilled, whatever the order of events', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(at.shop.reads).toBe(0);
});

test('an order that Shopify cancelled before we heard of it is not fulfilled', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  at.shop.work.cancelledAt = at.clock.now();
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect(at.shop.created).toEqual([]);
});

test('two locations are two fulfillments, and the order is fulfilled with the second', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  at.shop.addFulfillmentOrder('b', [['2', 1]], { locationId: 'there' });
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }, { shopifyId: '2', wanted: 1 }] });
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect((await at.rows(id)).map((row) => [row.locationId, row.phase])).toEqual([['here', 'succeeded'], ['there', 'succeeded']]);
  expect(at.shop.created).toHaveLength(2);
});

describe('an answer that got lost', () => {
  test.each([['whole', 2, 2], ['partial', 2, 5]])('is found again, and nothing is fulfilled twice: %s', async (_, wanted, open) => {
    at.shop.addFulfillmentOrder('a', [['1', open]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted }] });
    at.shop.failNext('create', 'lost');
    await expect(at.run(id)).rejects.toEqual(expect.objectContaining({ failure: 'unknown', retryAfterMs: TIMEOUT_MS + SETTLE_MS }));
    expect(await at.rows(id)).toMatchObject([{ phase: 'retrying', shopifyId: null }]);

    expect(await at.run(id)).toMatchObject({ kind: 'snooze', afterMs: TIMEOUT_MS + SETTLE_MS });
    at.clock.advance(TIMEOUT_MS + SETTLE_MS);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toHaveLength(1);
    expect(at.shop.fulfilled('1')).toBe(wanted);
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded', shopifyId: '9001', adopted: false }]);
    expect((await at.order(id)).fulfilledAt).not.toBeNull();
    expect(await at.eventsOf(id)).toEqual(['fulfillment.retrying', 'fulfillment.created']);
  });

  test('and that did not happen is asked for again', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('create', 'unknown', 'unknown');
    await expect(at.run(id)).rejects.toEqual(unknown());
    at.clock.advance(TIMEOUT_MS + SETTLE_MS);
    await expect(at.run(id)).rejects.toEqual(unknown());
    at.clock.advance(TIMEOUT_MS + SETTLE_MS);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.fulfilled('1')).toBe(1);
    expect(await at.rows(id)).toHaveLength(1);
    // Trouble is told of once, not at each try.
    expect(await at.eventsOf(id)).toEqual(['fulfillment.retrying', 'fulfillment.created']);
  });

  test('is not mistaken for a fulfillment made elsewhere by the webhook of our own', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.during.after = async () => {
      expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
    };
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ adopted: false, shopifyId: '9001' }]);
  });
});

describe('a process that dies', () => {
  const transactions = ['fulfillment.announce', 'fulfillment.record'];
  const points = ['before-commit', 'after-commit'] as const;

  test.each(transactions.flatMap((name) => points.map((point) => [point, name] as const)))(
    '%s of %s leaves one fulfillment after the next run',
    async (point, name) => {
      at.shop.addFulfillmentOrder('a', [['1', 2]]);
      const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 2 }] });
      at.db.watcher = (at2, transaction) => {
        if (at2 === point && transaction === name) throw new Error('killed');
      };
      await expect(at.run(id)).rejects.toThrow('killed');
      at.db.watcher = undefined;
      at.clock.advance(CALL_MS + SETTLE_MS);
      expect(await at.run(id)).toEqual({ kind: 'done' });
      expect(at.shop.created).toHaveLength(1);
      expect((await at.rows(id)).map((row) => [row.phase, row.adopted])).toEqual([['succeeded', false]]);
      expect((await at.eventsOf(id)).filter((type) => type === 'fulfillment.created')).toHaveLength(1);
      expect((await at.order(id)).fulfilledAt).not.toBeNull();
    },
  );

  test.each(['before', 'after'] as const)('while Shopify works (%s the effect) leaves one fulfillment', async (moment) => {
    at.shop.addFulfillmentOrder('a', [['1', 2]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 2 }] });
    at.shop.during[moment] = () => Promise.reject(new Error('killed'));
    await expect(at.run(id)).rejects.toThrow('killed');
    at.shop.during = {};
    expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
    at.clock.advance(CALL_MS + SETTLE_MS);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.fulfilled('1')).toBe(2);
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded' }]);
  });
});

test('two runners at once make one fulfillment, whole or partial', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 9]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 3 }] });
  const outcomes = await Promise.all([at.run(id), at.run(id), at.run(id)]);
  expect(outcomes.filter((outcome) => outcome.kind === 'done').length).toBeGreaterThan(0);
  expect(at.shop.created).toHaveLength(1);
  expect(await at.rows(id)).toHaveLength(1);
});

test('a runner that read before another one was through does not repeat what that one did', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 9]]);
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 3 }] });
  at.shop.during.read = async () => {
    at.shop.during = {};
    await at.run(id);
  };
  expect(await at.run(id)).toEqual({ kind: 'done' });
  expect([at.shop.created.length, at.shop.fulfilled('1')]).toEqual([1, 3]);
  expect(await at.eventsOf(id)).toEqual(['fulfillment.created']);
});

test('a runner that read before another one’s call does not take that call for one that never happened', async () => {
  at.shop.addFulfillmentOrder('a', [['1', 9]]);
  at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 1 }] }] });
  const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 4 }] });
  let other: Promise<unknown> | undefined;
  let letGo = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    letGo = resolve;
  });
  at.shop.during.read = async () => {
    at.shop.during = {};
    const called = new Promise<void>((resolve) => {
      at.shop.during.after = () => {
        resolve();
        return held;
      };
    });
    other = at.run(id);
    await called;
    at.shop.during = {};
  };
  expect(await at.run(id)).toMatchObject({ kind: 'snooze' });
  letGo();
  expect(await other).toEqual({ kind: 'done' });
  expect(at.shop.fulfilled('1')).toBe(4);
  expect((await at.rows(id)).map((row) => [row.adopted, row.phase])).toEqual([[true, 'succeeded'], [false, 'succeeded']]);
});

describe('a refusal for good', () => {
  test('fails once, with an event, an alert and the order, and nothing tries again by itself', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('create', 'permanent');
    await expect(at.run(id)).rejects.toEqual(expect.objectContaining({ failure: 'permanent' }));
    await at.endForGood(id, 'Shopify, fulfillmentCreate: permanent');
    expect(await at.rows(id)).toMatchObject([{ phase: 'failed', intentUntil: null, failedAt: expect.any(Date) as Date }]);
    expect(await at.order(id)).toMatchObject({ productionStatus: 'FAILED', fulfillmentFailed: true });
    expect(await at.openAttention(id)).toEqual([{ kind: 'fulfillment-failed' }]);
    expect(await at.eventsOf(id)).toEqual(['fulfillment.failed', 'order.production-changed', 'order.needs-attention']);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(at.shop.created).toEqual([]);
  });

  test('at one location leaves the other fulfilled', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    at.shop.addFulfillmentOrder('b', [['2', 1]], { locationId: 'there' });
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }, { shopifyId: '2', wanted: 1 }] });
    at.shop.failNext('create', 'permanent');
    await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    await at.endForGood(id, 'no');
    expect((await at.rows(id)).map((row) => [row.locationId, row.phase])).toEqual([['here', 'failed'], ['there', 'succeeded']]);
    expect((await at.order(id)).fulfilledAt).toBeNull();
  });

  test('because somebody else was faster is no failure', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.during.before = () => {
      at.shop.fulfill({ groups: [{ fulfillmentOrderId: 'a', lines: [{ id: 'a-1', quantity: 1 }] }] });
      return Promise.resolve();
    };
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded', adopted: true }]);
    expect((await at.order(id)).fulfilledAt).not.toBeNull();
  });

  test('of a cancelled order is no failure either', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('create', 'permanent');
    await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
    await at.endForGood(id, 'closed');
    expect(await at.rows(id)).toMatchObject([{ phase: 'cancelled' }]);
    expect(await at.openAttention(id)).toEqual([]);
  });

  test('needs nobody any more once the order is cancelled', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('create', 'permanent');
    await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    await at.endForGood(id, 'closed');
    expect(await at.openAttention(id)).toMatchObject([{ kind: 'fulfillment-failed' }]);
    await at.db.sql`UPDATE orders SET cancelled_at = now(), status = 'cancelled' WHERE id = ${id}`;
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.rows(id)).toMatchObject([{ phase: 'cancelled' }]);
    expect(await at.openAttention(id)).toEqual([]);
  });
});

describe('trouble that passes', () => {
  test.each(['transient', 'throttled', 'refused'] as const)('API error handled, %s: nothing was sent, and the next run may call at once', async (fault) => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('create', fault, fault);
    await expect(at.run(id)).rejects.toEqual(expect.objectContaining({ failure: fault }));
    await expect(at.run(id)).rejects.toEqual(expect.objectContaining({ failure: fault }));
    expect(await at.rows(id)).toMatchObject([{ phase: 'retrying', intentUntil: null }]);
    expect(await at.run(id)).toEqual({ kind: 'done' });
    expect(await at.eventsOf(id)).toEqual(['fulfillment.retrying', 'fulfillment.created']);
  });

  test('Shopify that cannot be read shows as retrying, once, and ends well in the same row', async () => {
    at.shop.addFulfillmentOrder('a', [['1', 1]]);
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('read', 'transient', 'transient', 'throttled');
    for (let i = 0; i < 3; i += 1) await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    expect(await at.rows(id)).toMatchObject([{ phase: 'retrying', lines: [] }]);
    await at.run(id);
    expect(await at.rows(id)).toMatchObject([{ phase: 'succeeded' }]);
    expect(await at.eventsOf(id)).toEqual(['fulfillment.retrying', 'fulfillment.created']);
  });

  test('that lasts until the attempts are used up fails with a row that says so', async () => {
    const id = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
    at.shop.failNext('read', 'throttled');
    await expect(at.run(id)).rejects.toBeInstanceOf(OutsideError);
    await at.endForGood(id, 'down');
    expect(await at.rows(id)).toMatchObject([{ phase: 'failed', error: 'down' }]);
  });
});
