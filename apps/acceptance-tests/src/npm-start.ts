import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import path from 'node:path';
import { parseEnv } from 'node:util';
import { expect } from '@playwright/test';
import { z } from 'zod';
import { eventually } from './eventually';

export const ROOT = path.resolve(__dirname, '../../..');
const running = z.record(z.string(), z.object({ pid: z.number() }));

/** Where a started product is, and where what it leaves behind lies. */
export interface Place {
  /** FORMA3D_DATA */
  data: string;
  ports: { PORT: string; SANDBOX_PORT: string; SANDBOX_SMTP_PORT: string };
}

/** A place of its own in `folder`: nobody's ports, nobody's data. */
export async function newPlace(folder: string, name: string): Promise<Place> {
  const [api, sandbox, smtp] = await freePorts(3);
  return { data: path.join(folder, name), ports: { PORT: String(api), SANDBOX_PORT: String(sandbox), SANDBOX_SMTP_PORT: String(smtp) } };
}

/** One run of `npm start`, as it is seen from the terminal that it was typed in. */
export class NpmStart {
  private readonly terminalFile: string;
  private readonly process: ChildProcess;
  /** The exit code, or the signal that ended it. */
  private readonly ended: Promise<number | string>;
  private readonly known = new Set<number>();

  constructor(
    readonly place: Place,
    readonly settings: Record<string, string> = {},
  ) {
    mkdirSync(place.data, { recursive: true });
    this.terminalFile = path.join(place.data, `terminal-${String(process.hrtime.bigint())}.txt`);
    const terminal = openSync(this.terminalFile, 'a');
    this.process = spawn(process.execPath, ['apps/launcher/start.mjs'], {
      cwd: ROOT,
      env: { ...withoutSettings(), FORMA3D_DATA: place.data, ...place.ports, ...settings },
      stdio: ['ignore', terminal, terminal],
    });
    closeSync(terminal);
    this.ended = new Promise((resolve) => {
      this.process.once('exit', (code, signal) => resolve(signal ?? code ?? 0));
      this.process.once('error', (error) => resolve(error.message));
    });
  }

  /** All that it has said so far. */
  terminal(): string {
    return readFileSync(this.terminalFile, 'utf8');
  }

  /** Waits for words in the terminal; fails at once when it ended without them. */
  async says(words: string, timeout = 60_000): Promise<void> {
    await eventually(
      `the terminal to say “${words}”`,
      () => {
        const seen = this.terminal().includes(words);
        if (!seen && this.hasEnded()) throw new Error(`It ended without saying “${words}”:\n${this.terminal()}`);
        return seen;
      },
      { timeout, describe: () => this.terminal() },
    );
  }

  hasEnded(): boolean {
    return this.process.exitCode !== null || this.process.signalCode !== null;
  }

  /** Waits until it has ended by itself. */
  async end(timeout = 40_000): Promise<number | string> {
    await eventually('npm start to end', () => this.hasEnded(), { timeout, describe: () => this.terminal() });
    return this.ended;
  }

  /** Ctrl-C, and waits until it has ended. */
  async interrupt(): Promise<number | string> {
    this.processes();
    if (!this.hasEnded()) this.process.kill('SIGINT');
    return this.end();
  }

  /** `kill -9` of one of its processes; the launcher is what was typed. */
  async kill(name: 'api' | 'sandbox' | 'launcher'): Promise<void> {
    const pid = this.processes()[name];
    if (pid === undefined) throw new Error(`There is no process ${name}`);
    process.kill(pid, 'SIGKILL');
    if (name === 'launcher') await this.end();
  }

  wasKilled(): boolean {
    return this.process.signalCode === 'SIGKILL';
  }

  /** Fails unless it has ended, its processes live no more and its ports are free, PostgreSQL's too. */
  async expectNothingLeft(portsOfOthers: number[] = []): Promise<void> {
    await this.end();
    for (const pid of this.known) expect(isAlive(pid), `process ${pid} is gone`).toBe(false);
    for (const port of this.ports()) {
      if (!portsOfOthers.includes(port)) expect(await isFree(port), `nobody listens on port ${port}`).toBe(true);
    }
  }

  /** The process ids of the launcher and, while they run, of the API and the sandbox. */
  private processes(): Record<string, number> {
    const file = path.join(this.place.data, 'running.json');
    const children = existsSync(file) ? running.parse(JSON.parse(readFileSync(file, 'utf8'))) : {};
    const all = { ...(this.process.pid === undefined ? {} : { launcher: this.process.pid }), ...Object.fromEntries(Object.entries(children).map(([name, { pid }]) => [name, pid])) };
    for (const pid of Object.values(all)) this.known.add(pid);
    return all;
  }

  private ports(): number[] {
    const postgres = /PostgreSQL: .* on port (\d+)/.exec(this.terminal())?.[1];
    return [...Object.values(this.place.ports), ...(postgres ? [postgres] : [])].map(Number);
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false; // no such process
  }
}

function isFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once('error', () => resolve(false));
    server.listen(port, '127.0.0.1', () => server.close(() => resolve(true)));
  });
}

/** Ports that nobody listens on; held together, so that they differ. */
async function freePorts(count: number): Promise<number[]> {
  const servers = Array.from({ length: count }, () => createServer());
  const ports = await Promise.all(
    servers.map((server) => new Promise<number>((resolve) => server.listen(0, '127.0.0.1', () => resolve((server.address() as AddressInfo).port)))),
  );
  await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))));
  return ports;
}

/** This environment without any setting of the product: neither a developer's .env nor shell may lead a test to a real shop. */
function withoutSettings(): NodeJS.ProcessEnv {
  const named = ['.env.example', '.env'].map((name) => path.join(ROOT, name)).filter((file) => existsSync(file));
  const names = named.flatMap((file) => Object.keys(parseEnv(readFileSync(file, 'utf8'))));
  return { ...process.env, ...Object.fromEntries(names.map((name) => [name, ''])) };
}
