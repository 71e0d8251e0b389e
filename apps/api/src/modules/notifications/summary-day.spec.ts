import { dayIn, summaryDay } from './summary-day';

test.each([
  // Brussels: summer time ends on 25 October 2026, so that 07:00 moves from 05:00Z to 06:00Z.
  ['2026-10-24T04:59:59Z', 'Europe/Brussels', '2026-10-22'],
  ['2026-10-24T05:00:00Z', 'Europe/Brussels', '2026-10-23'],
  ['2026-10-25T05:59:59Z', 'Europe/Brussels', '2026-10-23'],
  ['2026-10-25T06:00:00Z', 'Europe/Brussels', '2026-10-24'],
  ['2026-10-26T06:00:00Z', 'Europe/Brussels', '2026-10-25'],
  // Summer time begins on 29 March 2026.
  ['2026-03-28T06:00:00Z', 'Europe/Brussels', '2026-03-27'],
  ['2026-03-29T04:59:59Z', 'Europe/Brussels', '2026-03-27'],
  ['2026-03-29T05:00:00Z', 'Europe/Brussels', '2026-03-28'],
  ['2026-11-02T22:00:00Z', 'Asia/Tokyo', '2026-11-02'],
  ['2026-11-02T14:59:00Z', 'America/Los_Angeles', '2026-10-31'],
  ['2026-11-02T15:00:00Z', 'America/Los_Angeles', '2026-11-01'],
  ['2026-11-02T01:15:00Z', 'Asia/Kathmandu', '2026-11-01'],
  ['2026-01-01T07:00:00Z', 'UTC', '2025-12-31'],
])('at %s in %s the summary of %s is the last that was due', (now, timeZone, day) => {
  expect(summaryDay(new Date(now), timeZone)).toBe(day);
});

test('a moment lies on the day of its time zone', () => {
  expect(dayIn(new Date('2026-11-02T23:30:00Z'), 'Europe/Brussels')).toBe('2026-11-03');
});
