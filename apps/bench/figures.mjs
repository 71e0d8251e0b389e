/** What many measurements come to. */

/** The value below which `share` (0 to 1) of the values lie; the nearest one that was measured. */
export function percentile(values, share) {
  if (values.length === 0) throw new RangeError('nothing was measured');
  const sorted = Float64Array.from(values).sort();
  return sorted[Math.min(sorted.length - 1, Math.max(0, Math.ceil(share * sorted.length) - 1))];
}

/** The two that latencies are told by. */
export const p50AndP99 = (values) => ({ p50: percentile(values, 0.5), p99: percentile(values, 0.99) });

/** The middle value; of an even number the mean of the two in the middle. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  if (sorted.length === 0) throw new RangeError('nothing was measured');
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

/**
 * The median of the ratios of rounds that ran directly after one another, with the lowest and the highest: what disturbs the machine
 * disturbs both of a pair, so a ratio is steadier than either figure.
 *
 * @param {number[]} ours @param {number[]} limits of the same rounds
 */
export function ratioInPairs(ours, limits) {
  const ratios = ours.map((value, round) => value / limits[round]);
  return { median: median(ratios), lowest: Math.min(...ratios), highest: Math.max(...ratios) };
}
