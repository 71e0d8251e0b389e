import { Finding } from './search.setup';

const LARGEST_COUNT = 2_147_483_647;
const FOUR_DIGITS = { from: Date.parse('0001-01-01T00:00:00Z'), until: Date.parse('9999-12-31T23:59:59.999Z') };
/** Names whose values become columns of 32 bits. */
const COUNTS = /quantity|left|printed|amount$|percentage/i;
/** Names whose values become part of an index, whose rows are some 2,700 bytes at most. */
const INDEXED = /^(id|.*Id|.*Ids|sku|uid|jobUid|dedupeKey|webhookId|event)$/;

/**
 * What a reader let through must be something that PostgreSQL takes: no NUL, no half characters, dates of four-digit years, whole
 * numbers that fit, and keys that an index holds.
 */
export function judgeStorable(value: unknown, name = ''): void {
  if (typeof value === 'string') {
    if (/\0|\p{Surrogate}/u.test(value)) throw new Finding(`${name} holds text that cannot be stored`, JSON.stringify(value.slice(0, 100)));
    if (INDEXED.test(name) && Buffer.byteLength(value) > 2_600) throw new Finding(`${name} is too long for an index`, `${value.length} characters`);
  } else if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new Finding(`${name} is no number`, String(value));
    if (COUNTS.test(name) && Math.abs(value) > LARGEST_COUNT) throw new Finding(`${name} is too large to be stored`, String(value));
    if (/cents/i.test(name) && !Number.isSafeInteger(value)) throw new Finding(`${name} is no exact amount`, String(value));
    if (COUNTS.test(name) && name !== 'percentage' && !Number.isInteger(value)) throw new Finding(`${name} is no whole number`, String(value));
  } else if (value instanceof Date) {
    if (!(value.getTime() >= FOUR_DIGITS.from && value.getTime() <= FOUR_DIGITS.until)) throw new Finding(`${name} is a date that cannot be stored`, String(value.getTime()));
  } else if (Array.isArray(value)) {
    for (const each of value) judgeStorable(each, name);
  } else if (typeof value === 'object' && value !== null) {
    for (const [inner, each] of Object.entries(value)) judgeStorable(each, inner);
  }
}
