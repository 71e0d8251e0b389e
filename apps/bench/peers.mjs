/** Brings the peers and the Node that they need, the one of the product's image, for the benchmark alone: nobody else has to download them. */
import { spawnSync } from 'node:child_process';
import fs from 'node:fs';
import { inRoot } from '../launcher/place.mjs';
import { Child } from './child.mjs';

const HOME = inRoot('apps/bench/peers');
const NODE = inRoot('apps/bench/peers/node_modules/node/bin/node');

export const PEERS = {
  graphileWorker: 'graphile-worker 0.18, tuned: 24 at once, 500 fetched ahead, completions batched',
  pgBoss: 'pg-boss 12, tuned: fetches and completes 100 at a time, 2 lanes',
};

/** @returns {string | null} the Node of the image, which the peers need too; null where it cannot be installed, which is said */
export function imagesNode(say) {
  if (!fs.existsSync(NODE)) {
    say('  installing the peers …');
    const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund'], { cwd: HOME, stdio: ['ignore', 'ignore', 'inherit'], shell: process.platform === 'win32' });
    if (status !== 0 || !fs.existsSync(NODE)) {
      say(`  the peers are not measured: they could not be installed (${error?.message ?? `npm ended with ${status}`})`);
      return null;
    }
  }
  return NODE;
}

/** @returns {Child | null} the process that runs them; null where they could not be had */
export function startPeers({ url, say }) {
  const node = imagesNode(say);
  return node === null ? null : new Child('peers/peer.mjs', { DATABASE_URL: url }, node);
}
