/**
 * Brings a database to the newest migration (`npm run migrate`): that of DATABASE_URL, else the embedded one of this clone.
 * Several at once are safe: they take turns.
 */
import fs from 'node:fs';
import { pathToFileURL } from 'node:url';
import { startCluster } from './embedded-postgres.mjs';
import { inRoot, postgresFolder } from './place.mjs';
import { prisma, readMigrations } from './prisma.mjs';
import { Refusal } from './terminal.mjs';

/** Any constant of our own, so that migrations of one database wait for each other ("f3d" and a number). */
const LOCK = 0x66336401;

/** The server finds out within a minute that a machine which holds the lock is gone; by itself it takes two hours. */
const KEEP_ALIVE = '-c tcp_keepalives_idle=10 -c tcp_keepalives_interval=5';

/**
 * @param {string} url its database is made when it is missing
 * @returns {Promise<number>} how many migrations were applied
 */
export async function migrate(url) {
  const { default: pg } = await import('pg');
  const { createDatabase } = await import('../../prisma/engine-connection.mjs');
  const migrations = readMigrations();
  const connect = async () => {
    const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000, keepAlive: true, options: KEEP_ALIVE });
    await client.connect();
    return client;
  };
  const client = await connect().catch(async (error) => {
    if (error.code !== '3D000') throw unreachable(error);
    await createDatabase(url);
    return connect();
  });
  try {
    await client.query('SELECT pg_advisory_lock($1)', [LOCK]);
    const missing = await missingOf(client, migrations);
    if (missing > 0) {
      const { code, stdout, stderr } = await prisma(['migrate', 'deploy'], { url });
      if (code !== 0) throw new Refusal(`The database could not be migrated:\n${stderr.trim() || stdout.trim()}`);
    }
    return missing;
  } finally {
    await client.end(); // the lock goes with the connection
  }
}

/** The address itself, which has a password, stays out of the words. */
function unreachable(error) {
  return new Refusal(`The database cannot be reached: ${error.message || error.code}. Is DATABASE_URL right, and its server running?`);
}

/** The common case of a start, nothing to do, is answered by one query; everything unusual is left to Prisma. */
async function missingOf(client, migrations) {
  const { rows: found } = await client.query(`SELECT to_regclass('_prisma_migrations') IS NOT NULL AS there`);
  if (!found[0].there) return migrations.length;
  const { rows } = await client.query('SELECT migration_name, checksum, finished_at IS NOT NULL AS finished FROM _prisma_migrations WHERE rolled_back_at IS NULL');
  const applied = new Set(rows.filter((row) => row.finished).map((row) => `${row.migration_name} ${row.checksum}`));
  const missing = migrations.filter(({ name, checksum }) => !applied.has(`${name} ${checksum}`)).length;
  return rows.length === migrations.length ? missing : Math.max(missing, 1);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  if (fs.existsSync(inRoot('.env'))) process.loadEnvFile(inRoot('.env'));
  const cluster = process.env.DATABASE_URL ? null : await startCluster({ dir: postgresFolder });
  try {
    const applied = await migrate(process.env.DATABASE_URL ?? cluster.url());
    console.log(applied === 0 ? 'The database is up to date.' : `${applied} migration${applied === 1 ? '' : 's'} applied.`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  } finally {
    if (cluster && !cluster.adopted) await cluster.stop();
  }
}
