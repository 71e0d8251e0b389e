import type { Tx } from '@forma3d/database';
import { z } from 'zod';
import { PROBE_AFTER, type Account } from './outside-limits';

/** Notes that a system refuses our credentials; true when it is the first refusal since it last accepted us. */
export async function markRefused(tx: Tx, account: Account): Promise<boolean> {
  const row = await tx.sql.maybe(z.object({ first: z.boolean() }))`
    WITH before AS (
      SELECT store_id, system, refused_since IS NULL AS first, ${PROBE_AFTER} AS probe_after FROM outside_limit
      WHERE store_id = ${account.storeId} AND system = ${account.system} FOR UPDATE
    )
    UPDATE outside_limit l SET refused_since = COALESCE(l.refused_since, clock_timestamp()),
      blocked_until = GREATEST(l.blocked_until, clock_timestamp() + b.probe_after)
    FROM before b WHERE l.store_id = b.store_id AND l.system = b.system
    RETURNING b.first`;
  return row?.first ?? false;
}

/** Ends a refusal; true when there was one. */
export async function markAccepted(tx: Tx, account: Account): Promise<boolean> {
  const touched = await tx.sql`
    UPDATE outside_limit SET refused_since = NULL, blocked_until = NULL
    WHERE store_id = ${account.storeId} AND system = ${account.system} AND refused_since IS NOT NULL`;
  return touched === 1;
}
