import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, before, test } from 'node:test';
import { takeLock } from './lock.mjs';
import { inRoot, root } from './place.mjs';

let folder;
before(() => (folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-data-'))));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

const run = (args, data) => spawnSync(process.execPath, args, { cwd: os.tmpdir(), env: { ...process.env, FORMA3D_DATA: data }, encoding: 'utf8' });
const forget = (data) => run([inRoot('apps/launcher/forget-data.mjs')], data);
const placesOf = (data) => {
  const script = `import('${inRoot('apps/launcher/place.mjs')}').then((place) => console.log(JSON.stringify(place)))`;
  return JSON.parse(run(['-e', script], data).stdout);
};

test('FORMA3D_DATA says where all of a start lies; a relative one is below the clone', () => {
  const { dataFolder, postgresFolder, logsShown } = placesOf(folder);
  assert.deepEqual({ dataFolder, postgresFolder, logsShown }, { dataFolder: folder, postgresFolder: path.join(folder, 'postgres'), logsShown: path.join(folder, 'logs') });
  assert.equal(placesOf('.data/second').postgresFolder, path.join(root, '.data/second/postgres'));
  assert.equal(placesOf('.data/second').logsShown, path.join('.data', 'second', 'logs'));
});

test('data is forgotten whole, but not while a product runs on it, and never without being named', () => {
  const data = path.join(folder, 'data');
  fs.mkdirSync(path.join(data, 'logs'), { recursive: true });
  const lock = takeLock(path.join(data, 'start.lock'));
  assert.equal(forget(data).status, 1);
  assert.ok(fs.existsSync(path.join(data, 'logs')));
  lock.release();
  assert.equal(forget('').status, 1);
  assert.equal(forget(data).status, 0);
  assert.ok(!fs.existsSync(data));
});
