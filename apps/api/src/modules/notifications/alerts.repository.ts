import { ALERT_KINDS, type AlertKind } from '@forma3d/contracts';
import { Database, timestamptz, type Tx, uuid } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { alertedEvent } from './alerts';

const windowRow = z.object({ ends_at: timestamptz, gathering: uuid.nullable() });
const toldEvent = alertedEvent.extend({ order_name: z.string().nullable() });
/** An alerted event, with the number of its order as people know it. */
export type ToldEvent = z.output<typeof toldEvent>;

const batchRow = z.object({ kind: z.enum(ALERT_KINDS), store: z.string(), time_zone: z.string(), count: z.coerce.number(), orders: z.coerce.number(), first_at: timestamptz, last_at: timestamptz });

/** Alerts of one kind that go out together. */
export interface AlertBatch {
  id: string;
  storeId: string;
  /** What the store is called. */
  store: string;
  kind: AlertKind;
  /** IANA name of the store's time zone. */
  timeZone: string;
  /** All of them; `events` are the first ones alone. */
  count: number;
  /** How many orders they are about. */
  orders: number;
  firstAt: Date;
  lastAt: Date;
  events: ToldEvent[];
}

export interface NewAlert {
  eventId: string;
  storeId: string;
  kind: AlertKind;
  now: Date;
  /** How long after one mail the next alerts of its kind are gathered. */
  windowMs: number;
}

/** Where an alert went: out by itself, or into a batch that is sent at `endsAt`. */
export type Gathered = { how: 'at-once'; batchId: string } | { how: 'gathered'; batchId: string; endsAt: Date };

/** Bursts, kept in the database alone: any number of processes gather into one mail. */
@Injectable()
export class AlertsRepository {
  constructor(private readonly db: Database) {}

  /**
   * Takes an alert in, or answers undefined when it was before. Alerts of one kind of a store pass one by one, by the lock on
   * their window's row: none is counted twice, none falls between two batches.
   */
  async gather(tx: Tx, { eventId, storeId, kind, now, windowMs }: NewAlert): Promise<Gathered | undefined> {
    const batchId = newId();
    const added = await tx.sql`
      INSERT INTO alert (event_id, store_id, kind, batch_id, created_at) VALUES (${eventId}, ${storeId}, ${kind}, ${batchId}, ${now})
      ON CONFLICT (event_id) DO NOTHING`;
    if (added === 0) return undefined;
    const { ends_at: endsAt, gathering } = await tx.sql.one(windowRow)`
      INSERT INTO alert_window AS known (store_id, kind, ends_at) VALUES (${storeId}, ${kind}, ${new Date(now.getTime() + windowMs)})
      ON CONFLICT (store_id, kind) DO UPDATE SET
        ends_at = CASE WHEN known.gathering IS NULL AND known.ends_at <= ${now} THEN excluded.ends_at ELSE known.ends_at END,
        gathering = CASE WHEN known.gathering IS NULL AND known.ends_at <= ${now} THEN NULL ELSE coalesce(known.gathering, ${batchId}) END
      RETURNING ends_at, gathering`;
    if (gathering === null) return { how: 'at-once', batchId };
    if (gathering !== batchId) await tx.sql`UPDATE alert SET batch_id = ${gathering} WHERE event_id = ${eventId}`;
    return { how: 'gathered', batchId: gathering, endsAt };
  }

  /** Ends the gathering of a batch, from when on it stays as it is; false when it was ended before. The next one may not go before a window is over. */
  async close(tx: Tx, batch: { id: string; storeId: string; kind: AlertKind }, until: Date): Promise<boolean> {
    const closed = await tx.sql`
      UPDATE alert_window SET gathering = NULL, ends_at = ${until}
      WHERE store_id = ${batch.storeId} AND kind = ${batch.kind} AND gathering = ${batch.id}`;
    return closed === 1;
  }

  /** A batch of its own for an event that waits for no other. */
  async alone(tx: Tx, alert: { eventId: string; storeId: string; kind: AlertKind; batchId: string; now: Date }): Promise<void> {
    await tx.sql`
      INSERT INTO alert (event_id, store_id, kind, batch_id, created_at)
      VALUES (${alert.eventId}, ${alert.storeId}, ${alert.kind}, ${alert.batchId}, ${alert.now})`;
  }

  /** The event with what an alert says of its order. This module asks no other one, so it reads for itself. */
  event(storeId: string, eventId: string): Promise<ToldEvent | undefined> {
    return this.db.sql.maybe(toldEvent)`
      SELECT e.id, e.type, e.occurred_at, e.store_id, e.order_id, e.payload, o.name AS order_name
      FROM event e LEFT JOIN orders o ON o.id = e.order_id
      WHERE e.id = ${eventId} AND e.store_id = ${storeId}`;
  }

  /** A batch with its first `shown` alerts, oldest first; undefined when it has none (any more). */
  async batch(storeId: string, id: string, shown: number): Promise<AlertBatch | undefined> {
    const row = await this.db.sql.maybe(batchRow)`
      SELECT a.kind, s.name AS store, s.time_zone, count(*) AS count, count(DISTINCT e.order_id) AS orders, min(e.occurred_at) AS first_at, max(e.occurred_at) AS last_at
      FROM alert a JOIN event e ON e.id = a.event_id JOIN store s ON s.id = a.store_id
      WHERE a.batch_id = ${id} AND a.store_id = ${storeId}
      GROUP BY a.kind, s.name, s.time_zone`;
    if (!row) return undefined;
    const events = await this.db.sql.rows(toldEvent)`
      SELECT e.id, e.type, e.occurred_at, e.store_id, e.order_id, e.payload, o.name AS order_name
      FROM alert a JOIN event e ON e.id = a.event_id LEFT JOIN orders o ON o.id = e.order_id
      WHERE a.batch_id = ${id} AND a.store_id = ${storeId}
      ORDER BY e.occurred_at, e.id LIMIT ${shown}`;
    return { id, storeId, store: row.store, kind: row.kind, timeZone: row.time_zone, count: row.count, orders: row.orders, firstAt: row.first_at, lastAt: row.last_at, events };
  }

  /** Deletes alerts of a store from before `before`; the events that they were of stay in the log. */
  deleteBefore(storeId: string, before: Date): Promise<number> {
    return this.db.sql`DELETE FROM alert WHERE store_id = ${storeId} AND created_at < ${before}`;
  }
}
