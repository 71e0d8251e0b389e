import type { Database, Tx } from '@forma3d/database';
import { z } from 'zod';

/** Whether there is, or was, an item about it: a version is told of once. */
export async function wasDriftTold(tx: Tx, storeId: string, kind: string, subjectId: string): Promise<boolean> {
  const { told } = await tx.sql.one(z.object({ told: z.boolean() }))`
    SELECT EXISTS (SELECT 1 FROM attention WHERE store_id = ${storeId} AND kind = ${kind} AND subject_id = ${subjectId}) AS told`;
  return told;
}

const drift = z.object({
  subject_id: z.string(),
  details: z.object({ where: z.string(), asked: z.string(), spoken: z.string() }),
  newest: z.string().nullable(),
});

/** The open items, with the version of the delivery that came last. */
export function driftsOpen(db: Database, storeId: string, kind: string): Promise<z.output<typeof drift>[]> {
  return db.sql.rows(drift)`
    SELECT subject_id, details, (
      SELECT api_version FROM webhook_delivery WHERE store_id = ${storeId} AND source = 'shopify' ORDER BY received_at DESC LIMIT 1
    ) AS newest
    FROM attention WHERE store_id = ${storeId} AND kind = ${kind} AND closed_at IS NULL`;
}
