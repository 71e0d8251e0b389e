import type { Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import type { OrderRow } from '../orders';
import { PrintReview } from './print-review';
import type { Slot } from './production-diff';
import { StopRequests } from './stop-requests';
import { assigned, markSurplus, queueItemsToTrim, requestCancel } from './withdrawals.repository';

/**
 * Takes prints off an order that no longer wants them. Those that have not started are asked back from SimplyPrint and
 * keep their status until it confirms; those on a printer are left running and flagged for a person.
 */
@Injectable()
export class Withdrawals {
  constructor(
    private readonly events: EventLog,
    private readonly attention: Attention,
    private readonly review: PrintReview,
    private readonly stops: StopRequests,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @param why in words, for those who decide about what runs already */
  async withdraw(tx: Tx, order: OrderRow, slots: readonly Slot[], why: string): Promise<void> {
    if (slots.length === 0) return;
    await markSurplus(tx, slots.map((slot) => slot.id));
    await this.askBack(tx, slots.map((slot) => slot.id));
    for (const slot of slots) {
      await this.attention.close(tx, { storeId: order.storeId, kind: 'print-failed', subjectId: slot.id });
    }
    const running = slots.filter((each) => each.status === 'PRINTING').map((slot) => slot.id);
    await this.review.unwanted(tx, order, running, why);
  }

  /**
   * Requests the removal of not-started prints: a task per queue item sees it through, and one for each print that a printer was given
   * and has not begun.
   */
  async askBack(tx: Tx, printIds: readonly string[]): Promise<void> {
    await requestCancel(tx, printIds, this.clock.now());
    for (const item of await queueItemsToTrim(tx, printIds)) {
      await this.events.enqueue(tx, {
        type: 'CANCELLATION',
        storeId: item.storeId,
        orderId: item.orderId,
        payload: { queue_item_id: item.id },
        dedupeKey: item.id,
      });
    }
    await this.stops.ask(tx, await assigned(tx, printIds));
  }
}
