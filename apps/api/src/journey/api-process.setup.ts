import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { until } from '@forma3d/testing';

const ROOT = path.resolve(__dirname, '../../../..');
const MAIN = path.join(ROOT, 'dist/apps/api/src/main.js');
const LISTENS_WITHIN_MS = 40_000;

/** Compiles what has changed since the last build: the process under test is the built one. */
export async function buildApi(): Promise<void> {
  const build = spawn(process.execPath, ['apps/launcher/build.mjs'], { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
  const [code] = (await once(build, 'exit')) as [number | null];
  if (code !== 0) throw new Error('the API cannot be built');
}

/**
 * The built API as a real process that is watched: killed at a crash point it is started again without one, as an orchestrator
 * would. Any other end that nobody asked for is the test's failure.
 */
export class ApiProcess {
  /** How often it was killed at its crash point. */
  deaths = 0;
  /** On the clock of `performance.now()`. */
  diedAt: number | undefined;
  private child: ChildProcess | undefined;
  private stopping = false;
  private failure: Error | undefined;
  private output = '';
  private readonly port: number;

  private constructor(private readonly settings: Record<string, string>) {
    this.port = Number(settings['PORT']);
  }

  /** Resolves when it listens, be it after its death and second start. */
  static async start(settings: Record<string, string>, watching: Record<string, string>): Promise<ApiProcess> {
    const api = new ApiProcess(settings);
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
    const child = spawn(process.execPath, [MAIN], { cwd: ROOT, env: { PATH, HOME, ...this.settings, ...watching }, stdio: ['ignore', 'pipe', 'pipe'] });
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { this.output = (this.output + chunk.toString()).slice(-20_000); });
    child.on('exit', (code, signal) => {
      if (this.stopping) return;
      if (signal === 'SIGKILL' && 'FORMA3D_CRASH_POINT' in watching) {
        this.deaths += 1;
        this.diedAt = performance.now();
        this.spawn({});
      } else this.failure = new Error(`the API ended by itself (${String(code ?? signal)}):\n${this.output}`);
    });
    this.child = child;
  }

  private async listening(): Promise<void> {
    const answered = await until(
      async () => this.failure ?? (await fetch(`http://127.0.0.1:${String(this.port)}/health/ready`)).ok,
      { timeoutMs: LISTENS_WITHIN_MS, everyMs: 50, what: `the API to listen; it said:\n${this.output}` },
    );
    if (answered instanceof Error) throw answered;
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
