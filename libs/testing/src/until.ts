import { setTimeout as pause } from 'node:timers/promises';

export interface UntilOptions {
  /** How long to try before giving up, in milliseconds of real time. Default 5,000. */
  timeoutMs?: number;
  /** Pause between two looks. Default 10. */
  everyMs?: number;
  /** What is awaited, for the error's words. */
  what?: string;
}

type Truthy<T> = Exclude<Awaited<T>, false | null | undefined | 0 | ''>;

/**
 * Looks again and again until `look` answers something truthy, and answers that. A look that throws counts as "not yet"; its error
 * is the cause of the one thrown when time is up. For what happens in other processes and tasks; in one's own code await the thing itself.
 */
export async function until<T>(look: () => T, { timeoutMs = 5_000, everyMs = 10, what = 'what the test awaits' }: UntilOptions = {}): Promise<Truthy<T>> {
  const deadline = performance.now() + timeoutMs;
  let failure: unknown;
  for (;;) {
    try {
      const seen = await look();
      failure = undefined;
      if (isThere(seen)) return seen;
    } catch (error) {
      failure = error;
    }
    if (performance.now() >= deadline) throw new Error(`Waited ${timeoutMs} ms in vain for ${what}`, { cause: failure });
    await pause(everyMs);
  }
}

function isThere<T>(value: Awaited<T>): value is Truthy<T> {
  return Boolean(value);
}
