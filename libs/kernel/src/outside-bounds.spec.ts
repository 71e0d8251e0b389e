import { OutsideError } from './outside-error';
import { retryAfterMs } from './outside-http';

test.each([
  ['99999999999999999999', 3_600_000],
  ['7200', 3_600_000],
  ['Fri, 31 Dec 9999 23:59:59 GMT', 3_600_000],
  ['-5', 0],
  ['30', 30_000],
])('who says "Retry-After: %s" is waited for %d ms, and for an hour at most', (header, ms) => {
  expect(retryAfterMs(header, Date.UTC(2026, 10, 20))).toBe(ms);
});

test('of a failure without end people are told what they can read', () => {
  const userErrors = Array.from({ length: 500 }, () => ({ field: null, message: '🐉'.repeat(5_000) }));
  const error = new OutsideError({ system: 'simplyprint', operation: 'jobs', failure: 'permanent', userErrors }, 'x'.repeat(100_000));
  expect(error.message).toHaveLength(1_000);
  expect(error.userErrors).toHaveLength(20);
  expect(error.userErrors[0]?.message.length).toBeLessThanOrEqual(500);
  expect(error.userErrors[0]?.message).not.toMatch(/\p{Surrogate}/u);
});
