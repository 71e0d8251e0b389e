import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import type { SimplyPrintClient, SimplyPrintJob, SimplyPrintQueueItem } from '@forma3d/simplyprint';
import { Inject, Injectable } from '@nestjs/common';
import { historySince } from './job-history';

/** What SimplyPrint showed: its queue, and its job history read after it, so that an item that left the one is in the other. */
export interface FarmReading {
  queue: readonly SimplyPrintQueueItem[];
  history: readonly SimplyPrintJob[];
}

interface Reading {
  beganAt: number;
  since: Date;
  farm: Promise<FarmReading>;
}

/** Between the begins of two readings of one store: who comes meanwhile shares the next. */
const NOT_OFTENER_MS = 3_000;

/**
 * Readings of a farm's queue and history that several tasks share. A process that dies leaves as many AddItems without an answer as it
 * had under way, and a lost network more: each of them reading the same long lists would use up what the farm lets us ask, and none
 * would ever be found.
 */
@Injectable()
export class FarmReadings {
  private readonly last = new Map<string, Reading>();

  constructor(@Inject(CLOCK) private readonly clock: Clock) {}

  /**
   * A reading that began at `notBefore` or later and reaches back to `since`: one that somebody else began, or a new one. A number is
   * the milliseconds after which to ask for it again.
   *
   * @throws OutsideError when the reading failed, also when somebody else's did
   */
  async get(client: SimplyPrintClient, about: { storeId: string; notBefore: Date; since: Date }, signal?: AbortSignal): Promise<FarmReading | number> {
    const now = this.clock.now().getTime();
    const last = this.last.get(about.storeId);
    if (last && last.beganAt >= about.notBefore.getTime() && last.since <= about.since) return last.farm;
    const againInMs = (last?.beganAt ?? 0) + NOT_OFTENER_MS - now;
    if (againInMs > 0) return againInMs;
    const reading = { beganAt: now, since: about.since, farm: read(client, about.since, signal) };
    this.last.set(about.storeId, reading);
    reading.farm.catch(() => {
      if (this.last.get(about.storeId) === reading) this.last.delete(about.storeId);
    });
    return reading.farm;
  }
}

async function read(client: SimplyPrintClient, since: Date, signal: AbortSignal | undefined): Promise<FarmReading> {
  const queue = await client.listQueue(signal);
  return { queue, history: await historySince(client, since, signal) };
}
