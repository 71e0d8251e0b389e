import { timestamptz, type Database, type Tx } from '@forma3d/database';
import { z } from 'zod';

export type SubscribedSystem = 'shopify' | 'simplyprint';

/** What delivers to us, as the outside system shows it. */
export interface SeenSubscription {
  topic: string;
  outsideId: string;
}

const known = z.object({ topic: z.string(), outside_id: z.string(), url: z.string() });

/**
 * Notes what delivers to `url` now, and answers the topics whose subscription was lost: known at this address, and another one by now. Each
 * loss is answered once, however many look at the same time; one that could not be made again yet, when it was.
 */
export async function noteSubscriptions(
  tx: Tx,
  storeId: string,
  system: SubscribedSystem,
  url: string,
  present: readonly SeenSubscription[],
  now: Date,
): Promise<string[]> {
  const before = await tx.sql.rows(known)`
    SELECT topic, outside_id, url FROM webhook_subscription WHERE store_id = ${storeId} AND system = ${system} ORDER BY topic FOR UPDATE`;
  const rows = present.map(({ topic, outsideId }) => ({ topic, outside_id: outsideId }));
  await tx.sql`
    INSERT INTO webhook_subscription AS old (store_id, system, topic, outside_id, url, since, seen_at)
    SELECT ${storeId}, ${system}, topic, outside_id, ${url}, ${now}::timestamptz, ${now}::timestamptz
    FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new (topic text, outside_id text) ORDER BY topic
    ON CONFLICT (store_id, system, topic) DO UPDATE SET seen_at = excluded.seen_at, url = excluded.url, outside_id = excluded.outside_id,
      since = CASE WHEN old.outside_id = excluded.outside_id THEN old.since ELSE excluded.since END`;
  const ids = new Map(present.map(({ topic, outsideId }) => [topic, outsideId]));
  return before.filter((each) => each.url === url && ids.has(each.topic) && ids.get(each.topic) !== each.outside_id).map((each) => each.topic);
}

/** What is not there any more, and was not lost. */
export async function forgetSubscriptions(tx: Tx, storeId: string, system: SubscribedSystem): Promise<void> {
  await tx.sql`DELETE FROM webhook_subscription WHERE store_id = ${storeId} AND system = ${system}`;
}

const shown = z.object({ system: z.enum(['shopify', 'simplyprint']), topic: z.string(), url: z.string(), since: timestamptz, seen_at: timestamptz });

export function subscriptionsOf(db: Database, storeId: string): Promise<z.output<typeof shown>[]> {
  return db.sql.rows(shown)`
    SELECT system, topic, url, since, seen_at FROM webhook_subscription WHERE store_id = ${storeId} ORDER BY system, topic`;
}
