import type { SimplyPrintClient, SimplyPrintJob, SimplyPrintQueueItem } from '@forma3d/simplyprint';
import type { FarmReading } from './farm-readings';
import { PAGE_SIZE } from './job-history';
import type { QueueItem } from './queue-items.repository';

/** What looking for a queue item after an unknown outcome can find. */
export type Found = { kind: 'found'; simplyprintId: string } | { kind: 'absent' } | { kind: 'unclear'; why: string };

/** The highest queue item id that SimplyPrint shows, in its queue or behind its recent jobs. */
export async function highestQueueItemId(client: SimplyPrintClient, signal?: AbortSignal): Promise<string> {
  const queue = await client.listQueue(signal);
  const { jobs } = await client.listJobs({ page: 1, pageSize: PAGE_SIZE }, signal);
  const ids = [...queue.map((item) => item.id), ...jobs.flatMap((job) => (job.queueItemId === null ? [] : [job.queueItemId]))];
  return ids.reduce((highest, id) => (BigInt(id) > BigInt(highest) ? id : highest), '0');
}

/**
 * Looks whether an AddItem whose answer was lost happened: by our marker in the queue or, since a printer may have taken
 * it at once, in the job history. Where the farm has no marker field, an item above the highest one from before, with our
 * file, that nobody claims, is ours if there is exactly one.
 *
 * @param farm began after the AddItem's deadline and settle time, and reaches back to when it can have been sent
 * @param claimed SimplyPrint ids that belong to other queue items of ours
 */
export async function findQueueItem(
  { queue, history }: FarmReading,
  item: QueueItem,
  claimed: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Found> {
  const inQueue = queue.find((each) => each.marker === item.id);
  if (inQueue) return { kind: 'found', simplyprintId: inQueue.id };
  const printed = history.find((job) => job.marker === item.id && job.queueItemId !== null);
  if (printed?.queueItemId) return { kind: 'found', simplyprintId: printed.queueItemId };
  // Sent with the marker: without a trace of it, it did not happen.
  if (item.highestBefore === null) return { kind: 'absent' };
  return withoutMarker(item, item.highestBefore, queue, history, claimed);
}

async function withoutMarker(
  item: QueueItem,
  highestBefore: string,
  queue: readonly SimplyPrintQueueItem[],
  history: readonly SimplyPrintJob[],
  claimed: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
): Promise<Found> {
  const newer = (id: string): boolean => BigInt(id) > BigInt(highestBefore);
  const waiting = queue.filter(
    (each) => newer(each.id) && each.marker === null && each.filesystemId === item.fileId && each.left + each.printed === item.amount,
  );
  const started = history.filter((job) => job.queueItemId !== null && newer(job.queueItemId) && job.marker === null);
  const idsOf = (jobs: readonly SimplyPrintJob[]): string[] => jobs.flatMap((job) => job.queueItemId ?? []);
  const of = (sameness: Sameness): string[] => idsOf(started.filter((job) => sameFile(job, item) === sameness));
  const candidates = [...new Set([...waiting.map((each) => each.id), ...of('same')])];
  const doubtful = [...new Set(of('unknown'))];
  const taken = await claimed([...candidates, ...doubtful]);
  const free = candidates.filter((id) => !taken.has(id));
  const [only] = free;
  if (free.length === 1 && only !== undefined) return { kind: 'found', simplyprintId: only };
  // Adding it once more is safe only if nothing that may be it has started.
  const possible = free.length > 0 ? free : doubtful.filter((id) => !taken.has(id));
  if (possible.length === 0) return { kind: 'absent' };
  return { kind: 'unclear', why: `queue items ${possible.join(', ')} in SimplyPrint could each be it` };
}

type Sameness = 'same' | 'other' | 'unknown';

/** The name in a mapping is what a person typed: that it agrees says much, that it differs says nothing. */
function sameFile(job: SimplyPrintJob, item: QueueItem): Sameness {
  if (job.filesystemId !== null) return job.filesystemId === item.fileId ? 'same' : 'other';
  return item.fileName === null || job.filename === item.fileName ? 'same' : 'unknown';
}
