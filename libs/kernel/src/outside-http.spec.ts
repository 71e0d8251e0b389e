import { failureOfNetwork, failureOfStatus, networkCode, retryAfterMs } from './outside-http';

const failed = (code: string): Error => new TypeError('fetch failed', { cause: Object.assign(new Error(code), { code }) });

test('a write whose connection was never made can simply be tried again', () => {
  expect(failureOfNetwork(failed('ECONNREFUSED'), true)).toBe('transient');
  expect(failureOfNetwork(failed('ENOTFOUND'), true)).toBe('transient');
});

test('a write whose connection broke may have happened', () => {
  expect(failureOfNetwork(failed('ECONNRESET'), true)).toBe('unknown');
  expect(failureOfNetwork(failed('ECONNRESET'), false)).toBe('transient');
  expect(failureOfNetwork(new Error('no code at all'), true)).toBe('unknown');
});

test.each([
  [200, null],
  [401, 'refused'],
  [402, 'refused'],
  [403, 'refused'],
  [423, 'refused'],
  [429, 'throttled'],
  [404, 'permanent'],
  [302, 'permanent'],
  [408, 'unknown'],
  [503, 'unknown'],
])('status %d of a write is %s', (status, failure) => {
  expect(failureOfStatus(status, true)).toBe(failure);
});

test('a read that the server could not answer is asked again', () => {
  expect([408, 500, 503].map((status) => failureOfStatus(status, false))).toEqual(['transient', 'transient', 'transient']);
});

test('the code behind a failed fetch is found in its causes', () => {
  expect(networkCode(failed('EAI_AGAIN'))).toBe('EAI_AGAIN');
  expect(networkCode('not an error')).toBeNull();
});

test('Retry-After is read as seconds and as a date', () => {
  const now = Date.parse('2026-11-21T10:00:00Z');
  expect(retryAfterMs('2.0', now)).toBe(2_000);
  expect(retryAfterMs('Sat, 21 Nov 2026 10:00:30 GMT', now)).toBe(30_000);
  expect(retryAfterMs('Sat, 21 Nov 2026 09:00:00 GMT', now)).toBe(0);
  expect(retryAfterMs('soon', now)).toBeNull();
  expect(retryAfterMs(null, now)).toBeNull();
});
