import { timestamptz, uuid, type Database } from '@forma3d/database';
import { z } from 'zod';

/** A delivery and the task it becomes, if it becomes one. */
export interface DeliveryRow {
  id: string;
  storeId: string;
  source: 'shopify' | 'simplyprint';
  topic: string;
  dedupeKey: string;
  eventId: string | null;
  apiVersion: string | null;
  triggeredAt: Date | null;
  receivedAt: Date;
  body: Buffer;
  task: { id: string; type: string; maxAttempts: number; correlationId: string } | null;
}

/*
 * The hot path: deliveries and their tasks in one statement, whatever their number. The bodies travel as one binary
 * parameter and are cut apart in the database; as an array they would be written and read as hexadecimal text. Sorted,
 * so that two statements with the same deliveries wait for each other in one order.
 */
const STORE = `
  WITH new AS (
    SELECT * FROM json_to_recordset($1::json) AS new
      (id uuid, store_id uuid, source text, topic text, dedupe_key text, event_id text, api_version text,
       triggered_at timestamptz, received_at timestamptz, body_at int, body_length int,
       task_id uuid, task_type text, max_attempts smallint, correlation_id text)
  ), inserted AS (
    INSERT INTO webhook_delivery
      (id, store_id, source, topic, dedupe_key, event_id, api_version, triggered_at, received_at, body)
    SELECT id, store_id, source, topic, dedupe_key, event_id, api_version, triggered_at, received_at,
      substring($2::bytea FROM body_at + 1 FOR body_length)
    FROM new ORDER BY store_id, source, dedupe_key
    ON CONFLICT (store_id, source, dedupe_key) DO NOTHING
    RETURNING id
  )
  INSERT INTO retry_queue (id, type, store_id, payload, max_attempts, due_at, correlation_id)
  SELECT new.task_id, new.task_type, new.store_id, jsonb_build_object('delivery_id', new.id), new.max_attempts,
    new.received_at, new.correlation_id
  FROM new JOIN inserted ON inserted.id = new.id WHERE new.task_id IS NOT NULL`;

/** Shopify waits five seconds; a server that has fallen silent must not hold up the deliveries that come after it. */
const PATIENCE_MS = 4_000;

/** Stores deliveries that are not stored yet, each with its task. Answers the number of tasks written. */
export async function storeDeliveries(db: Database, rows: readonly DeliveryRow[]): Promise<number> {
  let bodyAt = 0;
  const json = rows.map((row) => {
    const at = bodyAt;
    bodyAt += row.body.length;
    return {
      id: row.id,
      store_id: row.storeId,
      source: row.source,
      topic: row.topic,
      dedupe_key: row.dedupeKey,
      event_id: row.eventId,
      api_version: row.apiVersion,
      triggered_at: row.triggeredAt,
      received_at: row.receivedAt,
      body_at: at,
      body_length: row.body.length,
      task_id: row.task?.id ?? null,
      task_type: row.task?.type ?? null,
      max_attempts: row.task?.maxAttempts ?? null,
      correlation_id: row.task?.correlationId ?? null,
    };
  });
  const values = [JSON.stringify(json), Buffer.concat(rows.map((row) => row.body))];
  const result = await db.query({ name: 'inbox-store', text: STORE, values, query_timeout: PATIENCE_MS });
  return result.rowCount ?? 0;
}

const delivery = z.object({
  id: uuid,
  storeId: uuid,
  source: z.enum(['shopify', 'simplyprint']),
  topic: z.string(),
  eventId: z.string().nullable(),
  apiVersion: z.string().nullable(),
  triggeredAt: timestamptz.nullable(),
  receivedAt: timestamptz,
  body: z.instanceof(Buffer),
  /** When personal data were taken out: the body holds ids alone. */
  redactedAt: timestamptz.nullable(),
});
/** A webhook exactly as it came. */
export type Delivery = z.output<typeof delivery>;

export function findDelivery(db: Database, id: string): Promise<Delivery | undefined> {
  return db.sql.maybe(delivery)`
    SELECT id, store_id AS "storeId", source, topic, event_id AS "eventId", api_version AS "apiVersion",
      triggered_at AS "triggeredAt", received_at AS "receivedAt", body, redacted_at AS "redactedAt"
    FROM webhook_delivery WHERE id = ${id}`;
}

/** Rows deleted by one statement: short locks, and a log that standbys can follow. */
const BATCH = 1_000;

/**
 * Deletes deliveries that came before `before`, a batch at a time, until `signal`; answers how many. Index received_at. One that a privacy
 * request is made of says whom it is about: it stays until that request is done.
 */
export async function deleteDeliveries(db: Database, storeId: string, before: Date, signal: AbortSignal): Promise<number> {
  let deleted = 0;
  for (let last = BATCH; last === BATCH && !signal.aborted; deleted += last) {
    last = await db.sql`
      DELETE FROM webhook_delivery WHERE id IN (
        SELECT id FROM webhook_delivery w WHERE received_at < ${before} AND store_id = ${storeId}
          AND NOT EXISTS (SELECT 1 FROM privacy_request p WHERE p.store_id = w.store_id AND p.delivery_id = w.id AND p.completed_at IS NULL)
        ORDER BY received_at LIMIT ${BATCH} FOR UPDATE SKIP LOCKED)`;
  }
  return deleted;
}
