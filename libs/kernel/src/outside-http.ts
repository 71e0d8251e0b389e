import type { OutsideFailure } from './outside-error';

/** Codes of connections that were never made: nothing was sent, whatever the call was. */
const NEVER_SENT = new Set(['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT']);
const REFUSED = new Set([401, 402, 403, 423]);

/**
 * What became of a request that may have been sent and brought no usable answer: a read can simply be asked again, a
 * write may or may not have happened.
 */
export function failureOfLostAnswer(writes: boolean): OutsideFailure {
  return writes ? 'unknown' : 'transient';
}

/** What a network error means; `transient` also for a write when the connection was never made. */
export function failureOfNetwork(error: unknown, writes: boolean): OutsideFailure {
  return NEVER_SENT.has(networkCode(error) ?? '') ? 'transient' : failureOfLostAnswer(writes);
}

/** What an HTTP status means for the caller; null for 2xx. */
export function failureOfStatus(status: number, writes: boolean): OutsideFailure | null {
  if (status >= 200 && status < 300) return null;
  if (status === 429) return 'throttled';
  if (REFUSED.has(status)) return 'refused';
  return status === 408 || status >= 500 ? failureOfLostAnswer(writes) : 'permanent';
}

/** The system's code behind a failed fetch (`fetch failed` hides it one or two causes deep); null when there is none. */
export function networkCode(error: unknown): string | null {
  // By shape and not by `instanceof`: the runtime's own errors are of another realm in tests and workers.
  let at = error;
  while (typeof at === 'object' && at !== null) {
    if ('code' in at && typeof at.code === 'string') return at.code;
    at = 'cause' in at ? at.cause : null;
  }
  return null;
}

/** Nobody is obeyed for longer: asking again after an hour hurts no one, and a wrong clock or a typing error parks no work for a year. */
export const LONGEST_WAIT_MS = 3_600_000;

/** A Retry-After header, seconds (also "2.0") or an HTTP date, in milliseconds from `now`, an hour at most; null when it says nothing. */
export function retryAfterMs(header: string | null, now: number = Date.now()): number | null {
  if (header === null || header.trim() === '') return null;
  const seconds = Number(header);
  if (Number.isFinite(seconds)) return waitOf(seconds * 1_000);
  const until = Date.parse(header);
  return Number.isNaN(until) ? null : waitOf(until - now);
}

const waitOf = (ms: number): number => Math.min(LONGEST_WAIT_MS, Math.max(0, Math.ceil(ms)));
