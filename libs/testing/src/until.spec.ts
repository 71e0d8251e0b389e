import { FakeClock, until } from '@forma3d/testing';

test('until answers the first thing that is there', async () => {
  let looks = 0;
  await expect(until(() => (++looks < 3 ? null : `look ${looks}`))).resolves.toBe('look 3');
});

test('until takes a look that throws for "not yet", and tells of it when time is up', async () => {
  const cause = new Error('the order is not there');
  await expect(until(() => Promise.reject(cause), { timeoutMs: 30, what: 'the order' })).rejects.toMatchObject({
    message: 'Waited 30 ms in vain for the order',
    cause,
  });
});

test('a fake clock stands still until it is moved', () => {
  const clock = new FakeClock(new Date('2026-01-01T00:00:00Z'));
  clock.now().setFullYear(1999);
  clock.advance(1_500);
  expect(clock.now().toISOString()).toBe('2026-01-01T00:00:01.500Z');
});
