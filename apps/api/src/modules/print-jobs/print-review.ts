import type { Tx } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Attention } from '../attention';
import type { OrderRow } from '../orders';
import { PrintJobsRepository } from './print-jobs.repository';

/** Prints that only a person can decide about: they run, and should perhaps not. */
@Injectable()
export class PrintReview {
  constructor(
    private readonly prints: PrintJobsRepository,
    private readonly events: EventLog,
    private readonly attention: Attention,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Flags a print once, tells of it and keeps it before people's eyes until it has ended. */
  async flag(tx: Tx, order: OrderRow, printId: string, reason: string): Promise<void> {
    if (!(await this.prints.flagForReview(tx, printId, this.clock.now()))) return;
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
}
