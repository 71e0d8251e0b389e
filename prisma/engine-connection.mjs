/**
 * How the schema engine reaches PostgreSQL: the driver adapter of Prisma over `pg`, with what the adapter of 7.10 still lacks
 * for migrations put right here, each with its reason.
 */
import { randomUUID } from 'node:crypto';
import { PrismaPg } from '@prisma/adapter-pg';
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils';
import pg from 'pg';

/** PostgreSQL's type oids: the catalog's internal "char", and text. */
const CHAR_OID = 18;
const TEXT_OID = 25;

const databaseOf = (url) => decodeURIComponent(new URL(url).pathname.slice(1)) || 'postgres';

/**
 * Connection settings one by one, never as a connection string: `pg` lets a connection string override `database`, so that the
 * shadow database would silently be the main one.
 */
function settingsOf(url, database = databaseOf(url)) {
  const { hostname, port, username, password, searchParams } = new URL(url);
  const encrypted = ['require', 'prefer', 'verify-ca', 'verify-full'].includes(searchParams.get('sslmode') ?? '');
  const verified = (searchParams.get('sslmode') ?? '').startsWith('verify');
  return {
    host: searchParams.get('host') ?? hostname,
    port: Number(port || 5432),
    user: decodeURIComponent(username),
    password: decodeURIComponent(password),
    database,
    ...(encrypted ? { ssl: { rejectUnauthorized: verified } } : {}),
    connectionTimeoutMillis: 10_000,
  };
}

async function once(settings, sql) {
  const client = new pg.Client(settings);
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

/** Resolves when the database answers; rejects with pg's error. */
export const canConnect = (url) => once(settingsOf(url), 'SELECT 1');

/** Makes the database that the address names; one that is there, or made by another process in this moment, is fine. */
export async function createDatabase(url) {
  const name = databaseOf(url);
  try {
    await once(settingsOf(url, 'postgres'), `CREATE DATABASE ${pg.escapeIdentifier(name)}`);
  } catch (error) {
    const alreadyThere = error.code === '42P04' || error.code === '23505'; // duplicate_database; two CREATEs at once
    if (!alreadyThere) throw error;
  }
  return name;
}

/** The adapter factory that the engine takes. Without an address only commands that need no database work. */
export function adapterFactory(url, shadowUrl) {
  const factory = url
    ? new PrismaPg({ ...settingsOf(url), Client: CatalogClient }, { schema: new URL(url).searchParams.get('schema') ?? 'public' })
    : new PrismaPg({ host: '127.0.0.1', port: 1 });
  const connect = factory.connect.bind(factory);
  factory.connect = async () => repaired(await connect());
  factory.connectToShadowDb = () => (shadowUrl ? connectTo(settingsOf(shadowUrl)) : temporaryShadow(url));
  return bindMigrationAwareSqlAdapterFactory(factory);
}

const connectTo = async (settings) => repaired(await new PrismaPg({ ...settings, Client: CatalogClient }).connect());

/** The adapter drops its shadow database while its own pool is still connected to it; here the pool goes first. */
async function temporaryShadow(url) {
  const name = pg.escapeIdentifier(`prisma_migrate_shadow_db_${randomUUID()}`);
  await once(settingsOf(url), `CREATE DATABASE ${name}`);
  const connection = await connectTo(settingsOf(url, name.slice(1, -1)));
  const disconnect = connection.dispose.bind(connection);
  connection.dispose = async () => {
    await disconnect();
    await once(settingsOf(url), `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  };
  return connection;
}

/** Which columns of a result were "char", by its rows (the adapter passes them on as they are). */
const charColumns = new WeakMap();

/** The adapter has no mapping for "char", which the engine's catalog queries select: it travels as text and is declared again below. */
class CatalogClient extends pg.Client {
  query(...args) {
    const callback = args.at(-1);
    if (typeof callback === 'function') args[args.length - 1] = (error, result) => callback(error, charAsText(result)); // Pool#query
    const pending = super.query(...args);
    return typeof pending?.then === 'function' ? pending.then(charAsText) : pending;
  }
}

function charAsText(results) {
  for (const result of [results].flat()) {
    const columns = (result?.fields ?? []).flatMap((field, index) => (field.dataTypeID === CHAR_OID ? [index] : []));
    for (const index of columns) result.fields[index].dataTypeID = TEXT_OID;
    if (columns.length > 0) charColumns.set(result.rows, columns);
  }
  return results;
}

function repaired(connection) {
  const queryRaw = connection.queryRaw.bind(connection);
  connection.queryRaw = async (query) => {
    const result = await queryRaw(query);
    for (const index of charColumns.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character;
    return result;
  };
  // The adapter splits scripts at every ';', which breaks $$ bodies; one simple query is what the native engine sends.
  if (connection.executeScript) {
    connection.executeScript = async (script) => {
      try {
        await connection.client.query(script);
      } catch (error) {
        connection.onError(error);
      }
    };
  }
  const startTransaction = connection.startTransaction?.bind(connection);
  if (startTransaction) connection.startTransaction = async (...args) => repaired(await startTransaction(...args));
  return connection;
}
