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
import { QueueItemsRepository } from './queue-items.repository';
import { SweepPrints } from './sweep-prints';

const BEING_ADDED_MS = 2_000;

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
    if (item.state === 'PENDING' && item.intentUntil !== null) {
      return snooze('its AddItem is not settled yet', BEING_ADDED_MS);
    }
    if (item.state === 'ADDED' && item.simplyprintId !== null) {
      const client = await this.connections.simplyprint(task.storeId);
      // The queue first, then the started prints: what is neither in the queue nor bound to a job is gone.
      const there = (await client.listQueue(signal)).find((each) => each.id === item.simplyprintId);
      await this.sweep.sweep(task.storeId, signal);
      const keep = (await this.waiting(item.id)).filter((print) => print.cancelRequestedAt === null).length;
      if (there && there.left > keep) {
        const refusal = await this.remove(client, there.id, keep, signal);
        if (refusal) return retry(refusal.message);
        // A printer may have taken one in the last moment: it is bound to its job before the rest counts as gone.
        await this.sweep.sweep(task.storeId, signal);
      }
    }
    await this.confirm(item.orderId, item.id);
    return done;
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

  private confirm(orderId: string, queueItemId: string): Promise<void> {
    return this.db.transaction('print-jobs.removed', async (tx) => {
      const order = await this.orders.lock(tx, orderId);
      if (!order) return;
      const prints = await this.prints.ofQueueItem(tx, queueItemId);
      const gone = prints.filter((print) => print.simplyprintJobId === null && print.cancelRequestedAt !== null);
      let moved = false;
      for (const print of gone) moved = (await this.moves.move(tx, order, print, { status: 'CANCELLED' })) || moved;
      const left = await this.prints.ofQueueItem(tx, queueItemId);
      if (left.every((print) => print.status === 'CANCELLED')) await this.items.end(tx, queueItemId, 'CANCELLED', 'withdrawn');
      if (moved) await this.moves.recount(tx, order);
    });
  }
}
