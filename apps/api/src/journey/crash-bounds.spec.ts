import { endsWithin, leftAfter, occasionsOf, surelyPassed, takenUpWithin } from './crash-bounds.setup';
import type { Run } from './crash-run.setup';

const NO_ENDING = { shopify: [], farm: { added: 0, left: 0, prints: 0 }, prints: {}, told: {}, mails: [], done: {}, failed: [], attention: [] };
const run = (tookMs: number, passed: [string, number][], death: Run['death'] = null): Run => ({
  tookMs, passed: passed.map(([point, ms]) => ({ point, ms })), death, deaths: death ? 1 : 0, repeats: 0, ending: NO_ENDING,
});
const died = (restartMs: number) => run(9_000, [], { ms: 100, restartMs, takenUpMs: 0 });

test('only what every run passed is sure, as often as the run that passed it least', () => {
  const runs = [run(1, [['a', 0], ['b', 0], ['a', 0]]), run(1, [['a', 0], ['a', 0], ['a', 0]])];
  expect([...surelyPassed(runs)]).toEqual([['a', 2]]);
});

test('a point is tried the first, the second and the last time, and between of many', () => {
  expect(occasionsOf('a', 1).map(({ nth }) => nth)).toEqual([1]);
  expect(occasionsOf('a', 3).map(({ nth }) => nth)).toEqual([1, 2, 3]);
  expect(occasionsOf('a', 40).map(({ nth }) => nth)).toEqual([1, 2, 10, 20, 30, 40]);
});

test('what is left of a journey counts from the occasion, at the longest', () => {
  const runs = [run(5_000, [['a', 1_000], ['a', 4_000]]), run(6_000, [['a', 1_000], ['a', 5_500]])];
  expect(leftAfter(runs, { point: 'a', nth: 1 })).toBe(5_000);
  expect(leftAfter(runs, { point: 'a', nth: 2 })).toBe(1_000);
  expect(leftAfter([run(5_000, [['a', -300]])], { point: 'a', nth: 1 })).toBe(5_000);
});

test('a recovery is a lease and a look, unless the process itself takes longer to start', () => {
  expect(takenUpWithin(died(800), 3_000)).toBe(5_000);
  expect(takenUpWithin(died(7_000), 3_000)).toBe(9_000);
  expect(endsWithin(died(800), 3_000, 2_000)).toBe(9_000);
});
