import { spawn } from 'node:child_process';
import { root } from './place.mjs';

/** Runs a Node program in this clone, its output shown as it comes. Answers the exit code. */
export function runNode(args, { env = {}, stdout = 'inherit' } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { cwd: root, env: { ...process.env, ...env }, stdio: ['ignore', stdout, 'inherit'] });
    child.once('error', reject);
    child.once('exit', (code) => resolve(code ?? 1));
  });
}

/** A tool without counts of its own: one check, passed or failed. */
export async function check(script, args) {
  const code = await runNode([script, ...args]);
  return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1 };
}
