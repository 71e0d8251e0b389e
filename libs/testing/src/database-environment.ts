import { randomBytes } from 'node:crypto';
import { appendFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { EnvironmentContext, JestEnvironmentConfig } from '@jest/environment';
import { Client, DatabaseError } from 'pg';
import NodeTestEnvironment from './test-environment';

/** Class 55: PostgreSQL's "object in use": the template is being cloned by another file, or a connection is still closing. */
const OBJECT_IN_USE = '55006';

function setting(name: 'FORMA3D_TEST_SERVER' | 'FORMA3D_TEST_TEMPLATE' | 'FORMA3D_TEST_KEPT'): string {
  const value = process.env[name];
  if (value === undefined) throw new Error(`${name} is not set: run the test through jest.config.mjs, which starts a server`);
  return value;
}

/** Jest's environment of the database tests: a database per file, gone afterwards unless a test failed. See {@link useDatabase}. */
export default class DatabaseEnvironment extends NodeTestEnvironment {
  private readonly file: string;
  private readonly database: string;
  private failed = false;

  constructor(config: JestEnvironmentConfig, context: EnvironmentContext) {
    super(config, context);
    this.file = path.relative(config.globalConfig.rootDir, context.testPath);
    const spec = path.basename(context.testPath, '.db.spec.ts').replaceAll(/\W/g, '_').slice(0, 40);
    this.database = `${spec}_${randomBytes(4).toString('hex')}`;
  }

  override async setup(): Promise<void> {
    await super.setup();
    await onServer(`CREATE DATABASE "${this.database}" TEMPLATE "${setting('FORMA3D_TEST_TEMPLATE')}"`, 60_000);
    const url = new URL(setting('FORMA3D_TEST_SERVER'));
    url.pathname = `/${this.database}`;
    this.global['forma3dTestDatabase'] = url.toString();
  }

  /** Jest's own events: the only public word on whether a test of this file failed. */
  override handleTestEvent(event: { name: string }): void {
    super.handleTestEvent(event);
    if (event.name === 'test_fn_failure' || event.name === 'hook_failure') this.failed = true;
  }

  override async teardown(): Promise<void> {
    await super.teardown();
    if (this.failed) {
      appendFileSync(setting('FORMA3D_TEST_KEPT'), `${this.database}  (${this.file})\n`);
      return;
    }
    try {
      await onServer(`DROP DATABASE "${this.database}"`, 3_000);
    } catch (error) {
      if (!isInUse(error)) throw error;
      throw new Error(`${this.file} leaves connections to its database open: end its pools in afterAll`, { cause: error });
    }
  }
}

/** Runs one statement on the server's own database; waits while what it wants is in use. */
async function onServer(statement: string, patienceMs: number): Promise<void> {
  const client = new Client({ connectionString: setting('FORMA3D_TEST_SERVER') });
  await client.connect();
  try {
    const deadline = performance.now() + patienceMs;
    for (;;) {
      try {
        await client.query(statement);
        return;
      } catch (error) {
        if (!isInUse(error) || performance.now() > deadline) throw error;
        await pause(20);
      }
    }
  } finally {
    await client.end();
  }
}

const isInUse = (error: unknown): boolean => error instanceof DatabaseError && error.code === OBJECT_IN_USE;
