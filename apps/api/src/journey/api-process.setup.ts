import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { until } from '@forma3d/testing';

const ROOT = path.resolve(__dirname, '../../../..');
const MOVED_CLOCK = path.join(__dirname, 'moved-clock.mjs');
const LISTENS_WITHIN_MS = 40_000;

/**
 * Compiles what has changed since the last build, and sets a copy of it apart: a build that somebody makes meanwhile must not change
 * what is being tested.
 */
export async function buildApi(): Promise<BuiltApi> {
  const build = spawn(process.execPath, ['apps/launcher/build.mjs'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(build, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the API cannot be built');
  const folder = mkdtempSync(path.join(tmpdir(), 'forma3d-api-'));
  cpSync(path.join(ROOT, 'dist'), path.join(folder, 'dist'), { recursive: true });
  symlinkSync(path.join(ROOT, 'node_modules'), path.join(folder, 'node_modules'));
  return { main: path.join(folder, 'dist/apps/api/src/main.js'), remove: () => { rmSync(folder, { recursive: true }); } };
}

/** The built API: the file to start, and how to be rid of it. */
export interface BuiltApi {
  main: string;
  remove: () => void;
}

/** When a process was killed at its crash point and when the next one listened, in milliseconds since 1970. */
export interface Death {
  at: number;
  listensAgainAt: number | undefined;
}

export interface ApiProcessOptions {
  /** The built API's file. */
  main: string;
  /** How far its wall clock is moved at the start, in milliseconds. Default 0. */
  movedMs?: number;
  /** Told of it before it listens. */
  started?: (api: ApiProcess) => void;
  /** Told of each death at the crash point. */
  died?: (death: Death) => void;
}

/** Milliseconds since 1970 on a clock that is never set back; the same in all processes of one machine, to a millisecond or so. */
export const preciseNow = (): number => performance.timeOrigin + performance.now();

/**
 * The built API as a real process that is watched: killed at a crash point it is started again without one, as an orchestrator
 * would. Any other end that nobody asked for is the test's failure.
 */
export class ApiProcess {
  readonly deaths: Death[] = [];
  private child: ChildProcess | undefined;
  private stopping = false;
  private failure: Error | undefined;
  private output = '';
  private readonly port: number;
  private movedMs: number;

  private constructor(
    private readonly settings: Record<string, string>,
    private readonly options: ApiProcessOptions,
  ) {
    this.port = Number(settings['PORT']);
    this.movedMs = options.movedMs ?? 0;
  }

  /** Resolves when it listens, be it after its death and second start. */
  static async start(settings: Record<string, string>, watching: Record<string, string>, options: ApiProcessOptions): Promise<ApiProcess> {
    const api = new ApiProcess(settings, options);
    options.started?.(api);
    api.spawn(watching);
    try {
      await api.listening();
    } catch (error) {
      await api.close();
      throw error;
    }
    return api;
  }

  private spawn(watching: Record<string, string>): void {
    const { PATH = '', HOME = '' } = process.env;
    const env = { PATH, HOME, ...this.settings, ...watching, FORMA3D_CLOCK_MOVED_MS: String(this.movedMs) };
    const child = spawn(process.execPath, ['--import', MOVED_CLOCK, this.options.main], { cwd: ROOT, env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => { this.output = (this.output + chunk.toString()).slice(-20_000); });
    }
    child.on('exit', (code, signal) => {
      if (this.stopping) return;
      if (signal === 'SIGKILL' && 'FORMA3D_CRASH_POINT' in watching) void this.comeBack();
      else this.failure = new Error(`the API ended by itself (${String(code ?? signal)}):\n${this.output}`);
    });
    this.child = child;
  }

  private async comeBack(): Promise<void> {
    const death: Death = { at: preciseNow(), listensAgainAt: undefined };
    this.deaths.push(death);
    this.options.died?.(death);
    this.spawn({});
    await this.listening().then(
      () => { death.listensAgainAt = preciseNow(); },
      (error: unknown) => { if (!this.stopping) this.failure = error instanceof Error ? error : new Error(String(error)); },
    );
  }

  private async listening(): Promise<void> {
    const answered = await until(
      async () => this.failure ?? (this.stopping || (await fetch(`http://127.0.0.1:${String(this.port)}/health/ready`)).ok),
      { timeoutMs: LISTENS_WITHIN_MS, everyMs: 50, what: `the API to listen; it said:\n${this.output}` },
    );
    if (answered instanceof Error) throw answered;
  }

  /** Moves its wall clock on; a death on the way is survived, and the next process has the moved clock too. */
  async moveClock(ms: number): Promise<void> {
    const child = this.child;
    this.movedMs += ms;
    if (!child?.connected) return;
    const over = new AbortController();
    const either = ['message', 'exit'].map((event) => once(child, event, { signal: over.signal }).catch(() => undefined));
    child.send({ moveMs: ms }, () => undefined);
    await Promise.race(either);
    over.abort();
  }

  get clockMovedMs(): number {
    return this.movedMs;
  }

  /** What it wrote last, for the words of a failure. */
  get said(): string {
    return this.output;
  }

  /** Ends it in order; throws when it ended by itself before. */
  async close(): Promise<void> {
    this.stopping = true;
    const child = this.child;
    if (child && child.exitCode === null && child.signalCode === null) {
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    }
    if (this.failure) throw this.failure;
  }
}
