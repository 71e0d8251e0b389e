import { Database, type Tx } from '@forma3d/database';
import { DomainError, OutsideError, type Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, type Config } from '@forma3d/platform';
import type { AddItemInput, SimplyPrintClient } from '@forma3d/simplyprint';
import { done, EventLog, giveUp, retry, snooze, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import { Connections } from '../connections';
import { Orders } from '../orders';
import { FarmReadings } from './farm-readings';
import { findQueueItem, highestQueueItemId } from './find-queue-item';
import { MarkerField } from './marker-field';
import { PrintJobsRepository, type PrintRow } from './print-jobs.repository';
import { hasEnded, PrintMoves } from './print-moves';
import { QueueItemsRepository, type QueueItem } from './queue-items.repository';
import { isRevived } from './revived';
import { Withdrawals } from './withdrawals';

/**
 * Adds one queue item to SimplyPrint, never twice. SimplyPrint has no idempotency key, so the intent with its deadline is
 * committed before the call; whoever finds an intent that is past its deadline and settle time looks for the item before
 * adding it again.
 */
@Injectable()
@Handles('PRINT_JOB_CREATION')
export class AddQueueItem implements TaskHandler<'PRINT_JOB_CREATION'> {
  constructor(
    private readonly db: Database,
    private readonly items: QueueItemsRepository,
    private readonly prints: PrintJobsRepository,
    private readonly moves: PrintMoves,
    private readonly markerField: MarkerField,
    private readonly readings: FarmReadings,
    private readonly orders: Orders,
    @Inject(Connections) private readonly connections: Pick<Connections, 'simplyprint'>,
    private readonly events: EventLog,
    private readonly attention: Attention,
    private readonly withdrawals: Withdrawals,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Pick<Config, 'outsideTimeoutMs' | 'outsideTurnMs' | 'settleMs'>,
  ) {}

  async handle(task: Task<'PRINT_JOB_CREATION'>, signal: AbortSignal): Promise<Outcome> {
    const item = await this.items.get(task.payload.queue_item_id);
    if (item?.state !== 'PENDING') return done;
    const client = await this.connections.simplyprint(task.storeId);
    if (item.intentUntil !== null) {
      const settledAt = new Date(item.intentUntil.getTime() + this.config.settleMs);
      const waitMs = settledAt.getTime() - this.clock.now().getTime();
      if (waitMs > 0) return snooze('an AddItem without an answer may still take effect', waitMs);
      const since = this.sentAfter((await this.items.oldestIntent(item.storeId)) ?? item.intentUntil);
      const farm = await this.readings.get(client, { storeId: item.storeId, notBefore: settledAt, since }, signal);
      if (typeof farm === 'number') return snooze('SimplyPrint is read for several items at once', farm);
      const found = await findQueueItem(farm, item, (ids) => this.items.claimed(item.storeId, ids));
      if (found.kind === 'unclear') return giveUp(found.why);
      if (found.kind === 'found') {
        await this.added(item, found.simplyprintId, true);
        return done;
      }
      if (!(await this.items.clearIntent(item.id, item.intentUntil, 'the AddItem did not happen'))) {
        return snooze('another runner adds it', this.config.settleMs);
      }
    }
    const revived = item.reprintOfId === null ? false : await this.adoptRevived(client, item, item.reprintOfId, signal);
    if (typeof revived === 'number') return snooze('SimplyPrint is read for several items at once', revived);
    return revived ? done : this.add(client, item, signal);
  }

  /**
   * A call is sent, or given up, within its turn and its time limit from the intent on; the deadline is that, or one time limit after it
   * was given up.
   */
  private sentAfter(intentUntil: Date): Date {
    return new Date(intentUntil.getTime() - this.config.outsideTurnMs - 2 * this.config.outsideTimeoutMs);
  }

  /** In the transaction that ends the task: its prints cannot come about. */
  async failed(tx: Tx, task: Task<'PRINT_JOB_CREATION'>, reason: string): Promise<void> {
    const item = await this.items.get(task.payload.queue_item_id, tx);
    if (!item) return;
    const order = await this.orders.lock(tx, item.orderId);
    if (!order || !(await this.items.end(tx, item.id, 'FAILED', reason))) return;
    if (item.intentUntil !== null) {
      await this.attention.open(tx, {
        storeId: item.storeId,
        kind: 'queue-item-unclear',
        subjectId: item.id,
        orderId: item.orderId,
        message: `Whether SimplyPrint has the ${item.partName} of order ${order.name} could not be found out: ${reason}.`,
        details: { queue_item_id: item.id },
      });
    }
    for (const print of await this.prints.ofQueueItem(tx, item.id)) {
      // One that was asked back, and surely is not there, has come to the end that was asked for.
      const status = print.cancelRequestedAt !== null && item.intentUntil === null ? 'CANCELLED' : 'FAILED';
      if (!hasEnded(print.status)) await this.moves.force(tx, order, print, { status, reason });
    }
    await this.moves.recount(tx, order);
  }

  /** A person has it tried again: each of its prints that failed with it and is still wanted is printed anew, as when it is retried by itself. */
  async replayed(tx: Tx, task: Task<'PRINT_JOB_CREATION'>): Promise<void> {
    const item = await this.items.get(task.payload.queue_item_id, tx);
    if (item?.state !== 'FAILED') return;
    if (item.intentUntil !== null) {
      throw new DomainError('conflict', 'Whether SimplyPrint has it could not be found out: look there, then retry its prints or force their status.');
    }
    const order = await this.orders.lock(tx, item.orderId);
    const failed = (await this.prints.ofQueueItem(tx, item.id)).filter((print) => print.status === 'FAILED' && print.wanted && !print.replaced);
    if (!order || order.cancelledAt !== null || failed.length === 0) throw new DomainError('conflict', 'None of its prints is wanted any more, or they were retried already.');
    for (const print of failed) await this.moves.reprint(tx, print);
    await this.moves.recount(tx, order);
  }

  private async add(client: SimplyPrintClient, item: QueueItem, signal: AbortSignal): Promise<Outcome> {
    const marked = await this.markerField.isThere(item.storeId, client, signal);
    const highestBefore = marked ? null : await highestQueueItemId(client, signal);
    const intent = await this.intend(item, highestBefore);
    if (intent === 'nothing') return done;
    if (intent === 'taken') return snooze('another runner adds it', this.config.settleMs);
    let simplyprintId: string;
    try {
      const answer = await client.addItem(this.input(item, intent.amount, marked), signal);
      simplyprintId = answer.queueItemId;
    } catch (error) {
      if (error instanceof OutsideError && error.failure === 'unknown') {
        const until = new Date(this.clock.now().getTime() + this.config.outsideTimeoutMs);
        await this.items.shortenIntent(item.id, intent.until, until, error.message);
        return retry(error.message, this.config.outsideTimeoutMs + this.config.settleMs);
      }
      // Any other word of the client says that it did not happen, or that the call was never sent. What is no word of the
      // client, as a database that went away meanwhile, says nothing of what was sent: the intent stays.
      if (error instanceof OutsideError) await this.items.clearIntent(item.id, intent.until, error.message);
      throw error;
    }
    await this.added(item, simplyprintId, false);
    return done;
  }

  private input(item: QueueItem, amount: number, marked: boolean): AddItemInput {
    return {
      filesystem: item.fileId,
      amount,
      marker: marked ? item.id : null,
      ...(item.printerGroup === null ? {} : { group: item.printerGroup }),
    };
  }

  /** Commits to the call, under the lock of the order, unless there is nothing left to add. */
  private intend(item: QueueItem, highestBefore: string | null): Promise<{ amount: number; until: Date } | 'nothing' | 'taken'> {
    return this.db.transaction('print-jobs.intend-add', async (tx) => {
      const order = await this.orders.lock(tx, item.orderId);
      const waiting = await this.waiting(tx, item.id);
      if (!order || order.cancelledAt !== null || waiting.length === 0) {
        await this.nothingToAdd(tx, item);
        return 'nothing';
      }
      const until = new Date(this.clock.now().getTime() + this.config.outsideTurnMs + this.config.outsideTimeoutMs);
      const intent = { until, amount: waiting.length };
      return (await this.items.intend(tx, item.id, { ...intent, highestBefore })) ? intent : 'taken';
    });
  }

  private async waiting(tx: Tx, queueItemId: string): Promise<PrintRow[]> {
    const prints = await this.prints.ofQueueItem(tx, queueItemId);
    return prints.filter((print) => print.status === 'PENDING' && print.wanted && print.cancelRequestedAt === null);
  }

  /** Nobody wants it any more: it ends before SimplyPrint hears of it. */
  private async nothingToAdd(tx: Tx, item: QueueItem): Promise<void> {
    const order = await this.orders.lock(tx, item.orderId);
    if (!order || !(await this.items.end(tx, item.id, 'CANCELLED', 'nothing of it is wanted any more'))) return;
    for (const print of await this.prints.ofQueueItem(tx, item.id)) {
      await this.moves.move(tx, order, { ...print, wanted: false }, { status: 'CANCELLED' });
    }
    await this.moves.recount(tx, order);
  }

  private added(item: QueueItem, simplyprintId: string, found: boolean): Promise<void> {
    return this.db.transaction('print-jobs.added', async (tx) => {
      const order = await this.orders.lock(tx, item.orderId);
      if (!order || !(await this.items.markAdded(tx, item.id, simplyprintId))) return;
      await this.events.publish(tx, {
        type: 'queue-item.added',
        storeId: item.storeId,
        aggregateId: item.id,
        orderId: item.orderId,
        payload: {
          order_id: item.orderId,
          queue_item_id: item.id,
          simplyprint_queue_item_id: simplyprintId,
          amount: item.amount,
          file_name: item.fileName,
          found,
        },
      });
      for (const print of await this.prints.ofQueueItem(tx, item.id)) {
        await this.moves.move(tx, order, print, { status: 'QUEUED' });
      }
      await this.moves.recount(tx, order);
    });
  }

  /**
   * A reprint that somebody has started already, by reviving the failed item in SimplyPrint: the waiting print moves over
   * to that item, and nothing is added. A number is the milliseconds after which to ask again.
   */
  private async adoptRevived(
    client: SimplyPrintClient,
    item: QueueItem,
    sourceId: string,
    signal: AbortSignal,
  ): Promise<boolean | number> {
    const source = await this.items.get(sourceId);
    if (!source || source.simplyprintId === null) return false;
    const about = { storeId: item.storeId, notBefore: item.createdAt, since: source.createdAt };
    const farm = await this.readings.get(client, about, signal);
    if (typeof farm === 'number') return farm;
    if (!isRevived(farm, source, await this.prints.ofQueueItem(this.db, sourceId))) return false;
    // A print that started between the readings of queue and history is counted in both: only what a later look shows too is so.
    const later = await this.readings.get(client, { ...about, notBefore: this.clock.now() }, signal);
    if (typeof later === 'number') return later;
    if (!isRevived(later, source, await this.prints.ofQueueItem(this.db, sourceId))) return false;
    await this.db.transaction('print-jobs.adopt-revived', async (tx) => {
      const order = await this.orders.lock(tx, item.orderId);
      if (!order || !(await this.items.end(tx, item.id, 'REPLACED', 'revived in SimplyPrint by hand'))) return;
      for (const print of await this.prints.ofQueueItem(tx, item.id)) {
        await this.prints.rebind(tx, print.id, sourceId);
        await this.moves.move(tx, order, print, { status: 'QUEUED' });
        // Asked back while it was looked for: what waits for it in SimplyPrint now is the revived item.
        if (print.cancelRequestedAt !== null) await this.withdrawals.askBack(tx, [print.id]);
      }
      await this.moves.recount(tx, order);
      await this.events.enqueue(tx, {
        type: 'PRINT_JOB_SWEEP',
        storeId: item.storeId,
        payload: {},
        dedupeKey: item.storeId,
      });
    });
    return true;
  }
}
