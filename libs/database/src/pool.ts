import pg from 'pg';

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
  /** Milliseconds to wait for a free connection before giving up. */
  connectTimeoutMs?: number;
  /** Told of connections that broke while idle; the pool replaces them by itself. */
  onIdleError?: (error: Error) => void;
}

export function clientConfig(settings: PoolSettings): pg.ClientConfig {
  return {
    connectionString: settings.url,
    application_name: settings.applicationName ?? 'forma3d',
    statement_timeout: settings.statementTimeoutMs ?? 30_000,
    idle_in_transaction_session_timeout: 60_000,
    connectionTimeoutMillis: settings.connectTimeoutMs ?? 10_000,
    keepAlive: true,
    types,
  };
}

export function makePool(settings: PoolSettings): pg.Pool {
  const pool = new pg.Pool({ ...clientConfig(settings), max: settings.max ?? 12 });
  pool.on('error', settings.onIdleError ?? (() => undefined));
  return pool;
}
