import { expect } from '@playwright/test';

interface Waiting {
  timeout?: number;
  /** What there was instead, for the words of the failure. */
  describe?: () => string;
}

/** Looks again and again until there is something, and answers it. What `look` throws counts as "not yet". */
export async function eventually<T>(what: string, look: () => T | Promise<T>, { timeout = 30_000, describe }: Waiting = {}): Promise<NonNullable<T>> {
  let seen: T | undefined;
  try {
    await expect(async () => {
      seen = await look();
      expect(seen, what).toBeTruthy();
    }).toPass({ timeout, intervals: [50, 100] });
  } catch (error) {
    throw new Error(`Waited in vain for ${what}${describe ? `. Last seen:\n${describe()}` : ''}`, { cause: error });
  }
  if (seen === undefined || seen === null) throw new Error(`There is no ${what}`);
  return seen;
}
