import type { SimplyPrintClient } from '@forma3d/simplyprint';
import { historySince } from './job-history';
import type { PrintRow } from './print-jobs.repository';
import type { QueueItem } from './queue-items.repository';

/**
 * Whether somebody revived a queue item in SimplyPrint after one of its prints failed: more of it waits, or was started,
 * than our prints account for.
 *
 * @param prints our prints of the item
 */
export async function findRevived(
  client: SimplyPrintClient,
  item: QueueItem,
  prints: readonly PrintRow[],
  signal?: AbortSignal,
): Promise<boolean> {
  const unstarted = prints.filter((print) => print.simplyprintJobId === null && ['PENDING', 'QUEUED', 'ASSIGNED'].includes(print.status));
  const known = new Set(prints.map((print) => print.simplyprintJobId));
  const queue = await client.listQueue(signal);
  const left = queue.find((each) => each.id === item.simplyprintId)?.left ?? 0;
  const history = await historySince(client, item.addedAt ?? item.createdAt, signal);
  const unknown = history.filter((job) => job.queueItemId === item.simplyprintId && !known.has(job.id)).length;
  return left + unknown > unstarted.length;
}
