import { hostname } from 'node:os';
import { Injectable } from '@nestjs/common';
import type { Tx } from '@forma3d/database';

/** The start of the slot that `now` lies in, for slots of `everyMs` counted from the epoch. */
export function slotOf(now: Date, everyMs: number): Date {
  return new Date(Math.floor(now.getTime() / everyMs) * everyMs);
}

/** Names this process in leases and slots. */
export const PROCESS_NAME = `${hostname()}:${String(process.pid)}`;

/** One process of many runs a cron job: whoever writes the slot first. */
@Injectable()
export class CronSlots {
  /**
   * Takes a slot of the job `name` for this transaction. False when this or a later slot was taken already; a taker that rolls back
   * leaves the slot to the others.
   */
  async take(tx: Tx, name: string, slot: Date): Promise<boolean> {
    const touched = await tx.sql`
      INSERT INTO cron_slot AS known (name, slot, taken_by) VALUES (${name}, ${slot}, ${PROCESS_NAME})
      ON CONFLICT (name) DO UPDATE SET slot = excluded.slot, taken_by = excluded.taken_by
      WHERE known.slot < excluded.slot`;
    return touched === 1;
  }
}
