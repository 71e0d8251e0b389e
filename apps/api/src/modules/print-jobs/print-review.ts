import type { Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import type { OrderRow } from '../orders';
import type { PrintRow } from './print-jobs.repository';
import { flagUnexpected, flagUnwanted } from './withdrawals.repository';

/** Prints that only a person can decide about: they run, and should perhaps not. */
@Injectable()
export class PrintReview {
  constructor(
    private readonly events: EventLog,
    private readonly attention: Attention,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Flags a print of which more runs than anybody asked for, once, and keeps it before people's eyes until it has ended. */
  async unexpected(tx: Tx, order: OrderRow, printId: string, reason: string): Promise<void> {
    if (!(await flagUnexpected(tx, printId, this.clock.now()))) return;
    await this.events.publish(tx, {
      type: 'print-job.needs-review',
      storeId: order.storeId,
      aggregateId: printId,
      orderId: order.id,
      payload: { order_id: order.id, print_job_id: printId, reason },
    });
    await this.attention.open(tx, {
      storeId: order.storeId,
      kind: 'print-needs-review',
      subjectId: printId,
      orderId: order.id,
      message: `A print of order ${order.name} needs your eyes: ${reason}.`,
      details: { print_job_id: printId },
    });
  }

  /**
   * Flags prints that are on a printer and no longer wanted: a person has each stopped or lets it finish. Each is flagged once, one event
   * tells of all, and each stays before people's eyes until it is decided about or has ended.
   */
  async unwanted(tx: Tx, order: OrderRow, printIds: readonly string[], reason: string): Promise<void> {
    const flagged: string[] = [];
    for (const id of printIds) {
      if ((await flagUnwanted(tx, id, this.clock.now())) && (await this.askFor(tx, order, id, reason))) flagged.push(id);
    }
    if (flagged.length === 0) return;
    await this.events.publish(tx, {
      type: 'cancellation.needs-review',
      storeId: order.storeId,
      aggregateId: order.id,
      orderId: order.id,
      payload: { order_id: order.id, print_job_ids: flagged, reason },
    });
  }

  /** Answers whether nobody was asked for yet. */
  private async askFor(tx: Tx, order: OrderRow, id: string, reason: string): Promise<boolean> {
    const opened = await this.attention.openMany(tx, [
      {
        storeId: order.storeId,
        kind: 'cancellation-needs-review',
        subjectId: id,
        orderId: order.id,
        message: `A print of order ${order.name} is on a printer and no longer wanted: ${reason}. Stop it, or let it finish.`,
        details: { print_job_id: id },
      },
    ]);
    return opened > 0;
  }

  /** Nobody has to decide about the print any more: somebody has, or it has ended. */
  async over(tx: Tx, print: Pick<PrintRow, 'id' | 'storeId'>): Promise<void> {
    for (const kind of ['print-needs-review', 'cancellation-needs-review'] as const) {
      await this.attention.close(tx, { storeId: print.storeId, kind, subjectId: print.id });
    }
  }
}
