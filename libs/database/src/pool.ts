import pg from 'pg';
import { outsideAnyScope } from './scope';
import type { Sockets } from './sockets';
import { troubleOf } from './trouble';

const INT8 = 20;
const NUMERIC = 1700;

function safeInteger(text: string): number {
  const value = Number(text);
  if (!Number.isSafeInteger(value)) throw new RangeError('bigint beyond what a number holds exactly');
  return value;
}

type Parser = (text: string) => unknown;

/** bigint (money, counts) comes as a number, refused when it would lose digits; outside ids are text columns. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid, format): Parser => {
    if (oid === INT8 && format !== 'binary') return safeInteger;
    if (oid === NUMERIC && format !== 'binary') return Number;
    return pg.types.getTypeParser(oid, format) as Parser;
  },
};

export interface PoolSettings {
  url: string;
  /** Connections of this process. */
  max?: number;
  applicationName?: string;
  /** Milliseconds a statement may take before PostgreSQL ends it. */
  statementTimeoutMs?: number;
  /** Milliseconds a statement may wait for a lock that somebody else holds. */
  lockTimeoutMs?: number;
  /** Milliseconds to wait for a free connection, or for a new one, before giving up. */
  connectTimeoutMs?: number;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

/** A free connection comes within milliseconds, a new one within tens; who waits longer is told, and may come again. */
const CONNECT_TIMEOUT_MS = 5_000;
/** A statement of this product takes milliseconds; one that takes this long is stuck, and holds a connection that others need. */
const STATEMENT_TIMEOUT_MS = 10_000;
/** Rows are locked for milliseconds: who holds one longer is stuck or somebody's open session, and the work can come again. */
const LOCK_TIMEOUT_MS = 5_000;
/** How much longer than the server's own limit we wait for its word: then it is the connection that is dead. */
const SILENCE_MS = 2_000;
/** Nothing in a transaction waits for anything but the database, so one that idles is of a process that died or hangs; its locks go. */
const IDLE_IN_TRANSACTION_MS = 15_000;
/** A pool closes its idle connections after 10 s, a listener asks every 10 s: one that idles this long has nobody at its other end. */
const IDLE_SESSION_MS = 60_000;
/** From when on a silent peer is probed by the system; Node then gives it ten seconds. */
const KEEP_ALIVE_MS = 10_000;

/** Every wait for PostgreSQL ends: for a connection, a lock, a statement, and for an answer of a server that has fallen silent. */
export function clientConfig(settings: PoolSettings): pg.ClientConfig {
  const statementTimeoutMs = settings.statementTimeoutMs ?? STATEMENT_TIMEOUT_MS;
  return {
    connectionString: settings.url,
    application_name: settings.applicationName ?? 'forma3d',
    statement_timeout: statementTimeoutMs,
    lock_timeout: settings.lockTimeoutMs ?? LOCK_TIMEOUT_MS,
    query_timeout: statementTimeoutMs + SILENCE_MS,
    idle_in_transaction_session_timeout: IDLE_IN_TRANSACTION_MS,
    options: `-c idle_session_timeout=${String(IDLE_SESSION_MS)}`,
    connectionTimeoutMillis: settings.connectTimeoutMs ?? CONNECT_TIMEOUT_MS,
    keepAlive: true,
    keepAliveInitialDelayMillis: KEEP_ALIVE_MS,
    types,
  };
}

export function makePool(settings: PoolSettings, sockets: Sockets): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(settings), stream: sockets.make, max: settings.max ?? 12 });
  const tell = settings.onIdleError ?? (() => undefined);
  // A connection belongs to nobody's work, though it was opened in the course of somebody's: its end is told outside any scope.
  pool.on('error', outsideAnyScope((error: Error) => { tell(troubleOf(error) ?? error); }));
  return pool;
}
