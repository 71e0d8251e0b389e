/** Everything that a run needs, on free ports of this machine: PostgreSQL, the sandbox, several APIs and the address before them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import path from 'node:path';
import { freePort, startCluster } from '../launcher/embedded-postgres.mjs';
import { migrate } from '../launcher/migrate.mjs';
import { inRoot, root } from '../launcher/place.mjs';
import { homeElsewhere } from '../launcher/postgres-user.mjs';
import { ApiProcess } from './api-process.mjs';
import { openDatabaseDoor } from './database-door.mjs';
import { openFront } from './front.mjs';
import { callerOf, until } from './calls.mjs';
import { SETTLE_S, TIME_LIMIT_MS } from './plan.mjs';
import { familySeconds, processorSeconds } from './process-times.mjs';

const SECRETS = {
  SHOPIFY_ADMIN_ACCESS_TOKEN: 'shpat_sandbox',
  SHOPIFY_WEBHOOK_SECRETS: 'sandbox-shopify-secret',
  SIMPLYPRINT_API_KEY: 'sandbox-simplyprint-key',
  SIMPLYPRINT_WEBHOOK_SECRET: 'sandbox-simplyprint-secret',
  ADMIN_TOKEN: 'token-of-the-soak-alone',
};

/** A shop on the Plus plan: the points of a standard one allow some 60 orders a minute, and the soak would measure only that. */
const PLUS = { maximum: 20_000, restore_rate: 1000 };
const START_MS = 90_000;

/** Days of trouble in minutes: what the product waits for is shortened, and the farm may be asked more often. */
const HURRY = {
  SETTLE_SECONDS: String(SETTLE_S),
  OUTSIDE_TIMEOUT_MS: String(TIME_LIMIT_MS),
  TASK_LEASE_SECONDS: '10',
  PRINT_SWEEP_SECONDS: '10',
  CATCH_UP_MINUTES: '1',
  SIMPLYPRINT_REQUESTS_PER_SECOND: '40',
};

export class Stage {
  cpuPast = { postgres: 0 };
  restarts = 0;

  constructor(dir) {
    this.dir = dir;
  }

  /** Brings everything up; the APIs are ready when it resolves. */
  async open(options) {
    fs.mkdirSync(this.dir, { recursive: true });
    this.cluster = await startCluster({ dir: path.join(this.dir, 'postgres') });
    this.door = await openDatabaseDoor(() => this.cluster?.port ?? null);
    await migrate(this.cluster.url());
    const address = new URL(this.cluster.url());
    address.port = String(this.door.port);
    this.databaseUrl = address.toString();
    this.front = await openFront(() => (this.apis ?? []).map(({ port }) => port));
    await this.startSandbox(options.speed);
    await this.control('POST', 'shopify/limits', PLUS);
    this.apis = Array.from({ length: options.apis }, (_, index) => new ApiProcess(`api${index}`, this.apiSettings(), path.join(this.dir, `api${index}.log`)));
    for (const api of this.apis) await api.start();
    await this.allReady();
    this.product = callerOf(`${this.front.url}/api/v1`, { authorization: `Bearer ${SECRETS.ADMIN_TOKEN}` });
  }

  /** The one process that is never killed: it is the world outside. */
  async startSandbox(speed) {
    const [port, mailPort] = [await freePort(), await freePort()];
    this.sandboxPorts = { port, mailPort };
    const { PATH = '', HOME = '' } = process.env;
    const env = {
      PATH, HOME, HOST: '127.0.0.1', SANDBOX_PORT: String(port), SANDBOX_SMTP_PORT: String(mailPort), SANDBOX_SPEED: String(speed),
      SANDBOX_WEBHOOK_URL: `${this.front.url}/webhooks/shopify`, SANDBOX_SIMPLYPRINT_WEBHOOK_URL: `${this.front.url}/webhooks/simplyprint`,
    };
    const log = fs.openSync(path.join(this.dir, 'sandbox.log'), 'a');
    this.sandbox = spawn(process.execPath, ['--enable-source-maps', inRoot('dist/apps/sandbox/src/main.js')], { cwd: root, env, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    this.sandboxEnded = once(this.sandbox, 'exit');
    this.control = callerOf(`http://127.0.0.1:${port}/control`);
    await until('the sandbox', () => this.control('GET', 'faults'), START_MS);
  }

  apiSettings() {
    const sandbox = `http://127.0.0.1:${this.sandboxPorts.port}`;
    return {
      ...SECRETS, ...HURRY,
      HOST: '127.0.0.1', APP_URL: this.front.url, DATABASE_URL: this.databaseUrl, FORMA3D_SANDBOX: 'shopify,simplyprint,smtp',
      SHOPIFY_SHOP_DOMAIN: 'forma3d-sandbox.myshopify.com', SHOPIFY_API_BASE_URL: sandbox,
      SIMPLYPRINT_API_BASE_URL: `${sandbox}/simplyprint`, SIMPLYPRINT_COMPANY_ID: '1',
      SMTP_HOST: '127.0.0.1', SMTP_PORT: String(this.sandboxPorts.mailPort), NOTIFICATIONS_ENABLED: 'true', OPERATOR_EMAIL: 'operator@forma3d.test',
    };
  }

  allReady() {
    return until('the APIs', async () => (await Promise.all(this.apis.map((api) => api.ready()))).every(Boolean), START_MS);
  }

  /** As after a power cut of the database's machine, a second later. */
  async restartPostgres() {
    const { cluster } = this;
    this.cpuPast.postgres += familySeconds(cluster.pid);
    this.cluster = null;
    await cluster.stop('immediate');
    await new Promise((resolve) => setTimeout(resolve, 1000));
    this.cluster = await startCluster({ dir: path.join(this.dir, 'postgres') });
    this.restarts += 1;
  }

  /** Processor seconds so far, by who took them. */
  processorSeconds() {
    return {
      apis: this.apis.reduce((sum, api) => sum + api.seconds, 0),
      postgres: this.cpuPast.postgres + (this.cluster ? familySeconds(this.cluster.pid) : 0),
      sandbox: processorSeconds(this.sandbox.pid),
      driver: process.cpuUsage().user / 1e6 + process.cpuUsage().system / 1e6,
    };
  }

  /** Ends what was started, in whatever state it is. */
  async close({ keep }) {
    await Promise.all((this.apis ?? []).map((api) => api.stop()));
    this.sandbox?.kill('SIGTERM');
    await this.sandboxEnded;
    this.front?.close();
    this.door?.close();
    await this.cluster?.stop('fast');
    if (!keep) for (const folder of [this.dir, homeElsewhere(path.join(this.dir, 'postgres'))]) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }

  /** Where the logs are, and the database where that had to live elsewhere. */
  kept() {
    const elsewhere = homeElsewhere(path.join(this.dir, 'postgres'));
    return fs.existsSync(elsewhere) ? `${this.dir} and ${elsewhere}` : this.dir;
  }
}
