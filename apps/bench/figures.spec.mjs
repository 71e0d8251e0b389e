import assert from 'node:assert/strict';
import { test } from 'node:test';
import { median, percentile, ratioInPairs } from './figures.mjs';

test('a percentile is the nearest value that was measured, also of the lowest and highest share', () => {
  const values = [30, 10, 20, 40];
  assert.deepEqual([0, 0.5, 0.51, 0.99, 1].map((share) => percentile(values, share)), [10, 20, 30, 40, 40]);
});

test('the median of an even number of values is the mean of the two in the middle', () => {
  assert.deepEqual([median([3, 1, 2]), median([4, 1, 2, 3])], [2, 2.5]);
});

test('ratios are taken within each round before their median', () => {
  assert.deepEqual(ratioInPairs([10, 200, 30], [10, 100, 10]), { median: 2, lowest: 1, highest: 3 });
});

test('of nothing there is no figure', () => {
  assert.throws(() => percentile([], 0.5), RangeError);
  assert.throws(() => median([]), RangeError);
});
