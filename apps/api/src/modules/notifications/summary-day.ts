/** From this hour on, in the store's time zone, people find the summary of the day before. */
const HOUR = 7;
const DAY_MS = 86_400_000;

/**
 * The day whose summary was last due in a time zone: yesterday from 07:00 on, before that the day before yesterday. Asked of the
 * wall clock there, so that days of 23 and 25 hours are right.
 *
 * @param timeZone IANA name
 * @returns `YYYY-MM-DD`
 */
export function summaryDay(now: Date, timeZone: string): string {
  const { day, hour } = wallClock(now, timeZone);
  return daysBefore(day, hour >= HOUR ? 1 : 2);
}

/** The calendar day of a moment in a time zone, `YYYY-MM-DD`. */
export function dayIn(moment: Date, timeZone: string): string {
  return wallClock(moment, timeZone).day;
}

/** Midnight UTC of a day: a name of the day that can be compared. */
export function dayAsSlot(day: string): Date {
  return new Date(`${day}T00:00:00Z`);
}

function daysBefore(day: string, days: number): string {
  return new Date(dayAsSlot(day).getTime() - days * DAY_MS).toISOString().slice(0, 10);
}

function wallClock(moment: Date, timeZone: string): { day: string; hour: number } {
  const parts = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit', hour: '2-digit', hourCycle: 'h23' }).formatToParts(moment);
  const part = (type: Intl.DateTimeFormatPartTypes): string => parts.find((each) => each.type === type)?.value ?? '';
  return { day: `${part('year')}-${part('month')}-${part('day')}`, hour: Number(part('hour')) };
}
