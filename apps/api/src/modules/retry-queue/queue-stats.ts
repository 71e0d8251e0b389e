import { TASK_TYPES, type RetryQueueStats } from '@forma3d/contracts';
import { Database, timestamptz } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';

const HOUR_MS = 3_600_000;
const FIGURES = ['pending', 'due', 'retrying', 'processing', 'failed', 'discarded', 'completed_last_hour'] as const;
type Figures = Record<(typeof FIGURES)[number], number>;

const count = z.coerce.number();
const typeRow = z.object({
  type: z.enum(TASK_TYPES),
  pending: count,
  due: count,
  retrying: count,
  processing: count,
  failed: count,
  discarded: count,
  completed_last_hour: count,
  oldest_due: timestamptz.nullable(),
  next_due: timestamptz.nullable(),
});

/** The queue of a store in figures. */
@Injectable()
export class QueueStats {
  constructor(
    private readonly db: Database,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Indexes retry_queue_open, retry_queue_ended, retry_queue_completed: what was done before the last hour is not looked at. */
  async read(storeId: string): Promise<RetryQueueStats> {
    const now = this.clock.now();
    const rows = await this.db.sql.rows(typeRow)`
      SELECT type,
        count(*) FILTER (WHERE status = 'PENDING') AS pending,
        count(*) FILTER (WHERE status = 'PENDING' AND due_at <= ${now}) AS due,
        count(*) FILTER (WHERE status = 'PENDING' AND failures > 0) AS retrying,
        count(*) FILTER (WHERE status = 'PROCESSING') AS processing,
        count(*) FILTER (WHERE status = 'FAILED') AS failed,
        count(*) FILTER (WHERE status = 'DISCARDED') AS discarded,
        count(*) FILTER (WHERE status = 'COMPLETED') AS completed_last_hour,
        min(due_at) FILTER (WHERE status = 'PENDING' AND due_at <= ${now}) AS oldest_due,
        min(due_at) FILTER (WHERE status = 'PENDING' AND due_at > ${now}) AS next_due
      FROM (
        SELECT type, status, due_at, failures FROM retry_queue WHERE store_id = ${storeId} AND status IN ('PENDING', 'PROCESSING')
        UNION ALL
        SELECT type, status, due_at, failures FROM retry_queue WHERE store_id = ${storeId} AND status IN ('FAILED', 'DISCARDED')
        UNION ALL
        SELECT type, status, due_at, failures FROM retry_queue
        WHERE store_id = ${storeId} AND status = 'COMPLETED' AND finished_at >= ${new Date(now.getTime() - HOUR_MS)}
      ) AS task
      GROUP BY type ORDER BY type`;
    const oldest = earliest(rows.map((row) => row.oldest_due));
    return {
      generated_at: now.toISOString(),
      ...totalOf(rows),
      lag_seconds: oldest ? (now.getTime() - oldest.getTime()) / 1_000 : 0,
      next_due_at: earliest(rows.map((row) => row.next_due))?.toISOString() ?? null,
      types: rows.map(({ oldest_due: _oldest, next_due: _next, ...figures }) => figures),
    };
  }
}

function totalOf(rows: readonly Figures[]): Figures {
  const total: Figures = { pending: 0, due: 0, retrying: 0, processing: 0, failed: 0, discarded: 0, completed_last_hour: 0 };
  for (const row of rows) for (const figure of FIGURES) total[figure] += row[figure];
  return total;
}

function earliest(times: readonly (Date | null)[]): Date | undefined {
  return times.filter((each) => each !== null).sort((a, b) => a.getTime() - b.getTime())[0];
}
