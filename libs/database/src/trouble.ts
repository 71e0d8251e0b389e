import { types } from 'node:util';

/**
 * - away: PostgreSQL cannot be reached, went away, is starting or stopping, or takes no writes. Nothing was written.
 * - busy: it answers, but could not do this now: a lock or a statement took too long, no connection was free, it is out of
 *   connections, memory or disk, or a deadlock did not resolve. Nothing was written.
 * - unknown: it went away while a commit was under way. The work may or may not be written.
 */
export type TroubleKind = 'away' | 'busy' | 'unknown';

/**
 * PostgreSQL could not do its part; neither the work nor the values are at fault, and the same may succeed later. Its words name no
 * host, user or row.
 */
export class DatabaseTrouble extends Error {
  override readonly name = 'DatabaseTrouble';

  /** @param code SQLSTATE, the code of the network's error, or POOL_FULL */
  constructor(
    readonly kind: TroubleKind,
    readonly code: string | undefined,
    cause: unknown,
  ) {
    super(`${WORDS[kind]}${code === undefined ? '' : ` (${code})`}`, { cause });
  }
}

const WORDS: Readonly<Record<TroubleKind, string>> = {
  away: 'the database is away',
  busy: 'the database could not do it now',
  unknown: 'the database went away during a commit: whether it was written is not known',
};

/** SQLSTATEs of a server that goes away, comes up, or is a standby: https://www.postgresql.org/docs/current/errcodes-appendix.html */
const AWAY_STATE = /^(08...|57P0[1235]|25006|25P03)$/;
/** Out of disk, memory or connections (53), a lock or statement that took too long, a deadlock, a serialization failure, an I/O error. */
const BUSY_STATE = /^(53...|55P03|57014|40001|40P01|58030)$/;
const NETWORK = /^(ECONNREFUSED|ECONNRESET|ECONNABORTED|EPIPE|ENOTFOUND|ETIMEDOUT|EAI_AGAIN|EHOSTUNREACH|EHOSTDOWN|ENETUNREACH|ENETDOWN)$/;
/** No connection of the pool came free in time; a code of ours. */
const POOL_FULL = 'POOL_FULL';
/** What pg and pg-pool say themselves comes without a code: it gets one, which Prisma passes on where it passes on nothing else. */
const UNCODED: readonly (readonly [RegExp, string])[] = [
  [/^(timeout expired|Query read timeout|Connection terminated due to connection timeout)/, 'ETIMEDOUT'],
  [/^(Connection terminated|Client has encountered a connection error|Client was closed|Cannot use a pool after)/, 'ECONNRESET'],
  [/^timeout exceeded when trying to connect/, POOL_FULL],
];
/** https://www.prisma.io/docs/orm/reference/error-reference */
const PRISMA: Readonly<Record<string, TroubleKind>> = { P1001: 'away', P1002: 'away', P1008: 'away', P1017: 'away', P2024: 'busy', P2028: 'away', P2034: 'busy', P2037: 'busy' };

/**
 * What an error of the database tells of the database itself; undefined when the statement or its values are at fault, or when it is no
 * error of the database. Ask it only of errors that come from there: an outside system refuses connections just so.
 */
export function troubleOf(error: unknown): DatabaseTrouble | undefined {
  if (error instanceof DatabaseTrouble) return error;
  // Errors of the network may come from another realm than this one's Error.
  if (!types.isNativeError(error)) return undefined;
  const code = codeOf(error) ?? UNCODED.find(([words]) => words.test(error.message))?.[1];
  const kind = code === undefined ? undefined : kindOf(code);
  return kind === undefined ? undefined : new DatabaseTrouble(kind, code, error);
}

function kindOf(code: string): TroubleKind | undefined {
  if (NETWORK.test(code) || AWAY_STATE.test(code)) return 'away';
  return code === POOL_FULL || BUSY_STATE.test(code) ? 'busy' : PRISMA[code];
}

function codeOf(error: Error): string | undefined {
  return 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** PostgreSQL rolled everything back and asks to try again: deadlocks and serialization failures, also in Prisma's words. */
export function asksToTryAgain(error: unknown): boolean {
  const code = types.isNativeError(error) ? codeOf(error) : undefined;
  return code === '40001' || code === '40P01' || code === 'P2034';
}

/**
 * A COMMIT that failed. Where PostgreSQL said why, it rolled back; where it went away over it, nobody knows: the server may have been
 * ended after it had written, before it could say so. A connection that was known to be dead did not even send it.
 */
export function commitFailure(error: unknown): unknown {
  const trouble = troubleOf(error);
  if (trouble?.kind !== 'away') return error;
  const neverSent = types.isNativeError(error) && /not queryable$/.test(error.message);
  return neverSent ? trouble : new DatabaseTrouble('unknown', trouble.code, trouble.cause);
}
