import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { Database } from '@forma3d/database';
import { until } from '@forma3d/testing';
import { buildApi, type BuiltApi } from './api-process.setup';
import { travel, type Run } from './crash-run.setup';
import type { CrashJourney } from './crash-world.setup';

/** The built API, and databases of their own to travel on side by side, with a file each for the points passed. */
export class Lanes {
  private constructor(
    private readonly server: Database,
    private readonly folder: string,
    private readonly names: readonly string[],
    private readonly api: BuiltApi,
  ) {}

  static async open(count: number): Promise<Lanes> {
    const api = await buildApi();
    const server = new Database({ url: setting('FORMA3D_TEST_SERVER'), max: 1 });
    const run = randomBytes(4).toString('hex');
    const names = Array.from({ length: count }, (_, n) => `crash_${run}_${String(n)}`);
    // A template that another file is being cloned from refuses for that moment.
    const clone = (name: string) => server.pool.query(`CREATE DATABASE "${name}" TEMPLATE "${setting('FORMA3D_TEST_TEMPLATE')}"`);
    for (const name of names) await until(() => clone(name).then(() => true), { timeoutMs: 60_000, everyMs: 50 });
    return new Lanes(server, mkdtempSync(path.join(tmpdir(), 'forma3d-crash-')), names, api);
  }

  /** Works off what is given, in this order, as many at a time as there are lanes. */
  async each<T>(work: readonly T[], one: (item: T, go: (journey: CrashJourney, crashPoint?: string) => Promise<Run>) => Promise<void>): Promise<void> {
    const waiting = [...work];
    // All lanes come to their end, also when one fails: nothing may go on when the next test begins.
    const ends = await Promise.allSettled(
      this.names.map(async (name) => {
        const url = new URL(setting('FORMA3D_TEST_SERVER'));
        url.pathname = `/${name}`;
        const go = (journey: CrashJourney, crashPoint?: string): Promise<Run> => travel({ main: this.api.main, url: url.toString(), record: path.join(this.folder, name) }, journey, crashPoint);
        for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await one(item, go);
      }),
    );
    for (const end of ends) if (end.status === 'rejected') throw end.reason;
  }

  async close(): Promise<void> {
    for (const name of this.names) await this.server.pool.query(`DROP DATABASE "${name}" WITH (FORCE)`);
    await this.server.close();
    rmSync(this.folder, { recursive: true });
    this.api.remove();
  }
}

function setting(name: string): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the test through jest.config.mjs, which starts a server`);
  return value;
}
