import { execFile } from 'node:child_process';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { Client } from 'pg';
import { z } from 'zod';

const ROOT = path.resolve(__dirname, '../../../..');
const MIGRATIONS = path.join(ROOT, 'prisma/migrations');
/** What was committed survives an immediate stop, as everywhere but in other tests. */
const SETTINGS = { synchronous_commit: 'on', max_connections: '30' };
const run = promisify(execFile);
const running = z.object({ url: z.string() });

/** A PostgreSQL of its own, with all migrations applied, that a test may stop and start under the product. */
export class PostgresServer {
  private constructor(
    private readonly folder: string,
    private address: string,
  ) {}

  static async start(): Promise<PostgresServer> {
    // Named and marked like the folders of the tests' own cluster, so that a killed run is cleaned up by the next.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-tests-'));
    fs.writeFileSync(path.join(folder, 'pid'), String(process.pid));
    const server = new PostgresServer(folder, '');
    await server.start();
    await server.ask('postgres', 'CREATE DATABASE forma3d');
    for (const name of fs.readdirSync(MIGRATIONS).sort()) {
      const script = path.join(MIGRATIONS, name, 'migration.sql');
      if (fs.existsSync(script)) await server.ask('forma3d', fs.readFileSync(script, 'utf8'));
    }
    return server;
  }

  /** Of the product's database; another port after each start. */
  get url(): string {
    return this.address;
  }

  async start(): Promise<void> {
    this.address = running.parse(JSON.parse(await this.launcher(`console.log(JSON.stringify({ url: cluster.url() }))`))).url;
  }

  /** `immediate` is a crash: nobody is told, and the next start recovers from the log. */
  async stop(mode: 'fast' | 'immediate'): Promise<void> {
    await this.launcher(`await cluster.stop('${mode}')`);
  }

  /** One statement of an administrator, over a connection of its own. */
  async ask(database: 'forma3d' | 'postgres', statement: string): Promise<Record<string, unknown>[]> {
    const url = new URL(this.address);
    url.pathname = `/${database}`;
    const client = new Client({ connectionString: url.toString() });
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(statement)).rows;
    } finally {
      await client.end();
    }
  }

  async remove(): Promise<void> {
    await this.stop('immediate');
    fs.rmSync(this.folder, { recursive: true, force: true });
  }

  /** The launcher's scripts are ES modules, which tests cannot import: each runs in a process of its own. */
  private async launcher(script: string): Promise<string> {
    const options = JSON.stringify({ dir: path.join(this.folder, 'data'), durable: false, settings: SETTINGS });
    const code = `import { startCluster } from './apps/launcher/embedded-postgres.mjs'; const cluster = await startCluster(${options}); ${script}`;
    return (await run(process.execPath, ['--input-type=module', '-e', code], { cwd: ROOT })).stdout;
  }
}
