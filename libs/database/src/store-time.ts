import { fragment, nothing, type SqlText } from './sql';

const isDay = (text: string): boolean => text.length === 10;

/**
 * Conditions that keep a column between two bounds, each a calendar day or a moment with its offset, or absent. A day is one of the
 * store's time zone, and the last one counts whole; a moment is itself, and the last one is not included. The statement names the row
 * of the store `s`.
 *
 *     ${storeTime(fragment`f.created_at`, '2026-11-01', undefined)}   // AND f.created_at >= midnight in the store
 */
export function storeTime(column: SqlText, from: string | undefined, to: string | undefined): SqlText {
  return fragment`${from === undefined ? nothing : fragment`AND ${column} >= ${startOf(from)}`} ${to === undefined ? nothing : fragment`AND ${column} < ${endOf(to)}`}`;
}

function startOf(from: string): SqlText {
  return isDay(from) ? fragment`(${from}::date::timestamp AT TIME ZONE s.time_zone)` : fragment`${from}::timestamptz`;
}

function endOf(to: string): SqlText {
  return isDay(to) ? fragment`((${to}::date + 1)::timestamp AT TIME ZONE s.time_zone)` : fragment`${to}::timestamptz`;
}
