import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { SimplyPrintClient } from '@forma3d/simplyprint';
import { Inject, Injectable } from '@nestjs/common';

/** How long a field that was seen is trusted to be there still: asking before each print would double the requests. */
const TRUSTED_MS = 600_000;

/** Knows which stores' SimplyPrint accounts have our marker field, and makes it where it is missing. */
@Injectable()
export class MarkerField {
  private readonly seenAt = new Map<string, number>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /** False where the field cannot be made: then lost answers are resolved by queue item numbers instead. */
  async isThere(storeId: string, client: SimplyPrintClient, signal: AbortSignal): Promise<boolean> {
    const now = this.clock.now().getTime();
    const seenAt = this.seenAt.get(storeId);
    if (seenAt !== undefined && now - seenAt < TRUSTED_MS) return true;
    const there = await client.ensureMarkerField(signal);
    if (there) this.seenAt.set(storeId, now);
    return there;
  }
}
