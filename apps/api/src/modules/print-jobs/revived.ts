import type { FarmReading } from './farm-readings';
import type { PrintRow } from './print-jobs.repository';
import type { QueueItem } from './queue-items.repository';

/**
 * Whether somebody revived a queue item in SimplyPrint after one of its prints failed: more of it waits, or was started,
 * than our prints account for.
 *
 * @param farm reaches back to when the item was added
 * @param prints our prints of the item
 */
export function isRevived({ queue, history }: FarmReading, item: QueueItem, prints: readonly PrintRow[]): boolean {
  const unstarted = prints.filter((print) => print.simplyprintJobId === null && ['PENDING', 'QUEUED', 'ASSIGNED'].includes(print.status));
  const known = new Set(prints.map((print) => print.simplyprintJobId));
  const left = queue.find((each) => each.id === item.simplyprintId)?.left ?? 0;
  const unknown = history.filter((job) => job.queueItemId === item.simplyprintId && !known.has(job.id)).length;
  return left + unknown > unstarted.length;
}
