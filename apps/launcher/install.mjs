/** Installs what package-lock.json asks for and is not there. Runs before anything is installed: Node's own modules only. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { takeLock } from './lock.mjs';
import { inRoot, installLock, root } from './place.mjs';
import { Refusal, step } from './terminal.mjs';

const lockfile = () => JSON.parse(fs.readFileSync(inRoot('package-lock.json'), 'utf8')).packages;

/** npm writes down what it installed, at the very end: an install that was interrupted left no such list. */
function isInstalled() {
  let present;
  try {
    present = JSON.parse(fs.readFileSync(inRoot('node_modules/.package-lock.json'), 'utf8')).packages;
  } catch {
    return false; // never installed, or cut off
  }
  return Object.entries(lockfile()).every(([place, wanted]) => {
    if (place === '' || wanted.link) return true;
    return present[place] ? present[place].version === wanted.version : wanted.optional === true || wanted.peer === true; // not for this machine
  });
}

/** @param {AbortSignal} [signal] ends npm */
export async function installWhatIsMissing(signal) {
  if (isInstalled()) return;
  await step('Packages', async (progress) => {
    const lock = await waitForTurn(progress, signal);
    try {
      if (isInstalled()) return { words: 'installed meanwhile by another command' };
      const places = Object.keys(lockfile()).filter((place) => place !== '');
      const from = performance.now();
      const timer = setInterval(() => {
        const there = places.filter((place) => fs.existsSync(inRoot(place, 'package.json'))).length;
        progress(`installing, ${there} of about ${places.length} there, ${Math.round((performance.now() - from) / 1000)} s`);
      }, 1000);
      try {
        await npm(['ci', '--ignore-scripts', '--include=dev', '--include=optional', '--no-audit', '--no-fund', '--loglevel=error'], signal);
      } finally {
        clearInterval(timer);
      }
      return { words: 'installed' };
    } finally {
      lock.release();
    }
  });
}

async function waitForTurn(progress, signal) {
  for (;;) {
    const lock = takeLock(installLock);
    if ('release' in lock) return lock;
    progress(`another command (process ${lock.holder}) is installing`);
    await wait(500, undefined, { signal });
  }
}

/** Install scripts are left out on purpose: nothing here needs one, and none is then trusted. */
function npm(args, signal) {
  const viaNode = process.env.npm_execpath?.endsWith('.js');
  const [command, first] = viaNode ? [process.execPath, [process.env.npm_execpath]] : ['npm', []];
  return new Promise((resolve, reject) => {
    const child = spawn(command, [...first, ...args], { cwd: root, stdio: ['ignore', 'ignore', 'pipe'], shell: !viaNode && process.platform === 'win32', signal });
    let said = '';
    child.stderr.setEncoding('utf8').on('data', (text) => (said += text));
    child.once('error', (error) => reject(new Refusal(`npm could not be run: ${error.message}`)));
    child.once('close', (code) => (code === 0 ? resolve() : reject(new Refusal(`npm ci failed:\n${said.trim()}`))));
  });
}
