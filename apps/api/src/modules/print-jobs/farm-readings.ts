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
/** How far back a history is kept between readings. */
const KEPT_MS = 86_400_000;

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
    const reading = begin(client, last, { now, since: about.since }, signal);
    this.last.set(about.storeId, reading);
    reading.farm.catch(() => {
      if (this.last.get(about.storeId) !== reading) return;
      if (last) this.last.set(about.storeId, last);
      else this.last.delete(about.storeId);
    });
    return reading.farm;
  }
}

/** Of a history that was read before, only what came since then is read: jobs stay in it. */
function begin(client: SimplyPrintClient, last: Reading | undefined, { now, since }: { now: number; since: Date }, signal: AbortSignal | undefined): Reading {
  const kept = new Date(Math.max(last?.since.getTime() ?? now, now - KEPT_MS));
  if (!last || kept > since) return { beganAt: now, since, farm: read(client, since, [], signal) };
  const young = ({ startedAt }: SimplyPrintJob): boolean => startedAt === null || startedAt >= kept;
  const farm = last.farm.then(({ history }) => read(client, new Date(last.beganAt), history.filter(young), signal));
  return { beganAt: now, since: kept, farm };
}

async function read(client: SimplyPrintClient, since: Date, known: readonly SimplyPrintJob[], signal: AbortSignal | undefined): Promise<FarmReading> {
  const queue = await client.listQueue(signal);
  const news = await historySince(client, since, signal);
  const seen = new Set(news.map((job) => job.id));
  return { queue, history: [...news, ...known.filter((job) => !seen.has(job.id))] };
}
