import { Injectable } from '@nestjs/common';
import type { TaskType } from '@forma3d/contracts';
import { Database, fragment, uuid, type SqlText, type Tx } from '@forma3d/database';
import { z } from 'zod';

/** Rows deleted by one statement: short locks, whatever has piled up. */
const BATCH = 5_000;

const deletedRow = z.object({ last: z.coerce.number() });
const isRow = z.object({ is: z.boolean() });
const standingRow = z.object({ id: uuid, 'task-struggling': z.boolean(), 'task-failed': z.boolean() });
/** As what a task is before people's eyes. */
export type Standing = Omit<z.output<typeof standingRow>, 'id'>;

/** The tasks of a store that tell people by one channel; of those that name none, all of a type. */
export interface Telling {
  storeId: string;
  type: TaskType;
  channel: string | null;
}

type Reader = Pick<Tx, 'sql'>;

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
   * How these tasks stand; one that is not there any more does so in no way. A task that failed is over once a later one about the same is
   * done: of an order at any time, of a store, where only what was done lately can be found cheaply, `since` then. Indexes: the primary key,
   * retry_queue_order, retry_queue_completed.
   */
  async standings(reader: Reader, ids: readonly string[], strugglesAfter: number, since: Date): Promise<Map<string, Standing>> {
    if (ids.length === 0) return new Map();
    const rows = await reader.sql.rows(standingRow)`
      WITH lately AS MATERIALIZED (
        SELECT type, dedupe_key, max(finished_at) AS finished_at FROM retry_queue
        WHERE status = 'COMPLETED' AND finished_at > ${since} AND dedupe_key IN (
          SELECT dedupe_key FROM retry_queue WHERE id = ANY (${ids}::uuid[]) AND order_id IS NULL)
        GROUP BY type, dedupe_key)
      SELECT q.id,
        q.status IN ('PENDING', 'PROCESSING') AND q.failures >= ${strugglesAfter} AS "task-struggling",
        q.status IN ('PENDING', 'PROCESSING') OR (q.status = 'FAILED'
          AND NOT (q.order_id IS NOT NULL AND EXISTS (
            SELECT FROM retry_queue later WHERE later.order_id = q.order_id AND later.type = q.type AND later.dedupe_key = q.dedupe_key
              AND later.status = 'COMPLETED' AND later.finished_at > q.finished_at))
          AND NOT (q.order_id IS NULL AND EXISTS (
            SELECT FROM lately WHERE lately.type = q.type AND lately.dedupe_key = q.dedupe_key AND lately.finished_at > q.finished_at))
        ) AS "task-failed"
      FROM retry_queue q WHERE q.id = ANY (${ids}::uuid[])`;
    return new Map(rows.map(({ id, ...standing }) => [id, standing]));
  }

  /** Whether a task that tells by this channel has ended in vain, and nobody has said what is to become of it. Index retry_queue_ended. */
  async hasFailed(reader: Reader, telling: Telling): Promise<boolean> {
    const { is } = await reader.sql.one(isRow)`SELECT EXISTS (SELECT FROM retry_queue WHERE ${those(telling)} AND status = 'FAILED') AS is`;
    return is;
  }

  /**
   * Whether a task that tells by this channel keeps failing, or is tried again because a person wants it. Index retry_queue_open.
   *
   * @param except is none of them
   */
  async isStruggling(reader: Reader, telling: Telling, strugglesAfter: number, except: string | null): Promise<boolean> {
    const { is } = await reader.sql.one(isRow)`
      SELECT EXISTS (
        SELECT FROM retry_queue WHERE ${those(telling)} AND status IN ('PENDING', 'PROCESSING')
          AND (failures >= ${strugglesAfter} OR replays > 0) AND id IS DISTINCT FROM ${except}::uuid) AS is`;
    return is;
  }
}

const those = ({ storeId, type, channel }: Telling): SqlText =>
  fragment`store_id = ${storeId} AND type = ${type} AND payload ->> 'channel' IS NOT DISTINCT FROM ${channel}::text`;
