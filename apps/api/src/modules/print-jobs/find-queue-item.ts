import type { SimplyPrintClient, SimplyPrintJob, SimplyPrintQueueItem } from '@forma3d/simplyprint';
import type { QueueItem } from './queue-items.repository';

const PAGE_SIZE = 100;
/** A bound on history pages read in one go, so that a broken answer cannot make us read for ever. */
const MOST_PAGES = 200;
/** Clocks of SimplyPrint and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

/** What looking for a queue item after an unknown outcome can find. */
export type Found = { kind: 'found'; simplyprintId: string } | { kind: 'absent' } | { kind: 'unclear'; why: string };

/** The job history, newest first, back to `since`. */
export async function historySince(
  client: SimplyPrintClient,
  since: Date,
  signal?: AbortSignal,
): Promise<SimplyPrintJob[]> {
  const jobs: SimplyPrintJob[] = [];
  const oldest = since.getTime() - CLOCK_SKEW_MS;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await client.listJobs({ page, pageSize: PAGE_SIZE }, signal);
    jobs.push(...answer.jobs);
    const last = answer.jobs.at(-1);
    if (!answer.hasMore || !last || (last.startedAt !== null && last.startedAt.getTime() < oldest)) break;
  }
  return jobs;
}

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
 * @param claimed SimplyPrint ids that belong to other queue items of ours
 */
export async function findQueueItem(
  client: SimplyPrintClient,
  item: QueueItem,
  claimed: (ids: readonly string[]) => Promise<ReadonlySet<string>>,
  signal?: AbortSignal,
): Promise<Found> {
  const queue = await client.listQueue(signal);
  const inQueue = queue.find((each) => each.marker === item.id);
  if (inQueue) return { kind: 'found', simplyprintId: inQueue.id };
  const history = await historySince(client, item.createdAt, signal);
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
  // The history knows the file only by its name.
  const started = history.filter(
    (job) => job.queueItemId !== null && newer(job.queueItemId) && job.marker === null && (item.fileName === null || job.filename === item.fileName),
  );
  const candidates = [...new Set([...waiting.map((each) => each.id), ...started.flatMap((job) => job.queueItemId ?? [])])];
  const taken = await claimed(candidates);
  const free = candidates.filter((id) => !taken.has(id));
  const [only] = free;
  if (only === undefined) return { kind: 'absent' };
  if (free.length === 1) return { kind: 'found', simplyprintId: only };
  return { kind: 'unclear', why: `queue items ${free.join(', ')} in SimplyPrint could each be it` };
}
