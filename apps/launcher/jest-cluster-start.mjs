/**
 * Jest's globalSetup of the database tests: one throwaway cluster for the run (or TEST_DATABASE_URL, a server of yours), and on it
 * a template with all migrations applied, which every test file clones. Named by the hash of the migrations, so that a server that
 * stays keeps a right one.
 */
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { startCluster } from './embedded-postgres.mjs';
import { historyHash, readMigrations } from './prisma.mjs';

const PREFIX = 'forma3d-tests-';
/** Clusters kept for a look after a failure go after a day. */
const KEPT_FOR_MS = 24 * 60 * 60 * 1000;

/** What jest-cluster-stop.mjs ends: `folder` and `cluster` are absent with a server of yours. */
export const run = {};

export default async function start() {
  removeLeftovers();
  run.folder = fs.mkdtempSync(path.join(os.tmpdir(), PREFIX));
  fs.writeFileSync(path.join(run.folder, 'pid'), String(process.pid));
  run.keptList = path.join(run.folder, 'kept');
  if (!process.env.TEST_DATABASE_URL) run.cluster = await startCluster({ dir: path.join(run.folder, 'data'), durable: false });
  const admin = process.env.TEST_DATABASE_URL ?? run.cluster.url('postgres');
  process.env.FORMA3D_TEST_SERVER = admin;
  process.env.FORMA3D_TEST_TEMPLATE = await makeTemplate(admin);
  process.env.FORMA3D_TEST_KEPT = run.keptList;
}

async function makeTemplate(admin) {
  const { default: pg } = await import('pg');
  const migrations = readMigrations();
  const name = `forma3d_template_${historyHash(migrations)}`;
  const server = new pg.Client({ connectionString: admin });
  await server.connect();
  try {
    await server.query('SELECT pg_advisory_lock(hashtext($1))', [name]); // two runs on one server
    const { rowCount } = await server.query('SELECT 1 FROM pg_database WHERE datname = $1', [name]);
    if (rowCount === 0) {
      const draft = `${name}_draft`;
      await server.query(`DROP DATABASE IF EXISTS ${draft} WITH (FORCE)`);
      await server.query(`CREATE DATABASE ${draft} TEMPLATE template0`);
      await applyMigrations(addressOf(admin, draft), migrations);
      await server.query(`ALTER DATABASE ${draft} RENAME TO ${name}`);
    }
    return name;
  } finally {
    await server.end();
  }
}

/** The scripts as Prisma sends them, one query each; that Prisma's own deploy works is tested in migrate.spec.mjs. */
async function applyMigrations(url, migrations) {
  const { default: pg } = await import('pg');
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    for (const { name, sql } of migrations) {
      await client.query(sql).catch((error) => {
        throw new Error(`Migration ${name} fails: ${error.message}`, { cause: error });
      });
    }
  } finally {
    await client.end();
  }
}

function addressOf(admin, database) {
  const url = new URL(admin);
  url.pathname = `/${database}`;
  return url.toString();
}

/** Folders of runs that were killed, and kept ones that are old. */
function removeLeftovers() {
  for (const name of fs.readdirSync(os.tmpdir())) {
    if (!name.startsWith(PREFIX)) continue;
    const folder = path.join(os.tmpdir(), name);
    try {
      const kept = fs.existsSync(path.join(folder, 'kept'));
      const old = Date.now() - fs.statSync(folder).mtimeMs > KEPT_FOR_MS;
      if (isAlive(Number(fs.readFileSync(path.join(folder, 'pid'), 'utf8'))) || (kept && !old)) continue;
      const postmaster = Number(fs.readFileSync(path.join(folder, 'data/postmaster.pid'), 'utf8').split('\n')[0]);
      if (isAlive(postmaster)) process.kill(postmaster, 'SIGQUIT'); // an immediate shutdown
    } catch (error) {
      if (error.code === 'EACCES' || error.code === 'EPERM') continue; // another user's
      if (error.code !== 'ENOENT') throw error;
    }
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
