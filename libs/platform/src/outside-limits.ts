import type { Database, Tx } from '@forma3d/database';
import type { OutsideBill, OutsideCall, OutsideSystem } from '@forma3d/kernel';
import { z } from 'zod';

/** How often a refused system is asked whether it accepts us again. */
const PROBE_EVERY_MS = 60_000;

export interface Limit {
  capacity: number;
  restorePerSecond: number;
}

/** What the account says to one call. */
export type Verdict =
  | { kind: 'pass'; waitMs: number; probe: boolean }
  | { kind: 'throttled' | 'refused'; retryAfterMs: number };

type Account = Pick<OutsideCall, 'storeId' | 'system'>;

const verdictRow = z
  .object({ verdict: z.enum(['pass', 'probe', 'throttled', 'refused']), wait_ms: z.number() })
  .transform(({ verdict, wait_ms }): Verdict =>
    verdict === 'pass' || verdict === 'probe'
      ? { kind: 'pass', waitMs: Math.ceil(wait_ms), probe: verdict === 'probe' }
      : { kind: verdict, retryAfterMs: Math.ceil(wait_ms) },
  );

/**
 * Table `outside_limit`: leaky buckets that refill by the database's clock, and who refuses us. A call takes its price in
 * advance; tokens below zero are turns reserved by calls that wait.
 */
export class OutsideLimits {
  private readonly known = new Set<string>();

  constructor(
    private readonly db: Database,
    private readonly defaults: Partial<Record<OutsideSystem, Limit>>,
  ) {}

  /** In one statement: refill, decide, take the price. A turn further off than `longestWaitMs` takes nothing. */
  async reserve(call: OutsideCall, longestWaitMs: number): Promise<Verdict> {
    if (!this.known.has(keyOf(call))) await this.open(call);
    return this.db.sql.one(verdictRow)`
      WITH present AS (
        SELECT store_id, system, restore_per_second, refused_since, blocked_until, clock_timestamp() AS now,
          LEAST(capacity, tokens + restore_per_second * GREATEST(0, EXTRACT(EPOCH FROM clock_timestamp() - updated_at)::float8)) AS tokens
        FROM outside_limit WHERE store_id = ${call.storeId} AND system = ${call.system} FOR UPDATE
      ), priced AS (
        SELECT *, GREATEST(0, ${call.cost}::float8 - tokens) / restore_per_second * 1000 AS turn_ms FROM present
      ), decided AS (
        SELECT *, CASE
          WHEN blocked_until > now AND refused_since IS NOT NULL THEN 'refused'
          WHEN blocked_until > now THEN 'throttled'
          WHEN turn_ms > ${longestWaitMs}::float8 THEN 'throttled'
          WHEN refused_since IS NOT NULL THEN 'probe'
          ELSE 'pass' END AS verdict
        FROM priced
      )
      UPDATE outside_limit l SET
        tokens = d.tokens - CASE WHEN d.verdict IN ('pass', 'probe') THEN ${call.cost}::float8 ELSE 0 END,
        updated_at = d.now,
        blocked_until = CASE WHEN d.verdict = 'probe' THEN d.now + ${PROBE_EVERY_MS} * interval '1 ms' ELSE l.blocked_until END
      FROM decided d WHERE l.store_id = d.store_id AND l.system = d.system
      RETURNING d.verdict, GREATEST(d.turn_ms, CASE WHEN d.blocked_until > d.now
        THEN EXTRACT(EPOCH FROM d.blocked_until - d.now)::float8 * 1000 ELSE 0 END) AS wait_ms`;
  }

  /** The account's row, made on the first call of this process; systems without a limit get one that is never felt. */
  private async open(account: Account): Promise<void> {
    const { capacity, restorePerSecond } = this.defaults[account.system] ?? { capacity: 1e9, restorePerSecond: 1e9 };
    await this.db.sql`
      INSERT INTO outside_limit (store_id, system, capacity, tokens, restore_per_second, updated_at)
      VALUES (${account.storeId}, ${account.system}, ${capacity}, ${capacity}, ${restorePerSecond}, clock_timestamp())
      ON CONFLICT (store_id, system) DO NOTHING`;
    this.known.add(keyOf(account));
  }

  /** Undoes a reservation that was not used; an unused probe is free for the next. */
  async giveBack(call: OutsideCall, probe: boolean): Promise<void> {
    await this.db.sql`
      UPDATE outside_limit SET tokens = tokens + ${call.cost}::float8,
        blocked_until = CASE WHEN ${probe} THEN NULL ELSE blocked_until END
      WHERE store_id = ${call.storeId} AND system = ${call.system}`;
  }

  /** Whether somebody blocked the account while a call waited for its turn. */
  blocked(account: Account): Promise<Exclude<Verdict, { kind: 'pass' }> | undefined> {
    const row = z.object({ refused: z.boolean(), ms: z.number() }).transform(({ refused, ms }) => ({
      kind: refused ? ('refused' as const) : ('throttled' as const),
      retryAfterMs: Math.ceil(ms),
    }));
    return this.db.sql.maybe(row)`
      SELECT refused_since IS NOT NULL AS refused, EXTRACT(EPOCH FROM blocked_until - clock_timestamp())::float8 * 1000 AS ms
      FROM outside_limit
      WHERE store_id = ${account.storeId} AND system = ${account.system} AND blocked_until > clock_timestamp()`;
  }

  /**
   * Corrects the account by what the call really cost. It never holds more than the outside system says is there, and learns its size
   * and speed.
   */
  async correct(call: OutsideCall, bill: OutsideBill): Promise<void> {
    const refund = bill.actualCost === undefined ? 0 : call.cost - bill.actualCost;
    const { maximumAvailable = null, currentlyAvailable = null, restoreRate = null, blockedForMs = null } = bill;
    if (refund === 0 && maximumAvailable === null && currentlyAvailable === null && restoreRate === null && blockedForMs === null) return;
    await this.db.sql`
      UPDATE outside_limit SET
        capacity = COALESCE(${maximumAvailable}::float8, capacity),
        restore_per_second = COALESCE(NULLIF(${restoreRate}::float8, 0), restore_per_second),
        tokens = LEAST(COALESCE(${maximumAvailable}::float8, capacity), tokens + ${refund}::float8,
          -- what it has now, less what refills between the last touch and now, as reserve() adds that
          ${currentlyAvailable}::float8
            - restore_per_second * GREATEST(0, EXTRACT(EPOCH FROM clock_timestamp() - updated_at)::float8)),
        blocked_until = GREATEST(blocked_until, clock_timestamp() + ${blockedForMs}::float8 * interval '1 ms')
      WHERE store_id = ${call.storeId} AND system = ${call.system}`;
  }

  /** Notes a refusal; true when it is the first since the system last accepted us. */
  async markRefused(tx: Tx, account: Account): Promise<boolean> {
    const row = await tx.sql.maybe(z.object({ first: z.boolean() }))`
      WITH before AS (
        SELECT store_id, system, refused_since IS NULL AS first FROM outside_limit
        WHERE store_id = ${account.storeId} AND system = ${account.system} FOR UPDATE
      )
      UPDATE outside_limit l SET refused_since = COALESCE(l.refused_since, clock_timestamp()),
        blocked_until = GREATEST(l.blocked_until, clock_timestamp() + ${PROBE_EVERY_MS} * interval '1 ms')
      FROM before b WHERE l.store_id = b.store_id AND l.system = b.system
      RETURNING b.first`;
    return row?.first ?? false;
  }

  /** Ends a refusal; true when there was one. */
  async markAccepted(tx: Tx, account: Account): Promise<boolean> {
    const touched = await tx.sql`
      UPDATE outside_limit SET refused_since = NULL, blocked_until = NULL
      WHERE store_id = ${account.storeId} AND system = ${account.system} AND refused_since IS NOT NULL`;
    return touched === 1;
  }
}

const keyOf = ({ storeId, system }: Account): string => `${storeId} ${system}`;
