import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from '@forma3d/testing';
import type { RunningApi } from '../../api/src/journey/product.setup';

const ROOT = path.resolve(__dirname, '../../..');

/** The built API as a process of its own, whose memory and whose end can be seen. */
export interface RealApi extends RunningApi {
  pid: number;
  url: string;
  port: number;
  /** Whether it still runs. */
  alive(): boolean;
  /** What it wrote last. */
  said(): string;
}

/** Resolves when it listens. */
export async function startRealApi(settings: Record<string, string>): Promise<RealApi> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, [path.join(ROOT, 'dist/apps/api/src/main.js')], { cwd: ROOT, env: { PATH, HOME, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output = (output + chunk.toString()).slice(-200_000); });
  const port = Number(settings['PORT']);
  const url = `http://127.0.0.1:${port}`;
  const alive = (): boolean => child.exitCode === null && child.signalCode === null;
  await until(async () => !alive() || (await fetch(`${url}/health/ready`)).ok, { timeoutMs: 40_000, everyMs: 50, what: 'the API to listen' });
  if (!alive() || child.pid === undefined) throw new Error(`the API ended by itself:\n${output}`);
  return {
    pid: child.pid,
    url,
    port,
    alive,
    said: () => output,
    close: async () => {
      if (!alive()) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}
