import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { runningCluster, startCluster } from './embedded-postgres.mjs';

const folder = fs.realpathSync(fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-cluster-spec-')));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

async function query(url, sql) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

const serverPid = (dir) => Number(fs.readFileSync(path.join(dir, 'postmaster.pid'), 'utf8').split('\n')[0]);

test('what was committed survives a stop and a kill -9 of the server, and a running one is adopted', async () => {
  const dir = path.join(folder, 'survivor');
  const first = await startCluster({ dir });
  await query(first.url('postgres'), 'CREATE TABLE kept AS SELECT 42 AS answer');
  await first.stop();
  assert.equal(await runningCluster(dir), null);

  const second = await startCluster({ dir });
  process.kill(serverPid(second.dir), 'SIGKILL'); // leaves postmaster.pid and, for a moment, its children
  await second.stop(); // nothing is left to stop, and that is no failure
  const third = await startCluster({ dir });
  const adopted = await startCluster({ dir });
  try {
    assert.deepEqual(await query(third.url('postgres'), 'SELECT answer FROM kept'), [{ answer: 42 }]);
    assert.equal(third.adopted, false);
    assert.equal(adopted.adopted, true);
    assert.equal(adopted.port, third.port);
  } finally {
    await third.stop();
  }
});

test('a pid file whose pid now belongs to another program does not stand in the way', async () => {
  const dir = path.join(folder, 'rebooted');
  const cluster = await startCluster({ dir, durable: false });
  const pidFile = fs.readFileSync(path.join(cluster.dir, 'postmaster.pid'), 'utf8');
  await cluster.stop();
  fs.writeFileSync(path.join(cluster.dir, 'postmaster.pid'), pidFile.replace(/^\d+/, String(process.pid)));
  const again = await startCluster({ dir, durable: false });
  await again.stop('immediate');
});

test('an initdb that was interrupted leaves nothing that is taken for a cluster', async () => {
  const dir = path.join(folder, 'interrupted');
  fs.mkdirSync(`${dir}.new-1/base`, { recursive: true });
  fs.writeFileSync(`${dir}.new-1/PG_VERSION`, '18\n');
  const cluster = await startCluster({ dir, durable: false });
  assert.deepEqual(await query(cluster.url('postgres'), 'SELECT 1 AS one'), [{ one: 1 }]);
  await cluster.stop('immediate');
});

test('nobody gets in without the password', async () => {
  const cluster = await startCluster({ dir: path.join(folder, 'closed'), durable: false });
  try {
    const url = new URL(cluster.url('postgres'));
    url.password = 'guessed';
    await assert.rejects(query(url.toString(), 'SELECT 1'), { code: '28P01' });
  } finally {
    await cluster.stop('immediate');
  }
});

test('where root may make no user namespace, the server runs as another user', { skip: process.getuid?.() !== 0 && 'only root drops to another user' }, () => {
  const bin = path.join(folder, 'bin');
  fs.mkdirSync(bin);
  fs.writeFileSync(path.join(bin, 'unshare'), '#!/bin/sh\nexit 1\n', { mode: 0o755 });
  const script = `
    const { startCluster } = await import(${JSON.stringify(new URL('embedded-postgres.mjs', import.meta.url).href)});
    const cluster = await startCluster({ dir: ${JSON.stringify(path.join(folder, 'dropped'))}, durable: false });
    const { statSync } = await import('node:fs');
    console.log(JSON.stringify({ dir: cluster.dir, owner: statSync(cluster.dir).uid }));
    await cluster.stop('immediate');`;
  const env = { ...process.env, PATH: `${bin}:${process.env.PATH}` };
  const said = JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { env, encoding: 'utf8' }));
  if (!said.dir.startsWith(folder)) fs.rmSync(path.dirname(said.dir), { recursive: true, force: true });
  assert.notEqual(said.owner, 0);
});
