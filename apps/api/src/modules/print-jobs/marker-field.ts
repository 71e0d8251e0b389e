import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { SimplyPrintClient } from '@forma3d/simplyprint';
import { Inject, Injectable } from '@nestjs/common';

/** How long an answer is trusted, also a no: asking before each print would double the requests. */
const TRUSTED_MS = 600_000;

/** Knows which stores' SimplyPrint accounts have our marker field, and makes it where it is missing. */
@Injectable()
export class MarkerField {
  private readonly known = new Map<string, { at: number; there: boolean }>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** False where the field cannot be made: then lost answers are resolved by queue item numbers instead. */
  async isThere(storeId: string, client: SimplyPrintClient, signal: AbortSignal): Promise<boolean> {
    const now = this.clock.now().getTime();
    const known = this.known.get(storeId);
    if (known !== undefined && now - known.at < TRUSTED_MS) return known.there;
    const there = await client.ensureMarkerField(signal);
    this.known.set(storeId, { at: now, there });
    return there;
  }
}
