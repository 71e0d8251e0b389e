import { fragment, type Database } from '@forma3d/database';
import { newId, type OutsideBill, type OutsideCall, type OutsideSystem } from '@forma3d/kernel';
import { z } from 'zod';

/**
 * How long until a system that refuses us is asked again whether it accepts us: as long as it has refused us by now, so that a slip of
 * its own costs seconds, and a revoked token one call a minute. For a row of `outside_limit` and a time of the database.
 */
export const PROBE_AFTER = fragment`LEAST(interval '1 min', GREATEST(interval '5 s', clock_timestamp() - COALESCE(refused_since, clock_timestamp())))`;

/** Work that nobody waits for leaves this share of a full account to the others … */
const HEADROOM = 0.5;
/** … and may have this share of what flows in when the others leave less. */
const BACKGROUND_SHARE = 0.2;

/** How much longer than the call itself its reservation stands: for the statement that ends it. */
const ENDING_MS = 5_000;

export interface Limit {
  capacity: number;
  restorePerSecond: number;
}

/** What a call took in advance. */
export interface Reservation {
  id: string;
  waitMs: number;
  /** It is the one call that asks a system that refused us whether it accepts us again. */
  probe: boolean;
  /** It was let through on the share of the background. */
  onShare: boolean;
}

/** What the account says to one call. */
export type Verdict = ({ kind: 'pass' } & Reservation) | { kind: 'throttled' | 'refused'; retryAfterMs: number };

export interface Terms {
  /** A turn further off takes nothing. */
  longestWaitMs: number;
  /** Nobody waits for it. */
  background: boolean;
}

export type Account = Pick<OutsideCall, 'storeId' | 'system'>;

/** What has flowed in by now. */
const FILLED = fragment`tokens + restore_per_second * GREATEST(0, EXTRACT(EPOCH FROM clock_timestamp() - updated_at)::float8)`;

const turnRow = z.object({ refused: z.boolean(), blocked_ms: z.number(), wait_ms: z.number() });
const verdictRow = z.object({ verdict: z.enum(['pass', 'probe', 'throttled', 'refused']), wait_ms: z.number(), on_share: z.boolean() });

/**
 * Tables `outside_limit` and `outside_reservation`: leaky buckets that refill by the database's clock, what calls under way took of
 * them in advance, and who refuses us.
 *
 * A reservation is counted in its account's row, so that one statement decides; its own row is there to lapse when the process
 * that made it died. Every statement locks the account first.
 */
export class OutsideLimits {
  private readonly known = new Set<string>();

  constructor(
    private readonly db: Database,
    private readonly defaults: Partial<Record<OutsideSystem, Limit>>,
  ) {}

  /**
   * In one statement: refill, let lapse, decide, reserve.
   *
   * A call of the background is let through at once while more than the headroom stays; else, so that it never starves, on its share
   * of what flows in. Then it may wait for its turn as long as it takes behind everybody who came before.
   */
  async reserve(call: OutsideCall, { longestWaitMs, background }: Terms): Promise<Verdict> {
    if (!this.known.has(keyOf(call))) await this.open(call);
    const id = newId();
    const row = await this.db.sql.one(verdictRow)`
      WITH present AS (
        SELECT store_id, system, capacity, reserved, restore_per_second AS restore, refused_since, blocked_until, background_at, ${PROBE_AFTER} AS probe_after,
          clock_timestamp() AS now, ${FILLED} AS filled
        FROM outside_limit WHERE store_id = ${call.storeId} AND system = ${call.system} FOR UPDATE
      ), lapsed AS (
        DELETE FROM outside_reservation r USING present p
        WHERE r.store_id = p.store_id AND r.system = p.system AND r.until < p.now RETURNING r.cost
      ), counted AS (
        SELECT *, reserved - (SELECT COALESCE(sum(cost), 0) FROM lapsed) AS taken FROM present
      ), full_at_most AS (
        SELECT *, LEAST(capacity + taken, filled) AS tokens FROM counted
      ), priced AS (
        SELECT *, GREATEST(0, ${call.cost}::float8 - (tokens - taken)) / restore * 1000 AS turn_ms,
          GREATEST(0, ${call.cost}::float8 + ${HEADROOM} * capacity - (tokens - taken)) / restore * 1000 AS spare_ms,
          GREATEST(0, COALESCE(EXTRACT(EPOCH FROM background_at - now)::float8, 0)) * 1000 AS share_ms
        FROM full_at_most
      ), ranked AS (
        SELECT *, ${background} AND spare_ms > 0 AS pressed FROM priced
      ), decided AS (
        SELECT *, CASE
          WHEN blocked_until > now AND refused_since IS NOT NULL THEN 'refused'
          WHEN blocked_until > now THEN 'throttled'
          WHEN CASE WHEN pressed THEN share_ms > 0 ELSE turn_ms > ${longestWaitMs}::float8 END THEN 'throttled'
          WHEN refused_since IS NOT NULL THEN 'probe'
          ELSE 'pass' END AS verdict,
          CASE WHEN pressed AND share_ms > 0 THEN LEAST(spare_ms, share_ms) ELSE turn_ms END AS wait_ms
        FROM ranked
      ), noted AS (
        INSERT INTO outside_reservation (id, store_id, system, cost, until)
        SELECT ${id}::uuid, store_id, system, ${call.cost}::float8,
          now + (turn_ms + ${call.timeoutMs}::float8 + ${ENDING_MS}) * interval '1 ms'
        FROM decided WHERE verdict IN ('pass', 'probe')
      )
      UPDATE outside_limit l SET tokens = d.tokens, updated_at = d.now,
        reserved = d.taken + CASE WHEN d.verdict IN ('pass', 'probe') THEN ${call.cost}::float8 ELSE 0 END,
        blocked_until = CASE WHEN d.verdict = 'probe' THEN d.now + d.probe_after ELSE l.blocked_until END,
        background_at = CASE WHEN d.pressed AND d.verdict IN ('pass', 'probe')
          THEN d.now + ${call.cost}::float8 / (${BACKGROUND_SHARE} * d.restore) * interval '1 s' ELSE l.background_at END
      FROM decided d WHERE l.store_id = d.store_id AND l.system = d.system
      RETURNING d.verdict, d.pressed AS on_share,
        GREATEST(d.wait_ms, COALESCE(EXTRACT(EPOCH FROM d.blocked_until - d.now)::float8, 0) * 1000) AS wait_ms`;
    const waitMs = Math.ceil(row.wait_ms);
    if (row.verdict === 'throttled' || row.verdict === 'refused') return { kind: row.verdict, retryAfterMs: waitMs };
    return { kind: 'pass', id, waitMs, probe: row.verdict === 'probe', onShare: row.on_share };
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

  /** Undoes a reservation whose call was not sent; an unused probe is free for the next. */
  async giveBack(call: OutsideCall, reservation: Reservation): Promise<void> {
    await this.end(call, reservation, 0, {});
    if (!reservation.probe) return;
    await this.db.sql`UPDATE outside_limit SET blocked_until = NULL WHERE store_id = ${call.storeId} AND system = ${call.system}`;
  }

  /**
   * Looks again at a call that waits for its turn: whether somebody blocked the account meanwhile, and how long it has to wait now. That
   * is less than at first when calls before it cost less than they reserved, as nearly all do.
   */
  async turn(call: OutsideCall, { id }: Reservation): Promise<{ waitMs: number } | Exclude<Verdict, { kind: 'pass' }>> {
    const row = await this.db.sql.one(turnRow)`
      SELECT refused_since IS NOT NULL AS refused, COALESCE(EXTRACT(EPOCH FROM blocked_until - clock_timestamp())::float8, 0) * 1000 AS blocked_ms,
        GREATEST(0, ${call.cost}::float8 - LEAST(capacity + reserved, ${FILLED}) + (
          SELECT COALESCE(sum(cost), 0) FROM outside_reservation r
          WHERE r.store_id = l.store_id AND r.system = l.system AND r.id < ${id} AND r.until > clock_timestamp()
        )) / restore_per_second * 1000 AS wait_ms
      FROM outside_limit l WHERE store_id = ${call.storeId} AND system = ${call.system}`;
    if (row.blocked_ms <= 0) return { waitMs: row.wait_ms };
    return { kind: row.refused ? 'refused' : 'throttled', retryAfterMs: Math.ceil(row.blocked_ms) };
  }

  /**
   * Ends a reservation with what the call really cost: nothing when the system said "too many", all of it when it said nothing.
   * The account learns its size and speed, and what is there.
   */
  async settle(call: OutsideCall, reservation: Reservation, bill: OutsideBill): Promise<void> {
    await this.end(call, reservation, bill.actualCost ?? (bill.blockedForMs === undefined ? call.cost : 0), bill);
  }

  /**
   * What the system says is there is the truth for its moment, and has the full price of every call taken off that it was answering
   * then. So the account holds at most that and what others have reserved. It holds at least that when nobody else has a call
   * under way, and less by what they have when they do: an answer may be written down after a later one. Whatever the account
   * missed (calls of processes that died, answers that got lost, others with the same token) heals as answers come.
   */
  private async end(call: OutsideCall, reservation: Reservation, charge: number, bill: OutsideBill): Promise<void> {
    const { maximumAvailable = null, currentlyAvailable = null, restoreRate = null, blockedForMs = null } = bill;
    const unused = reservation.onShare ? call.cost - charge : 0;
    await this.db.sql`
      WITH present AS (
        SELECT store_id, system, reserved, clock_timestamp() AS now,
          LEAST(capacity + reserved, ${FILLED}) - ${charge}::float8 AS tokens
        FROM outside_limit WHERE store_id = ${call.storeId} AND system = ${call.system} FOR UPDATE
      ), own AS (
        DELETE FROM outside_reservation r USING present p WHERE r.id = ${reservation.id} AND r.system = p.system RETURNING r.cost
      ), ended AS (
        SELECT store_id, system, now, tokens, reserved - (SELECT COALESCE(sum(cost), 0) FROM own) AS others FROM present
      )
      UPDATE outside_limit l SET updated_at = e.now, reserved = e.others,
        capacity = COALESCE(${maximumAvailable}::float8, l.capacity),
        restore_per_second = COALESCE(NULLIF(${restoreRate}::float8, 0), l.restore_per_second),
        tokens = LEAST(COALESCE(${maximumAvailable}::float8, l.capacity) + e.others, ${currentlyAvailable}::float8 + e.others,
          GREATEST(e.tokens, ${currentlyAvailable}::float8 - e.others)),
        blocked_until = GREATEST(l.blocked_until, e.now + ${blockedForMs}::float8 * interval '1 ms'),
        background_at = l.background_at - ${unused}::float8 / (${BACKGROUND_SHARE} * l.restore_per_second) * interval '1 s'
      FROM ended e WHERE l.store_id = e.store_id AND l.system = e.system`;
  }
}

const keyOf = ({ storeId, system }: Account): string => `${storeId} ${system}`;
