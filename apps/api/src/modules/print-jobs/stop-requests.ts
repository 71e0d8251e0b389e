import type { Tx } from '@forma3d/database';
import { EventLog } from '@forma3d/tasks';
import { Injectable } from '@nestjs/common';
import type { PrintRow } from './print-jobs.repository';

/** Asks for prints that a printer was given to be taken from it again; a task each sees it through. */
@Injectable()
export class StopRequests {
  constructor(private readonly events: EventLog) {}

  ask(tx: Tx, prints: readonly Pick<PrintRow, 'id' | 'storeId' | 'orderId'>[]): Promise<void> {
    return this.events.enqueue(
      tx,
      ...prints.map(({ id, storeId, orderId }) => ({ type: 'PRINT_STOP' as const, storeId, orderId, payload: { print_job_id: id }, dedupeKey: id })),
    );
  }
}
