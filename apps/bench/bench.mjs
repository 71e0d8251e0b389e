/**
 * Measures the product's own ingest and queue against their limits and peers, and the whole way of an order (`npm run bench`), and writes
 * docs/benchmarks.md. `--short` is a look at a minute, `--ingest` one at ingest alone; both only print. The cluster is one of its own,
 * made anew each time, and waits for the disk. What is measured runs on the Node of the product's image, or on this one with `--here`.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { build } from '../launcher/build.mjs';
import { startCluster } from '../launcher/embedded-postgres.mjs';
import { migrate } from '../launcher/migrate.mjs';
import { dataFolder, inRoot } from '../launcher/place.mjs';
import { measureIngest } from './measure-ingest.mjs';
import { measureJourney } from './measure-journey.mjs';
import { imagesNode } from './peers.mjs';
import { reportOf } from './report.mjs';

const ingestAlone = process.argv.includes('--ingest');
const short = ingestAlone || process.argv.includes('--short');
const rounds = short ? 2 : 9;
const seconds = short ? 2 : 4;
const dir = path.join(dataFolder, `bench-${process.pid}`);
const say = (words) => process.stdout.write(`${words}\n`);
const load = () => os.loadavg().map((each) => each.toFixed(2)).join(' ');

async function machineOf(pool) {
  const { rows } = await pool.query(`SELECT current_setting('server_version') AS postgres, current_setting('fsync') AS fsync, current_setting('synchronous_commit') AS "synchronousCommit"`);
  return { ...rows[0], date: new Date().toISOString().slice(0, 10), cores: os.availableParallelism(), model: os.cpus()[0]?.model ?? 'unknown', node: process.versions.node, loadBefore: load() };
}

async function measureTheRest({ url, machine, ingest }) {
  const [{ measureQueue }, { measurePickUp }] = await Promise.all([import('./measure-queue.mjs'), import('./measure-pick-up.mjs')]); // what they load is built only now
  const queue = await measureQueue({ url, rounds, say });
  const pickUp = await measurePickUp({ url });
  return { machine, ingest, queue, pickUp };
}

async function measureJourneys() {
  const journeys = [];
  for (const apis of [1, 3]) {
    const journey = await measureJourney({ dir, apis, orders: short ? 60 : 600, oneByOne: short ? 10 : 60 });
    say(`  journey with ${apis} API processes: ${Math.round(journey.perHour)} orders an hour`);
    journeys.push(journey);
  }
  return journeys;
}

/** The whole of it in the Node of the image: answers its exit code, or null where there is no other Node. */
async function elsewhere() {
  if (process.argv.includes('--here')) return null;
  const node = imagesNode(say);
  if (node === null) return null;
  const [code] = await once(spawn(node, [...process.argv.slice(1), '--here'], { stdio: 'inherit' }), 'exit');
  return code ?? 1;
}

async function measureHere() {
  await build();
  const cluster = await startCluster({ dir, settings: { fsync: 'on', synchronous_commit: 'on', full_page_writes: 'on', max_wal_size: '4GB', autovacuum: 'off' } });
  const url = cluster.url('bench');
  const pool = new pg.Pool({ connectionString: url, max: 2 });
  let measured;
  try {
    await migrate(url);
    const machine = await machineOf(pool);
    say(`${machine.cores} cores, load average ${machine.loadBefore}`);
    const ingest = await measureIngest({ url, pool, rounds, seconds, say });
    if (ingestAlone) say(`  ratio of ingest in pairs: ${JSON.stringify(ingest.ratio)}, load average ${load()}`);
    else measured = await measureTheRest({ url, machine, ingest });
  } finally {
    await pool.end();
    await cluster.stop();
    fs.rmSync(dir, { recursive: true, force: true });
  }
  if (measured) {
    const journeys = await measureJourneys(); // on clusters of their own
    fs.rmSync(dir, { recursive: true, force: true });
    const report = reportOf({ ...measured, machine: { ...measured.machine, loadAfter: load() }, journeys, rounds, seconds });
    say(`\n${report}`);
    if (!short) fs.writeFileSync(inRoot('docs/benchmarks.md'), report);
  }
}

const code = await elsewhere();
if (code === null) await measureHere();
else process.exitCode = code;
