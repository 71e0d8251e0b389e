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
/** How many clusters with databases of failed files stay for a look, the newest of all runs. */
const KEPT_FOLDERS = 3;

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

/** Folders of runs that were killed, and of the kept ones all but the newest. */
function removeLeftovers() {
  const folders = fs.readdirSync(os.tmpdir()).filter((name) => name.startsWith(PREFIX)).map((name) => path.join(os.tmpdir(), name));
  const over = folders.map(stateOf).filter((state) => state !== null && !state.running);
  const kept = over.filter((state) => state.kept).sort((a, b) => b.madeAt - a.madeAt).slice(0, KEPT_FOLDERS);
  for (const { folder, postmaster } of over.filter((state) => !kept.includes(state))) {
    if (isAlive(postmaster)) process.kill(postmaster, 'SIGQUIT'); // an immediate shutdown
    fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}

/** Null for another user's folder, and for one that is being made or removed in this moment. */
function stateOf(folder) {
  try {
    const running = isAlive(Number(fs.readFileSync(path.join(folder, 'pid'), 'utf8')));
    const pidFile = path.join(folder, 'data/postmaster.pid');
    const postmaster = fs.existsSync(pidFile) ? Number(fs.readFileSync(pidFile, 'utf8').split('\n')[0]) : 0;
    return { folder, running, postmaster, kept: fs.existsSync(path.join(folder, 'kept')), madeAt: fs.statSync(folder).mtimeMs };
  } catch (error) {
    if (['EACCES', 'EPERM', 'ENOENT'].includes(error.code)) return null;
    throw error;
  }
}

function isAlive(pid) {
  if (!(pid > 0)) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}
