import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Database } from '@forma3d/database';
import { until } from '@forma3d/testing';
import { RIGHT_ENDING, travel, type Journey } from './crash-journey.setup';

/** How often a journey is made again that did not come by its crash point: some are passed only when two things meet. */
const TRIES = 4;

/** A journey that was to die at `point`; `trouble` tells why one came to no end at all. */
export interface Killed {
  point: string;
  journey: Journey | null;
  trouble: string | null;
}

/** Databases of their own to travel on side by side, and a file each for the points passed. */
export class Lanes {
  private constructor(
    private readonly server: Database,
    private readonly folder: string,
    private readonly names: readonly string[],
  ) {}

  static async open(count: number): Promise<Lanes> {
    const server = new Database({ url: setting('FORMA3D_TEST_SERVER'), max: 1 });
    const run = randomBytes(4).toString('hex');
    const names = Array.from({ length: count }, (_, n) => `crash_${run}_${String(n)}`);
    // A template that another file is being cloned from refuses for that moment.
    const clone = (name: string) => server.pool.query(`CREATE DATABASE "${name}" TEMPLATE "${setting('FORMA3D_TEST_TEMPLATE')}"`);
    for (const name of names) await until(() => clone(name).then(() => true), { timeoutMs: 60_000, everyMs: 50 });
    return new Lanes(server, mkdtempSync(path.join(tmpdir(), 'forma3d-crash-')), names);
  }

  /** A journey without a crash in each lane: what each passed. */
  async record(): Promise<Journey[]> {
    return Promise.all(this.names.map((_, lane) => this.travel(lane)));
  }

  /**
   * Kills the process at each point, each on a journey of its own.
   *
   * @param ended told of every journey; answers further points to be killed at
   */
  async killAt(points: readonly string[], ended: (killed: Killed) => readonly string[]): Promise<Killed[]> {
    const waiting = [...points];
    const killed: Killed[] = [];
    const work = async (lane: number): Promise<void> => {
      for (let point = waiting.shift(); point !== undefined; point = waiting.shift()) {
        const one = await this.untilItDies(lane, point).then(
          (journey) => ({ point, journey, trouble: null }),
          (error: unknown) => ({ point, journey: null, trouble: inWords(error) }),
        );
        killed.push(one);
        waiting.push(...ended(one));
      }
    };
    await Promise.all(this.names.map((_, lane) => work(lane)));
    return killed;
  }

  private async untilItDies(lane: number, point: string): Promise<Journey> {
    for (let attempt = 1; ; attempt += 1) {
      const journey = await this.travel(lane, point);
      if (journey.deaths > 0 || attempt === TRIES || JSON.stringify(journey.ending) !== JSON.stringify(RIGHT_ENDING)) return journey;
    }
  }

  private travel(lane: number, point?: string): Promise<Journey> {
    const url = new URL(setting('FORMA3D_TEST_SERVER'));
    url.pathname = `/${this.names[lane] ?? ''}`;
    return travel(url.toString(), path.join(this.folder, String(lane)), point);
  }

  async close(): Promise<void> {
    for (const name of this.names) await this.server.pool.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    await this.server.close();
    rmSync(this.folder, { recursive: true });
  }
}

/** With what lies behind it. */
function inWords(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? `${error.message}\n${inWords(error.cause)}` : String(error);
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the test through jest.config.mjs, which starts a server`);
  return value;
}
