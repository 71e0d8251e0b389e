const SECOND = 1_000;
const HOUR = 3_600_000;

/**
 * Milliseconds to wait after failure number `failures` (1 for the first): min(1 s × 2^(k−1), 1 h), ± 10 %.
 * The jitter keeps tasks that failed together from coming back together.
 *
 * @param random a number in [0, 1), passed so that tests can fix it
 */
export function backoffMs(failures: number, random: number = Math.random()): number {
  const base = Math.min(SECOND * 2 ** Math.max(0, failures - 1), HOUR);
  return Math.round(base * (0.9 + 0.2 * random));
}
