import { Database } from '@forma3d/database';
import { OutsideError } from '@forma3d/kernel';
import { Handles } from '@forma3d/platform';
import type { SimplyPrintClient } from '@forma3d/simplyprint';
import { done, retry, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Connections } from '../connections';
import { Orders } from '../orders';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { PrintMoves } from './print-moves';
import { QueueItemsRepository, type QueueItem } from './queue-items.repository';
import { SweepPrints } from './sweep-prints';

const BEING_ADDED_MS = 2_000;

/** Looks at the queue in one run; printers that take prints faster than we can take them out are left to the next one. */
const LOOKS = 4;

/**
 * Brings a queue item in SimplyPrint into line with what is still wanted of it: takes out the prints whose removal was
 * requested and that no printer has taken yet. They count as cancelled only when SimplyPrint has confirmed.
 *
 * The wanted end is compared with what is there, so that running twice, or after somebody removed it by hand, is safe.
 */
@Injectable()
@Handles('CANCELLATION')
export class TrimQueueItem implements TaskHandler<'CANCELLATION'> {
  constructor(
    private readonly db: Database,
    private readonly items: QueueItemsRepository,
    private readonly prints: PrintJobsRepository,
    private readonly moves: PrintMoves,
    private readonly orders: Orders,
    private readonly sweep: SweepPrints,
    @Inject(Connections) private readonly connections: Pick<Connections, 'simplyprint'>,
  ) {}

  async handle(task: Task<'CANCELLATION'>, signal: AbortSignal): Promise<Outcome> {
    const item = await this.items.get(task.payload.queue_item_id);
    if (!item) return done;
    if (isBeingAdded(item)) return snooze('its AddItem is not settled yet', BEING_ADDED_MS);
    // Only these are taken out and confirmed: one that is asked back from here on has a run of its own coming.
    const asked = new Set((await this.waiting(item.id)).filter((print) => print.cancelRequestedAt !== null).map((print) => print.id));
    if (item.state === 'ADDED' && item.simplyprintId !== null) {
      const refusal = await this.trim(item, asked, signal);
      if (refusal !== undefined) return retry(refusal);
    }
    return (await this.confirm(item, asked)) ? done : snooze('it was added to SimplyPrint meanwhile', 0);
  }

  /**
   * Sets the item to what is to be kept of it, and looks again: a print that a printer took while the call was on its way makes the
   * amount too high by one. Answers why it did not come to its end.
   */
  private async trim(item: QueueItem, asked: ReadonlySet<string>, signal: AbortSignal): Promise<string | undefined> {
    const client = await this.connections.simplyprint(item.storeId);
    for (let look = 1; look <= LOOKS; look += 1) {
      // The queue first, then the started prints: what is neither in the queue nor bound to a job is gone.
      const there = (await client.listQueue(signal)).find((each) => each.id === item.simplyprintId);
      if ((await this.waiting(item.id)).length > (there?.left ?? 0)) await this.sweep.readSurely(item, signal);
      const keep = (await this.waiting(item.id)).filter((print) => !asked.has(print.id)).length;
      if (!there || there.left <= keep) return undefined;
      const refusal = await this.remove(client, there.id, keep, signal);
      if (refusal) return refusal.message;
    }
    return 'SimplyPrint’s queue still holds more of it than is wanted.';
  }

  /** Answers SimplyPrint's refusal: the item is most likely gone, which the next look shows. */
  private async remove(client: SimplyPrintClient, id: string, keep: number, signal: AbortSignal): Promise<OutsideError | undefined> {
    try {
      if (keep === 0) await client.deleteItem(id, signal);
      else await client.updateItem(id, { amount: keep }, signal);
      return undefined;
    } catch (error) {
      if (error instanceof OutsideError && error.failure === 'permanent') return error;
      throw error;
    }
  }

  private async waiting(queueItemId: string): Promise<PrintRow[]> {
    const prints = await this.prints.ofQueueItem(this.db, queueItemId);
    return prints.filter((print) => print.simplyprintJobId === null && ['PENDING', 'QUEUED', 'ASSIGNED'].includes(print.status));
  }

  /** Answers false when the item is on its way into SimplyPrint's queue since it was read: then nothing is confirmed. */
  private confirm(before: QueueItem, asked: ReadonlySet<string>): Promise<boolean> {
    return this.db.transaction('print-jobs.removed', async (tx) => {
      const order = await this.orders.lock(tx, before.orderId);
      const item = order && (await this.items.get(before.id, tx));
      if (!item) return true;
      if (before.state === 'PENDING' && (item.state === 'ADDED' || isBeingAdded(item))) return false;
      const gone = (await this.prints.ofQueueItem(tx, item.id)).filter((print) => print.simplyprintJobId === null && asked.has(print.id));
      let moved = false;
      for (const print of gone) moved = (await this.moves.move(tx, order, print, { status: 'CANCELLED' })) || moved;
      const left = await this.prints.ofQueueItem(tx, item.id);
      if (left.every((print) => print.status === 'CANCELLED')) await this.items.end(tx, item.id, 'CANCELLED', 'withdrawn');
      if (moved) await this.moves.recount(tx, order);
      return true;
    });
  }
}

/** Whether an AddItem of it may be under way, or its end is unknown. */
function isBeingAdded(item: QueueItem): boolean {
  return item.state === 'PENDING' && item.intentUntil !== null;
}
