/** Prisma's CLI and the history of migrations, for the scripts of this folder. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startCluster } from './embedded-postgres.mjs';
import { inRoot, migrationsFolder, root } from './place.mjs';

/** Runs `prisma …`; answers its exit code and what it printed. Its own look for news stays off. */
export function prisma(args, { url } = {}) {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, ...(url ? { DATABASE_URL: url } : {}), CHECKPOINT_DISABLE: '1', PRISMA_HIDE_UPDATE_MESSAGE: '1' };
    const child = spawn(process.execPath, [inRoot('node_modules/prisma/build/index.js'), ...args], { cwd: root, env, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (stdout += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (stderr += text));
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, stdout, stderr }));
  });
}

/** The migrations in their order. `checksum` is the one that Prisma keeps beside a migration it has applied. */
export function readMigrations(folder = migrationsFolder) {
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && fs.existsSync(path.join(folder, entry.name, 'migration.sql')))
    .map(({ name }) => {
      const sql = fs.readFileSync(path.join(folder, name, 'migration.sql'), 'utf8');
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') };
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1));
}

/** One word for a whole history, to name databases by. */
export const historyHash = (migrations) =>
  createHash('sha256').update(JSON.stringify(migrations.map(({ name, checksum }) => [name, checksum]))).digest('hex').slice(0, 16);

/** Lends a cluster that nobody will miss, and removes it. */
export async function withTemporaryCluster(use) {
  const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-cluster-'));
  const cluster = await startCluster({ dir: path.join(folder, 'data'), durable: false });
  try {
    return await use(cluster);
  } finally {
    await cluster.stop('immediate');
    fs.rmSync(path.dirname(cluster.dir), { recursive: true, force: true });
    fs.rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * What the schema files say and the migrations do not yet.
 *
 * @returns {Promise<string>} SQL that would bring the history up to the schema; empty when they agree
 */
export function missingMigration() {
  return withTemporaryCluster(async (cluster) => {
    const schema = await schemaInServersWords(cluster);
    try {
      const url = cluster.url('postgres');
      const { code, stdout, stderr } = await prisma(['migrate', 'diff', '--from-migrations', migrationsFolder, '--to-schema', schema, '--script', '--exit-code'], { url });
      if (code === 0) return '';
      if (code === 2) return stdout;
      throw new Error(`prisma migrate diff failed:\n${stderr || stdout}`);
    } finally {
      fs.rmSync(schema, { recursive: true, force: true });
    }
  });
}

/**
 * A copy of the schema in which the conditions of partial indexes are worded as PostgreSQL keeps them (`status IN ('a')` becomes
 * `status = ANY (ARRAY['a'::text])`). Prisma compares these texts, and would otherwise see a change each time.
 */
async function schemaInServersWords(cluster) {
  const { code, stdout, stderr } = await prisma(['migrate', 'diff', '--from-empty', '--to-schema', inRoot('prisma/schema'), '--script'], { url: cluster.url('postgres') });
  if (code !== 0) throw new Error(`prisma/schema cannot be read:\n${stderr || stdout}`);
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: cluster.url('postgres') });
  await client.connect();
  let conditions;
  try {
    await client.query(`BEGIN; ${stdout}`);
    const { rows } = await client.query('SELECT indexrelid::regclass::text AS name, pg_get_expr(indpred, indrelid) AS condition FROM pg_index WHERE indpred IS NOT NULL');
    conditions = new Map(rows.map(({ name, condition }) => [name, condition]));
    await client.query('ROLLBACK');
  } finally {
    await client.end();
  }
  const copy = fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-schema-'));
  for (const file of fs.readdirSync(inRoot('prisma/schema'))) {
    const text = fs.readFileSync(inRoot('prisma/schema', file), 'utf8');
    const inServersWords = text.replaceAll(/(map:\s*"([^"]+)",\s*where:\s*raw\()"(?:[^"\\]|\\.)*"/g, (whole, before, name) =>
      conditions.has(name) ? `${before}${JSON.stringify(conditions.get(name))}` : whole);
    fs.writeFileSync(path.join(copy, file), inServersWords);
  }
  return copy;
}
