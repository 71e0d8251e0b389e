import { Injectable } from '@nestjs/common';
import { TASK_TYPES, TELLING_TASKS, type TaskType } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { z } from 'zod';

/** Rows deleted by one statement: short locks, whatever has piled up. */
const BATCH = 5_000;

const deletedRow = z.object({ last: z.coerce.number() });
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

  /** Deletes completed tasks that ended before `before`, with their attempts; answers how many. Index retry_queue_completed. */
  async deleteCompleted(storeId: string, before: Date, signal: AbortSignal): Promise<number> {
    let deleted = 0;
    for (let last = BATCH; last === BATCH && !signal.aborted; deleted += last) {
      ({ last } = await this.db.sql.one(deletedRow)`
        WITH gone AS (
          DELETE FROM retry_queue WHERE id IN (
            SELECT id FROM retry_queue
            WHERE status = 'COMPLETED' AND finished_at < ${before} AND store_id = ${storeId}
            LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)
          RETURNING id
        ), attempts AS (
          DELETE FROM task_attempt a USING gone WHERE a.task_id = gone.id
        )
        SELECT count(*) AS last FROM gone`);
    }
    return deleted;
  }

  /**
   * Tasks that completed lately after at least `failures` failures or because a person had them tried again, and notifications that went out lately, whatever they had to go through.
   * Index retry_queue_completed.
   */
  async cured(failures: number, since: { struggled: Date; notified: Date }): Promise<CuredTask[]> {
    const rows = await this.db.sql.rows(curedRow)`
      SELECT id, type, store_id, payload ->> 'channel' AS channel FROM retry_queue
      WHERE status = 'COMPLETED'
        AND (finished_at >= ${since.struggled} AND (failures >= ${failures} OR replays > 0) OR finished_at >= ${since.notified} AND type = ANY(${[...TELLING_TASKS]}))`;
    return rows.map(curedTask);
  }

  /**
   * Of these tasks those that nobody needs to look at any more: over, or done lately by a later task about the same. Index
   * retry_queue_completed.
   */
  async settled(ids: readonly string[], since: Date): Promise<CuredTask[]> {
    if (ids.length === 0) return [];
    const rows = await this.db.sql.rows(curedRow)`
      SELECT q.id, q.type, q.store_id, q.payload ->> 'channel' AS channel FROM retry_queue q
      WHERE q.id = ANY (${ids}::uuid[]) AND q.status IN ('COMPLETED', 'DISCARDED')
      UNION
      SELECT q.id, q.type, q.store_id, q.payload ->> 'channel' AS channel FROM retry_queue q
      JOIN retry_queue later ON later.type = q.type AND later.dedupe_key = q.dedupe_key AND later.finished_at > q.finished_at
      WHERE q.id = ANY (${ids}::uuid[]) AND later.status = 'COMPLETED' AND later.finished_at >= ${since}`;
    return rows.map(curedTask);
  }

  /** Whether another notification of this kind still cannot go out. */
  async othersStruggle(tx: Tx, task: CuredTask): Promise<boolean> {
    const { others } = await tx.sql.one(z.object({ others: z.boolean() }))`
      SELECT EXISTS (
        SELECT FROM retry_queue WHERE store_id = ${task.storeId} AND type = ${task.type} AND id <> ${task.id}
          AND status = 'FAILED' AND payload ->> 'channel' IS NOT DISTINCT FROM ${task.channel}::text) AS others`;
    return others;
  }
}

function curedTask(row: z.output<typeof curedRow>): CuredTask {
  return { id: row.id, type: row.type, storeId: row.store_id, channel: row.channel };
}
