import { z } from 'zod';

/** Years that calendars, PostgreSQL and people agree on; ISO 8601 itself also knows a year 0. */
const YEARS = /^(?:19|2\d)\d\d-/;
const TOLD = 'the year must be 1900 to 2999';

/** A calendar day, `2026-11-21`. */
export const calendarDay = z.iso.date().regex(YEARS, TOLD);

/** A calendar day, or a moment with its offset. */
export const dayOrMoment = z.union([calendarDay, z.iso.datetime({ offset: true }).regex(YEARS, TOLD)], 'must be a date such as 2026-11-21, or a time with its offset');
