import type { Passed, Run } from './crash-run.setup';

/** How often leases that ran out are looked for: every third of a lease, at most this. */
const LOOK_MS = 1_000;
/** Timers, polls of this test and a transaction that has to roll back first. */
const TOLERANCE_MS = 1_000;
/** How much slower the same way may be than it was, on a machine that does other things too. */
const SLOWER = 1.5;

/** A point in one of its passings: `nth` counts from 1. */
export interface Occasion {
  point: string;
  nth: number;
}

/**
 * The longest that the tasks of a dead process may stay with it: its lease, counted from the last renewal before the death, and the
 * next look for leases that ran out. A process that takes longer than that to start is waited for.
 */
export const takenUpWithin = (run: Run, leaseMs: number): number => Math.max(leaseMs, run.death?.restartMs ?? 0) + LOOK_MS + TOLERANCE_MS;

/**
 * The longest from the death to the end of the journey: until its tasks are taken up, and then what was left of the journey, as it was
 * without a death on the same machine. Waits for the outcome of a call that was under way are no longer than a lease, and run beside it.
 */
export function endsWithin(run: Run, leaseMs: number, leftMs: number): number {
  return takenUpWithin(run, leaseMs) + leftMs * SLOWER + TOLERANCE_MS;
}

/** Of undisturbed runs of a journey: the points that each of them passed, with how often they did at least. */
export function surelyPassed(runs: readonly Run[]): Map<string, number> {
  const counts = runs.map(({ passed }) => countOf(passed));
  const [first = new Map<string, number>()] = counts;
  return new Map(
    [...first.keys()]
      .map((point) => [point, Math.min(...counts.map((count) => count.get(point) ?? 0))] as const)
      .filter(([, times]) => times > 0),
  );
}

export function countOf(passed: readonly Passed[]): Map<string, number> {
  const count = new Map<string, number>();
  for (const { point } of passed) count.set(point, (count.get(point) ?? 0) + 1);
  return count;
}

/** How long a journey went on after an occasion, at the longest of its undisturbed runs; all of it where it did not come by. */
export function leftAfter(runs: readonly Run[], { point, nth }: Occasion): number {
  return Math.max(
    ...runs.map((run) => {
      const there = run.passed.filter((each) => each.point === point)[nth - 1];
      return Math.max(0, run.tookMs - Math.max(0, there?.ms ?? 0));
    }),
  );
}

/** The times to be killed at a point that is passed `times` times: the first, the second, the last, and some between of many. */
export function occasionsOf(point: string, times: number): Occasion[] {
  const chosen = [1, 2, ...(times > 8 ? [times / 4, times / 2, (3 * times) / 4] : []), times];
  const sensible = chosen.map((nth) => Math.round(nth)).filter((nth) => nth >= 1 && nth <= times);
  return [...new Set(sensible)].sort((a, b) => a - b).map((nth) => ({ point, nth }));
}
