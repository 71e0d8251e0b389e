import { timestamptz, uuid, type Sql } from '@forma3d/database';
import { z } from 'zod';

/** Anything that runs SQL: a transaction, or the database outside of one. */
interface Reader {
  readonly sql: Sql;
}

const row = z
  .object({
    order_id: uuid,
    store_id: uuid,
    reason: z.string(),
    state: z.enum(['requested', 'accepted', 'cancelled', 'refused']),
    intent_until: timestamptz.nullable(),
    job_id: z.string().nullable(),
    accepted_at: timestamptz.nullable(),
    error: z.string().nullable(),
  })
  .transform((each) => ({
    orderId: each.order_id,
    storeId: each.store_id,
    reason: each.reason,
    /** `accepted`: Shopify's job is under way, or over without a word. */
    state: each.state,
    intentUntil: each.intent_until,
    jobId: each.job_id,
    acceptedAt: each.accepted_at,
    error: each.error,
  }));
/** How far cancelling an order in Shopify has come. */
export type ShopifyCancellation = z.output<typeof row>;

export function cancellationOf(db: Reader, orderId: string): Promise<ShopifyCancellation | undefined> {
  return db.sql.maybe(row)`
    SELECT order_id, store_id, reason, state, intent_until, job_id, accepted_at, error FROM shopify_cancellation WHERE order_id = ${orderId}`;
}

/** Asks anew; a call that may still take effect keeps its intent. */
export async function askShopify(tx: Reader, order: { id: string; storeId: string }, reason: string, now: Date): Promise<void> {
  await tx.sql`
    INSERT INTO shopify_cancellation (order_id, store_id, reason, state, requested_at, updated_at)
    VALUES (${order.id}, ${order.storeId}, ${reason}, 'requested', ${now}, ${now})
    ON CONFLICT (order_id) DO UPDATE SET state = 'requested', reason = excluded.reason, job_id = NULL, accepted_at = NULL, error = NULL,
      requested_at = excluded.requested_at, updated_at = excluded.updated_at`;
}

/** Commits to sending an orderCancel; answers false when another runner has. */
export async function intend(tx: Reader, orderId: string, until: Date, now: Date): Promise<boolean> {
  return (
    (await tx.sql`
      UPDATE shopify_cancellation SET intent_until = ${until}, updated_at = ${now}
      WHERE order_id = ${orderId} AND state = 'requested' AND intent_until IS NULL`) === 1
  );
}

/** The outcome of the call of this intent is known: it may be sent again. */
export async function endIntent(tx: Reader, orderId: string, until: Date, now: Date): Promise<void> {
  await tx.sql`
    UPDATE shopify_cancellation SET intent_until = NULL, updated_at = ${now} WHERE order_id = ${orderId} AND intent_until = ${until}`;
}

export async function accepted(tx: Reader, orderId: string, jobId: string | null, now: Date): Promise<void> {
  await tx.sql`
    UPDATE shopify_cancellation SET state = 'accepted', job_id = ${jobId}, accepted_at = ${now}, intent_until = NULL, updated_at = ${now}
    WHERE order_id = ${orderId} AND state = 'requested'`;
}

export async function cancelledThere(tx: Reader, orderId: string, now: Date): Promise<void> {
  await tx.sql`
    UPDATE shopify_cancellation SET state = 'cancelled', error = NULL, intent_until = NULL, updated_at = ${now} WHERE order_id = ${orderId}`;
}

/** It is not tried any more; a call of which nobody knows the end may still take effect, and keeps its intent. */
export async function refused(tx: Reader, orderId: string, error: string, now: Date): Promise<void> {
  await tx.sql`UPDATE shopify_cancellation SET state = 'refused', error = ${error}, updated_at = ${now} WHERE order_id = ${orderId}`;
}

const openTask = z.object({ id: uuid, type: z.string() });

/** The open tasks that see a cancelled order's end through: of its prints and at Shopify. Index retry_queue_order. */
export function openTasks(tx: Reader, orderId: string): Promise<{ id: string; type: string }[]> {
  return tx.sql.rows(openTask)`
    SELECT id, type FROM retry_queue
    WHERE order_id = ${orderId} AND status IN ('PENDING', 'PROCESSING') AND type IN ('CANCELLATION', 'PRINT_STOP', 'SHOPIFY_CANCELLATION')`;
}
