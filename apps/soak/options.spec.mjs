import assert from 'node:assert/strict';
import { test } from 'node:test';
import { OPTIONS, readOptions } from './options.mjs';

test('nothing said, the documented defaults hold and a seed is drawn', () => {
  const { seed, short, keep, counts, ...rest } = readOptions([], () => 42);
  assert.deepEqual({ seed, short, keep, counts }, { seed: 42, short: false, keep: false, counts: null });
  for (const [name, value] of Object.entries(rest)) assert.equal(value, OPTIONS[name][0], name);
});

test('the short form is small, repeats the same seed, and gives way to what is said', () => {
  assert.deepEqual([readOptions(['--short']).orders, readOptions(['--short']).seed], [25, 1]);
  assert.equal(readOptions(['--short', '--orders', '5', '--lost', '0.5']).orders, 5);
});

test('what is no option, no number or no share is refused by name', () => {
  assert.throws(() => readOptions(['--losst', '0.1']), /losst is no option/);
  assert.throws(() => readOptions(['--lost', '']), /lost must be a number/);
  assert.throws(() => readOptions(['--lost', '10']), /lost must be a number from 0 to 1/);
  assert.throws(() => readOptions(['--orders']), /orders is no option, or lacks its value/);
});
