import { setTimeout as pause } from 'node:timers/promises';
import type { OutsideBill } from '@forma3d/kernel';
import { outsideFailureOf as failure, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { gateWorld } from './outside-gate.setup';

const world = gateWorld(useDatabase().url());
const { process, call, db, read, asTask } = world;

beforeEach(() => {
  world.newStore();
});
afterEach(() => world.close());

const points = (cost: number) => call({ system: 'shopify', operation: 'order', cost });
const reservations = async (): Promise<number> =>
  (await db().sql.one(z.object({ n: z.number() }))`SELECT count(*) AS n FROM outside_reservation WHERE store_id = ${points(0).storeId}`).n;

describe('work that nobody waits for', () => {
  test('is let through while half of the account stays for the rest', async () => {
    const gate = process();
    await world.account(1_300);
    await (await asTask('CATCH_UP', () => gate.enter(points(102))))({ actualCost: 102 });
    expect((await read('shopify')).tokens).toBeCloseTo(1_198);
  });

  test('is told to come again, and takes nothing, when the account is short; what is waited for goes on', async () => {
    const [one, two] = [process(), process()];
    await world.account(1_050, { restore: 100 });
    const [share] = [await asTask('CATCH_UP', () => one.enter(points(102)))];
    const error = await failure(asTask('ORDER_REFRESH', () => two.enter(points(211))));
    expect(error.failure).toBe('throttled');
    // Until there are 1,211 points again, of which 948 are there.
    expect(error.retryAfterMs).toBeGreaterThan(2_000);
    expect(error.retryAfterMs).toBeLessThanOrEqual(2_630);
    expect(await reservations()).toBe(1);
    await (await asTask('FULFILLMENT', () => two.enter(points(111))))({ actualCost: 16 });
    await (await two.enter(points(111)))({ actualCost: 16 });
    await share({ actualCost: 102 });
  });

  test('has a fifth of what flows in when the rest takes all', async () => {
    const [one, two] = [process(), process()];
    await world.account(300, { restore: 100 });
    const background = () => asTask('ORDER_REFRESH', () => two.enter(points(200)));
    await (await background())({ actualCost: 40 });
    // 40 points are a fifth of what flows in within two seconds.
    const early = await failure(background());
    expect(early.retryAfterMs).toBeGreaterThan(1_500);
    expect(early.retryAfterMs).toBeLessThanOrEqual(2_000);
    await world.account(0, { restore: 100 });
    await world.pass(2_000);
    await world.account(150, { restore: 100 });
    const rest = await asTask('FULFILLMENT', () => one.enter(points(111)));
    await (await background())({ actualCost: 40 });
    await rest({ actualCost: 16 });
  });

  test('has its turn behind a queue that is full for everybody else', async () => {
    const gate = process();
    await world.account(-790, { restore: 100 });
    expect((await failure(gate.enter(points(111)))).failure).toBe('throttled');
    const stop = new AbortController();
    const waits = failure(asTask('CATCH_UP', () => gate.enter(points(102), stop.signal)));
    while ((await reservations()) === 0) await pause(5);
    stop.abort();
    expect((await waits).failure).toBe('transient');
    expect(await reservations()).toBe(0);
  });
});

describe('what a process took in advance', () => {
  test('is free again soon after the process died', async () => {
    const [dead, alive] = [process(), process()];
    await world.account(2_000, { restore: 0.001 });
    for (let call = 0; call < 9; call += 1) await dead.enter(points(211));
    expect((await failure(alive.enter(points(211)))).failure).toBe('throttled');
    // Its time limit, and what ending a call takes.
    await world.pass(6_000);
    await (await alive.enter(points(211)))({ actualCost: 44 });
    expect(await read('shopify')).toMatchObject({ reserved: 0 });
    expect((await read('shopify')).tokens).toBeGreaterThan(1_950);
  });

  test('is given back once: a process that was only slow changes nothing by saying so late', async () => {
    const [slow, quick] = [process(), process()];
    await world.account(2_000, { restore: 0.001 });
    const late = await slow.enter(points(500));
    await world.pass(6_000);
    await (await quick.enter(points(100)))({ actualCost: 10 });
    await late({ actualCost: 30 });
    expect(await read('shopify')).toMatchObject({ reserved: 0 });
    expect((await read('shopify')).tokens).toBeCloseTo(1_960, 0);
  });
});

describe('what the answer says is there', () => {
  test('ends what the account missed, in both directions', async () => {
    const gate = process();
    await world.account(100, { restore: 0.001 });
    // Answers were lost, and all of their price was taken for spent.
    await (await gate.enter(points(10)))({ actualCost: 10, maximumAvailable: 2_000, currentlyAvailable: 1_900, restoreRate: 0.001 });
    expect((await read('shopify')).tokens).toBeCloseTo(1_900, 0);
    // Somebody else with the same token spends, too.
    await (await gate.enter(points(10)))({ actualCost: 10, maximumAvailable: 2_000, currentlyAvailable: 300, restoreRate: 0.001 });
    expect((await read('shopify')).tokens).toBeCloseTo(300, 0);
  });

  test('does not count twice what others have under way', async () => {
    const [one, two] = [process(), process()];
    await world.account(2_000, { restore: 0.001 });
    const under = await two.enter(points(500));
    await (await one.enter(points(100)))({ actualCost: 20, maximumAvailable: 2_000, currentlyAvailable: 1_480, restoreRate: 0.001 });
    expect((await read('shopify')).tokens).toBeCloseTo(1_480, 0);
    await under({ actualCost: 44, maximumAvailable: 2_000, currentlyAvailable: 1_936, restoreRate: 0.001 });
    expect(await read('shopify')).toMatchObject({ reserved: 0 });
    expect((await read('shopify')).tokens).toBeCloseTo(1_936, 0);
  });

  test('costs nothing when it is "too many"', async () => {
    const gate = process();
    await world.account(1_000, { restore: 0.001 });
    await (await gate.enter(points(211)))({ blockedForMs: 1 });
    expect((await read('shopify')).tokens).toBeCloseTo(1_000, 0);
  });
});

test('an answer counts also when its price cannot be written down', async () => {
  const gate = process();
  const pay = await gate.enter(points(10));
  const refused = await gate.enter(points(10));
  await world.close();
  await expect(pay({ actualCost: 10 })).resolves.toBeUndefined();
  await expect(refused({ refused: true })).resolves.toBeUndefined();
  expect(world.log).toEqual(Array.from({ length: 2 }, () => 'the price of shopify order could not be written down'));
});

/** Shopify's side: takes the whole price when a call comes, gives back what it did not cost, and refuses what is not there. */
function shopWith(capacity: number, restoreRate: number) {
  let [available, at] = [capacity, performance.now()];
  const refill = (): void => {
    const now = performance.now();
    available = Math.min(capacity, available + ((now - at) / 1_000) * restoreRate);
    at = now;
  };
  const status = () => ({ maximumAvailable: capacity, currentlyAvailable: Math.floor(available), restoreRate });
  return {
    async answer(cost: number, actualCost: number): Promise<OutsideBill> {
      refill();
      if (cost > available) return { ...status(), blockedForMs: Math.ceil(((cost - available) / restoreRate) * 1_000) };
      available -= cost;
      await pause(5);
      refill();
      available = Math.min(capacity, available + cost - actualCost);
      return { actualCost, ...status() };
    },
  };
}

test('processes that together want ten times what there is are hardly ever refused, use what there is, and end even when one dies', async () => {
  const gates = [process(), process(), process(), process()];
  // Slow enough that an answer which reaches the account late, as on a crowded machine, is wrong by less than a call.
  const [capacity, restore, ms] = [400, 200, 5_000];
  const shop = shopWith(capacity, restore);
  await world.account(capacity, { capacity, restore });
  const until = performance.now() + ms;
  const sent = { foreground: 0, background: 0, refused: 0 };
  const work = async (gate: (typeof gates)[number], type: 'FULFILLMENT' | 'CATCH_UP', dies: boolean): Promise<void> => {
    const stop = AbortSignal.timeout(ms);
    while (performance.now() < until) {
      const pay = await asTask(type, () => gate.enter(points(60), stop)).catch(async () => pause(20));
      if (!pay) continue;
      const bill = await shop.answer(60, 20);
      if (bill.blockedForMs !== undefined) sent.refused += 1;
      else sent[type === 'CATCH_UP' ? 'background' : 'foreground'] += 20;
      // A process that dies tells nobody what its call cost.
      if (dies && performance.now() > until - 4_500) return;
      await pay(bill);
    }
  };
  await Promise.all([
    ...gates.flatMap((gate) => Array.from({ length: 10 }, (_, index) => work(gate, index < 3 ? 'CATCH_UP' : 'FULFILLMENT', gate === gates[3]))),
  ]);
  const flowed = capacity + (ms / 1_000) * restore;
  // Of some seventy calls: answers that cross each other may leave the account a call ahead for a moment.
  expect(sent.refused).toBeLessThanOrEqual(4);
  expect(sent.foreground + sent.background).toBeGreaterThan(0.5 * flowed);
  expect(sent.foreground + sent.background).toBeLessThanOrEqual(flowed * 1.1);
  // No more than a little beyond its share, and never nothing.
  expect(sent.background).toBeGreaterThan(0.02 * flowed);
  expect(sent.background).toBeLessThan(0.35 * flowed);
  await world.pass(20_000);
  await (await (gates[0] as (typeof gates)[number]).enter(points(1)))({ actualCost: 1 });
  expect(await read('shopify')).toMatchObject({ reserved: 0 });
  expect(await reservations()).toBe(0);
}, 20_000);
