import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { after, test } from 'node:test';
import { takeLock } from './lock.mjs';
import { describeProcess, endProcess, isRunning } from './processes.mjs';

const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-lock-spec-'));
after(() => fs.rmSync(folder, { recursive: true, force: true }));

test('a lock is refused while its process runs, and free after its release', () => {
  const file = path.join(folder, 'held');
  const lock = takeLock(file);
  assert.deepEqual(takeLock(file), { holder: process.pid });
  lock.release();
  takeLock(file).release();
  assert.deepEqual(fs.readdirSync(folder), []);
});

test('the lock of a process that is gone is taken over, also when its pid belongs to another one now', () => {
  const file = path.join(folder, 'stale');
  fs.writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'a process of before' }));
  const lock = takeLock(file);
  assert.ok('release' in lock);
  lock.release();
});

test('of many that take a stale lock at the same moment, one gets it', async () => {
  const file = path.join(folder, 'wanted');
  fs.writeFileSync(file, JSON.stringify({ pid: process.pid, identity: 'a process of before' }));
  const script = `
    const { takeLock } = await import(${JSON.stringify(new URL('lock.mjs', import.meta.url).href)});
    console.log('release' in takeLock(${JSON.stringify(file)}) ? 'got it' : 'refused');
    process.stdin.resume();`;
  const children = Array.from({ length: 6 }, () => spawn(process.execPath, ['--input-type=module', '--eval', script], { stdio: ['pipe', 'pipe', 'inherit'] }));
  const answers = await Promise.all(children.map(async (child) => String((await once(child.stdout, 'data'))[0]).trim()));
  for (const child of children) child.kill();
  assert.deepEqual(answers.sort(), ['got it', ...Array(5).fill('refused')]);
});

test('a process that does not end when asked is ended', async () => {
  const child = spawn(process.execPath, ['--eval', `process.on('SIGTERM', () => undefined); console.log('deaf'); setInterval(() => undefined, 1000)`], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  const described = describeProcess(child.pid);
  await endProcess(described, 100);
  assert.equal(isRunning(described), false);
});
