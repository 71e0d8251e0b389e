import { troubleOf, type DatabaseTrouble } from '@forma3d/database';
import { OutsideError, unreachable } from '@forma3d/kernel';

/**
 * What a handler answers.
 * - done: finished; also "there was nothing to do".
 * - retry: failed this time; an attempt is used up. Comes again after the backoff, or not before `afterMs`.
 * - snooze: waiting for something that is no failure (a hold, a deadline, a rate limit). Uses no attempt.
 * - giveUp: will never work; the task ends as FAILED.
 */
export type Outcome =
  | { kind: 'done' }
  | { kind: 'retry'; why: string; afterMs?: number }
  | { kind: 'snooze'; why: string; afterMs: number }
  | { kind: 'giveUp'; why: string };

export const done: Outcome = { kind: 'done' };
export const retry = (why: string, afterMs?: number): Outcome =>
  afterMs === undefined ? { kind: 'retry', why } : { kind: 'retry', why, afterMs };
export const snooze = (why: string, afterMs: number): Outcome => ({ kind: 'snooze', why, afterMs });
export const giveUp = (why: string): Outcome => ({ kind: 'giveUp', why });

const REFUSED_RECHECK_MS = 60_000;
const THROTTLED_WAIT_MS = 2_000;
/** PostgreSQL may be back at once or in a while; who asks too early just waits once more. */
const DATABASE_WAIT_MS = 2_000;
/** A statement that was ended for taking too long: by a stall that passes, or by being too slow for ever. */
const TOO_SLOW_WAIT_MS = 30_000;
const QUERY_CANCELED = '57014';
const LONGEST_REASON = 500;

export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? `${error.name === 'Error' ? '' : `${error.name}: `}${error.message}` : String(error);
  return text.slice(0, LONGEST_REASON);
}

/** What an error that a handler let through means for its task. */
export function outcomeOfError(error: unknown): Outcome {
  if (!(error instanceof OutsideError)) {
    const trouble = error instanceof Error ? troubleOf(error) : undefined;
    return trouble ? outcomeOfTrouble(trouble) : retry(reasonOf(error));
  }
  switch (error.failure) {
    case 'transient':
    case 'unknown':
      return retry(error.message, error.retryAfterMs);
    case 'throttled':
      return snooze(error.message, error.retryAfterMs ?? THROTTLED_WAIT_MS);
    case 'refused':
      return snooze(error.message, error.retryAfterMs ?? REFUSED_RECHECK_MS);
    case 'permanent':
      return giveUp(error.message);
    default:
      return unreachable(error.failure);
  }
}

/** A database that is away or busy is not the task's failure. A statement that is too slow may be: it must not come again for ever. */
function outcomeOfTrouble(trouble: DatabaseTrouble): Outcome {
  return trouble.code === QUERY_CANCELED ? retry(trouble.message, TOO_SLOW_WAIT_MS) : snooze(trouble.message, DATABASE_WAIT_MS);
}
