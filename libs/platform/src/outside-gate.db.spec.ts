import { withScope } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { outsideFailureOf as failure, useDatabase } from '@forma3d/testing';
import { gateWorld } from './outside-gate.setup';

const world = gateWorld(useDatabase().url());
const { process, call, db, read, troubles, log, calls } = world;
let storeId: string;

beforeEach(() => {
  storeId = world.newStore();
});
afterEach(() => world.close());

test('two processes share one limit: what exceeds the bucket waits its turn', async () => {
  const [one, two] = [process(20), process(20)];
  const startedAt = performance.now();
  const passedAt = await Promise.all(
    Array.from({ length: 40 }, async (_, index) => {
      await (index % 2 === 0 ? one : two).enter(call());
      return performance.now() - startedAt;
    }),
  );
  // 20 at once from the full bucket, the other 20 one by one within a second.
  expect(passedAt.filter((ms) => ms < 400).length).toBeLessThanOrEqual(29);
  expect(Math.max(...passedAt)).toBeGreaterThan(800);
  expect(Math.max(...passedAt)).toBeLessThan(3_000);
});

test('every call is a debug line: what was asked, how long it took, how it ended, also one that was not sent', async () => {
  const gate = process(1);
  await (await gate.enter(call()))({ refused: false });
  await (await gate.enter(call({ cost: 0 })))({});
  await failure(gate.enter(call({ cost: 30 })));
  const facts = { store_id: storeId, system: 'simplyprint', operation: 'queue/GetItems', ms: expect.any(Number) as unknown };
  expect(calls).toEqual([{ ...facts, result: 'answered' }, { ...facts, result: 'failed' }, { ...facts, ms: 0, result: 'not sent: throttled' }]);
});

test('a turn further off than eight seconds is told instead of waited for, and takes nothing', async () => {
  const gate = process(1);
  await gate.enter(call());
  const error = await failure(gate.enter(call({ cost: 30 })));
  expect(error).toMatchObject({ failure: 'throttled', system: 'simplyprint', operation: 'queue/GetItems' });
  expect(error.retryAfterMs).toBeGreaterThan(28_000);
  expect((await read()).tokens).toBeGreaterThan(-0.1);
});

test('a wait that is called off gives its turn back', async () => {
  const gate = process(1);
  await gate.enter(call());
  const stop = new AbortController();
  const waiting = failure(gate.enter(call({ cost: 5 }), stop.signal));
  await db().sql`SELECT 1`;
  stop.abort();
  expect(await waiting).toMatchObject({ failure: 'transient' });
  expect((await read()).tokens).toBeGreaterThan(-0.1);
});

test('accounts of two stores and of two systems do not touch each other', async () => {
  const gate = process(1);
  await gate.enter(call());
  const startedAt = performance.now();
  await gate.enter(call({ storeId: newId() }));
  await gate.enter(call({ system: 'smtp' }));
  await gate.enter(call({ system: 'shopify', cost: 1_000 }));
  expect(performance.now() - startedAt).toBeLessThan(500);
});

test('"too many" blocks the store for everybody until then, without using up anything', async () => {
  const [one, two] = [process(), process()];
  const pay = await one.enter(call());
  await pay({ blockedForMs: 5_000 });
  const error = await failure(two.enter(call()));
  expect(error.failure).toBe('throttled');
  expect(error.retryAfterMs).toBeGreaterThan(4_000);
  expect(error.retryAfterMs).toBeLessThanOrEqual(5_000);
});

test('the bill corrects the price, and the account learns size and speed from the answer', async () => {
  const gate = process();
  const pay = await gate.enter(call({ system: 'shopify', cost: 500 }));
  await pay({ actualCost: 20, maximumAvailable: 4_000, currentlyAvailable: 3_980, restoreRate: 0.001 });
  const learned = await read('shopify');
  expect(learned).toMatchObject({ capacity: 4_000, restore: 0.001, reserved: 0 });
  expect(learned.tokens).toBeCloseTo(3_980);
});

test('the account never holds more than the outside system says is there', async () => {
  const gate = process();
  const pay = await gate.enter(call({ system: 'shopify', cost: 10 }));
  await pay({ actualCost: 10, maximumAvailable: 2_000, currentlyAvailable: 7, restoreRate: 0.001 });
  expect((await read('shopify')).tokens).toBeLessThanOrEqual(7);
});

test('refused credentials: one alert, everybody waits, one probe, and an accepted one ends it', async () => {
  const [one, two] = [process(), process()];
  const [pay, payToo] = [await one.enter(call()), await two.enter(call())];
  await Promise.all([pay({ refused: true }), payToo({ refused: true })]);
  expect(troubles).toEqual([{ storeId, system: 'simplyprint', refused: true }]);
  expect(log).toEqual(['simplyprint refuses our credentials; its calls wait']);

  const error = await failure(two.enter(call()));
  expect(error.failure).toBe('refused');
  expect(error.retryAfterMs).toBeGreaterThan(3_000);
  expect(error.retryAfterMs).toBeLessThanOrEqual(5_000);

  await db().sql`UPDATE outside_limit SET blocked_until = clock_timestamp() - interval '1 ms' WHERE store_id = ${storeId}`;
  const tries = await Promise.allSettled([one.enter(call()), two.enter(call()), one.enter(call())]);
  const probes = tries.filter((each) => each.status === 'fulfilled');
  expect(probes).toHaveLength(1);

  await probes[0]?.value({});
  expect((await read()).refused).toBe(true);
  await probes[0]?.value({ refused: false });
  expect(await read()).toMatchObject({ refused: false, blocked_ms: null });
  expect(troubles.at(-1)).toEqual({ storeId, system: 'simplyprint', refused: false });
  await one.enter(call());
});

test.each([
  ['a moment', '100 ms', 5],
  ['a quarter of a minute', '15 s', 15],
  ['a day', '1 day', 60],
])('credentials that were refused for %s are tried again as long afterwards, from five seconds to a minute', async (_what, since, seconds) => {
  const gate = process();
  await (await gate.enter(call()))({ refused: true });
  await db().sql`UPDATE outside_limit SET refused_since = clock_timestamp() - ${since}::interval, blocked_until = clock_timestamp() WHERE store_id = ${storeId}`;
  await gate.enter(call());
  const { retryAfterMs } = await failure(gate.enter(call()));
  expect(Math.round((retryAfterMs ?? 0) / 1_000 / seconds)).toBe(1);
});

test('a system that has fallen silent is asked by a few tasks at a time; people are let through', async () => {
  world.newStore();
  const gate = world.process(1_000);
  const inTask = <R>(work: () => Promise<R>): Promise<R> =>
    withScope({ task: { id: 't', type: 'PRINT_JOB_CREATION', signal: new AbortController().signal, leaseUntil: () => Date.now() + 60_000 } }, work);
  for (let n = 0; n < 5; n += 1) await (await inTask(() => gate.enter(world.call())))({});
  const asking = await Promise.all([1, 2, 3, 4].map(() => inTask(() => gate.enter(world.call()))));
  await expect(inTask(() => gate.enter(world.call()))).rejects.toMatchObject({ failure: 'throttled', message: expect.stringContaining('does not answer') as unknown });
  await (await gate.enter(world.call()))({});
  await asking[0]?.({ refused: false });
  await (await inTask(() => gate.enter(world.call())))({ refused: false });
});

test('nothing is sent from inside a transaction', async () => {
  const gate = process();
  await expect(db().transaction('test.outside', () => gate.enter(call()))).rejects.toThrow('inside transaction test.outside');
});

test.each([
  ['was lost', { aborted: true, leaseMs: 30_000 }],
  ['is too short for the answer', { aborted: false, leaseMs: 900 }],
])('nothing is sent when the lease of the task %s, and its price is given back', async (_what, { aborted, leaseMs }) => {
  const gate = process();
  const lost = new AbortController();
  if (aborted) lost.abort();
  const task = { id: newId(), type: 'PRINT_JOB_SWEEP', signal: lost.signal, leaseUntil: () => Date.now() + leaseMs };
  expect(await failure(withScope({ task }, () => gate.enter(call({ timeoutMs: 1_000 }))))).toMatchObject({ failure: 'transient' });
  expect((await read()).tokens).toBeGreaterThan(4.9);
});
