import type { ActiveFault, Faults } from './faults';
import type { Scheduler } from './scheduler';

/** What befalls one request. */
export interface HttpFault {
  /** Not reached at all: dropped, or answered with the fault's status. */
  outage: ActiveFault | null;
  throttle: ActiveFault | null;
  error: ActiveFault | null;
  /** The work is done and the answer never arrives. */
  lostAnswer: ActiveFault | null;
  /** Wait before the work, in milliseconds. */
  delayMs: number;
}

const SLOW_MS = 3000;
/** Longer than the timeouts of those who call: the work then happens after they gave up. */
const LATE_ANSWER_MS = 20_000;

export function httpFault(faults: Faults, target: 'shopify' | 'simplyprint', operations: string[]): HttpFault {
  const strike = (kind: Parameters<Faults['strike']>[1]) => faults.strike(target, kind, ...operations);
  const outage = strike('outage');
  if (outage) return { outage, throttle: null, error: null, lostAnswer: null, delayMs: 0 };
  const slow = strike('slow');
  const late = strike('late-answer');
  const delayMs = (slow ? (slow.delay_ms ?? SLOW_MS) : 0) + (late ? (late.delay_ms ?? LATE_ANSWER_MS) : 0);
  const throttle = strike('throttle');
  const error = throttle ? null : strike('error');
  // A request that is refused does no work, so that there is no answer worth losing.
  const lostAnswer = throttle || error ? null : strike('lost-answer');
  return { outage: null, throttle, error, lostAnswer, delayMs };
}

export function afterDelay(scheduler: Scheduler, ms: number): Promise<void> {
  if (ms <= 0) return Promise.resolve();
  return new Promise((resolve) => scheduler.after(ms, resolve));
}
