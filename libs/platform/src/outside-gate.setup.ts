import { Database, withScope } from '@forma3d/database';
import { newId, type OutsideCall } from '@forma3d/kernel';
import { z } from 'zod';
import { SharedOutsideGate } from './outside-gate';
import { OutsideSightings, OutsideTroubles, type OutsideTrouble } from './outside-troubles';

const account = z.object({
  /** Free for the next call. */
  tokens: z.number(),
  reserved: z.number(),
  capacity: z.number(),
  restore: z.number(),
  refused: z.boolean(),
  blocked_ms: z.number().nullable(),
});

/** Gates of several processes over one database, and what they say; everything of a test happens in a store of its own. */
export function gateWorld(url: string) {
  const databases: Database[] = [];
  const troubles: OutsideTrouble[] = [];
  const log: string[] = [];
  const calls: object[] = [];
  let storeId = '';

  const db = (): Database => {
    const [first] = databases;
    if (!first) throw new Error('no process was started yet');
    return first;
  };

  return {
    troubles,
    log,
    calls,
    db,
    newStore(): string {
      storeId = newId();
      for (const list of [troubles, log, calls]) list.length = 0;
      return storeId;
    },
    /** The gate of one more process. */
    process(perSecond = 5): SharedOutsideGate {
      const own = new Database({ url, max: 6 });
      databases.push(own);
      const listeners = new OutsideTroubles();
      listeners.on((_tx, trouble) => {
        troubles.push(trouble);
        return Promise.resolve();
      });
      const say = (_facts: object, message: string): void => void log.push(message);
      const settings = { simplyprintPerSecond: perSecond };
      return new SharedOutsideGate(own, listeners, new OutsideSightings(), { warn: say, info: say, debug: (facts) => void calls.push(facts) }, settings);
    },
    call: (change: Partial<OutsideCall> = {}): OutsideCall => ({
      storeId, system: 'simplyprint', operation: 'queue/GetItems', timeoutMs: 1_000, cost: 1, ...change,
    }),
    /** Shopify's account as a shop has it that got `available` of `capacity` points and gets no more by itself, unless `restore` says so. */
    async account(available: number, { capacity = 2_000, restore = 0.001 } = {}): Promise<void> {
      await db().sql`
        INSERT INTO outside_limit (store_id, system, capacity, tokens, restore_per_second, updated_at)
        VALUES (${storeId}, 'shopify', ${capacity}, ${available}, ${restore}, clock_timestamp())
        ON CONFLICT (store_id, system) DO UPDATE SET tokens = excluded.tokens, restore_per_second = excluded.restore_per_second`;
    },
    read: (system = 'simplyprint') => db().sql.one(account)`
      SELECT tokens - reserved AS tokens, reserved, capacity, restore_per_second AS restore, refused_since IS NOT NULL AS refused,
        EXTRACT(EPOCH FROM blocked_until - clock_timestamp())::float8 * 1000 AS blocked_ms
      FROM outside_limit WHERE store_id = ${storeId} AND system = ${system}`,
    /** Has time pass for this store: what stands until a time is nearer to it by so much. */
    async pass(ms: number): Promise<void> {
      await db().sql`UPDATE outside_reservation SET until = until - ${ms} * interval '1 ms' WHERE store_id = ${storeId}`;
      await db().sql`
        UPDATE outside_limit SET updated_at = updated_at - ${ms} * interval '1 ms', background_at = background_at - ${ms} * interval '1 ms'
        WHERE store_id = ${storeId}`;
    },
    /** Runs `work` as a task of this type does. */
    asTask<R>(type: string, work: () => Promise<R>): Promise<R> {
      const task = { id: newId(), type, signal: new AbortController().signal, leaseUntil: () => Date.now() + 60_000 };
      return withScope({ task }, work);
    },
    async close(): Promise<void> {
      await Promise.all(databases.splice(0).map((each) => each.close()));
    },
  };
}
