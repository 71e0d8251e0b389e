import { Injectable } from '@nestjs/common';
import { TASK_TYPES, TELLING_TASKS, type TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { z } from 'zod';

/** Rows deleted by one statement: short locks, whatever has piled up. */
const BATCH = 5_000;

const curedRow = z.object({ id: z.string(), type: z.enum(TASK_TYPES), store_id: z.string(), channel: z.string().nullable() });

/** A task that once struggled and is over now. */
export interface CuredTask {
  id: string;
  type: TaskType;
  storeId: string;
  /** By which channel it told people, if it did. */
  channel: string | null;
}

@Injectable()
export class RetryQueueRepository {
  constructor(private readonly db: Database) {}

  /** Deletes completed tasks that ended before `before`; answers how many. Index retry_queue_completed. */
  async deleteCompleted(storeId: string, before: Date, signal: AbortSignal): Promise<number> {
    let deleted = 0;
    for (let last = BATCH; last === BATCH && !signal.aborted; deleted += last) {
      last = await this.db.sql`
        DELETE FROM retry_queue WHERE id IN (
          SELECT id FROM retry_queue
          WHERE status = 'COMPLETED' AND finished_at < ${before} AND store_id = ${storeId}
          LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
    }
    return deleted;
  }

  /**
   * Tasks that completed lately after at least `failures` failures, and notifications that went out lately, whatever they had to go through.
   * Index retry_queue_completed.
   */
  async cured(failures: number, since: { struggled: Date; notified: Date }): Promise<CuredTask[]> {
    const rows = await this.db.sql.rows(curedRow)`
      SELECT id, type, store_id, payload ->> 'channel' AS channel FROM retry_queue
      WHERE status = 'COMPLETED'
        AND (finished_at >= ${since.struggled} AND failures >= ${failures} OR finished_at >= ${since.notified} AND type = ANY(${[...TELLING_TASKS]}))`;
    return rows.map((row) => ({ id: row.id, type: row.type, storeId: row.store_id, channel: row.channel }));
  }
}
