import { Database, timestamptz, uuid } from '@forma3d/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { TASKS_TOLD_OTHERWISE } from './alerts';

const number = z.coerce.number();
const figures = z.object({
  store_name: z.string(),
  currency: z.string(),
  orders: number,
  orders_cents: number,
  orders_cancelled: number,
  prints_completed: number,
  prints_reprinted: number,
  prints_failed: number,
  fulfillments: number,
  fulfillments_failed: number,
  tasks_failed: number,
  attention: number,
});
const item = z.object({ message: z.string(), order_id: uuid.nullable(), order_name: z.string().nullable(), opened_at: timestamptz });

/** What a day brought a store, and what needs a person now. */
export interface DailyFigures extends z.output<typeof figures> {
  /** IANA name of the store's time zone. */
  timeZone: string;
  /** Open attention items, oldest first; the first ones alone. */
  items: z.output<typeof item>[];
}

/** So many open items are named; the others are a number. */
const ITEMS_SHOWN = 10;

@Injectable()
export class DailySummaryRepository {
  constructor(private readonly db: Database) {}

  /**
   * What the event log says of a calendar day in the store's time zone, whose midnights PostgreSQL knows. Index event_occurred_at_idx.
   * One failure counts once: a task's own does where nothing else tells of it, and a print's while somebody wants the print.
   *
   * @param day `YYYY-MM-DD`
   */
  async figures(storeId: string, day: string): Promise<DailyFigures | undefined> {
    const store = await this.db.sql.maybe(z.object({ time_zone: z.string() }))`SELECT time_zone FROM store WHERE id = ${storeId}`;
    if (!store) return undefined;
    const row = await this.db.sql.one(figures)`
      WITH told AS (
        SELECT e.type, e.payload, o.total_cents FROM event e LEFT JOIN orders o ON o.id = e.order_id
        WHERE e.store_id = ${storeId}
          AND e.occurred_at >= ${day}::date::timestamp AT TIME ZONE ${store.time_zone}
          AND e.occurred_at < (${day}::date + 1)::timestamp AT TIME ZONE ${store.time_zone}
          AND e.type IN ('order.created', 'order.cancelled', 'print-job.completed', 'print-job.failed', 'fulfillment.created',
                         'fulfillment.failed', 'task.failed')
      )
      SELECT s.name AS store_name, s.currency,
        count(*) FILTER (WHERE type = 'order.created') AS orders,
        coalesce(sum(total_cents) FILTER (WHERE type = 'order.created'), 0) AS orders_cents,
        count(*) FILTER (WHERE type = 'order.cancelled') AS orders_cancelled,
        count(*) FILTER (WHERE type = 'print-job.completed') AS prints_completed,
        count(*) FILTER (WHERE type = 'print-job.failed' AND payload -> 'will_reprint' = 'true') AS prints_reprinted,
        count(*) FILTER (WHERE type = 'print-job.failed' AND payload -> 'will_reprint' = 'false'
          AND payload -> 'wanted' IS DISTINCT FROM 'false') AS prints_failed,
        count(*) FILTER (WHERE type = 'fulfillment.created') AS fulfillments,
        count(*) FILTER (WHERE type = 'fulfillment.failed') AS fulfillments_failed,
        count(*) FILTER (WHERE type = 'task.failed' AND payload ->> 'task_type' <> ALL (${TASKS_TOLD_OTHERWISE}::text[])) AS tasks_failed,
        (SELECT count(*) FROM attention a WHERE a.store_id = s.id AND a.closed_at IS NULL) AS attention
      FROM store s LEFT JOIN told ON true WHERE s.id = ${storeId} GROUP BY s.id`;
    const items = await this.db.sql.rows(item)`
      SELECT a.message, a.order_id, o.name AS order_name, a.opened_at
      FROM attention a LEFT JOIN orders o ON o.id = a.order_id
      WHERE a.store_id = ${storeId} AND a.closed_at IS NULL
      ORDER BY a.opened_at, a.id LIMIT ${ITEMS_SHOWN}`;
    return { ...row, timeZone: store.time_zone, items };
  }
}
