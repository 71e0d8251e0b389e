import { Writable } from 'node:stream';
import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { readConfig } from '@forma3d/platform';
import { until, type UntilOptions } from '@forma3d/testing';
import { z } from 'zod';
// Tests alone may: the API itself never imports the sandbox.
import { startSandbox, type Sandbox, type SandboxOptions } from '../../../sandbox/src/sandbox';
import { createApp } from '../app';
import { subscribedTopics } from '../modules/installation/subscribed-topics';
import { freePort } from './free-port.setup';
import { farm, orderDetail, shopOrder, type Farm, type OrderDetail, type ShopOrder } from './product-answers.setup';

export const ADMIN_TOKEN = 'journey-admin-token-0123456789';
export const SHOPIFY_SECRET = 'journey-shopify-secret';
export const SIMPLYPRINT_SECRET = 'journey-secret';
const TOKENS = { shopifySecret: SHOPIFY_SECRET, shopifyToken: 'shpat_journey', simplyPrintKey: 'journey-key', simplyPrintSecret: SIMPLYPRINT_SECRET };

export const POT = 'c00489ef361771ac098b5a60e6740757';
export const FOOT = '1a077dd6296417fe75555bf806b68089';

export interface RunningApi {
  close(): Promise<void>;
}

export interface ProductOptions {
  /** Starts the API elsewhere than in this process, with these settings; resolves when it listens. */
  startApi?: (settings: Record<string, string>) => Promise<RunningApi>;
  sandbox?: SandboxOptions;
  /** The clock of an API in this process; the sandbox and the database keep real time. */
  clock?: Clock;
  /** Settings of the API on top of those that make tests quick. */
  env?: Record<string, string>;
}

/**
 * The whole product in this process: a sandbox, and the API on a database of its own, talking HTTP to each other. What
 * tests do with it goes through the same doors as everybody else's.
 */
export class Product {
  readonly logs: string[] = [];
  private app: RunningApi | undefined;

  private constructor(
    private readonly url: string,
    readonly sandbox: Sandbox,
    private readonly port: number,
    private readonly options: ProductOptions,
    readonly db: Database,
  ) {}

  static async start(url: string, options: ProductOptions = {}): Promise<Product> {
    const port = await freePort();
    const sandbox = await startSandbox({
      speed: 6_000,
      webhookUrl: `http://127.0.0.1:${String(port)}/webhooks/shopify`,
      simplyPrintWebhookUrl: `http://127.0.0.1:${String(port)}/webhooks/simplyprint`,
      webhookRetryDelaysMs: [50, 100, 200, 400, 800, 1_600, 3_200, 6_400],
      pointsPerSecond: 100_000,
      ...TOKENS,
      ...options.sandbox,
    });
    const product = new Product(url, sandbox, port, options, new Database({ url, max: 2 }));
    try {
      await product.startApi();
      // An API in a process of its own may be meant to die before it has subscribed.
      if (!options.startApi) await product.subscribed();
    } catch (error) {
      await product.stop();
      throw error;
    }
    return product;
  }

  async startApi(): Promise<void> {
    const settings = {
      PORT: String(this.port),
      DATABASE_URL: this.url,
      APP_URL: `http://127.0.0.1:${String(this.port)}`,
      SHOPIFY_SHOP_DOMAIN: 'forma3d-sandbox.myshopify.com',
      SHOPIFY_ADMIN_ACCESS_TOKEN: TOKENS.shopifyToken,
      SHOPIFY_WEBHOOK_SECRETS: TOKENS.shopifySecret,
      SHOPIFY_API_BASE_URL: this.sandbox.url,
      SIMPLYPRINT_API_BASE_URL: `${this.sandbox.url}/simplyprint`,
      SIMPLYPRINT_COMPANY_ID: '1',
      SIMPLYPRINT_API_KEY: TOKENS.simplyPrintKey,
      SIMPLYPRINT_WEBHOOK_SECRET: TOKENS.simplyPrintSecret,
      SIMPLYPRINT_REQUESTS_PER_SECOND: '500',
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: String(this.sandbox.smtpPort),
      SMTP_FROM: 'forma3d@forma3d.test',
      OPERATOR_EMAIL: 'operator@forma3d.test',
      NOTIFICATIONS_ENABLED: 'true',
      // Each alert goes out by itself, unless a test is about bursts.
      ALERT_WINDOW_SECONDS: '0',
      ADMIN_TOKEN,
      FORMA3D_SANDBOX: 'shopify,simplyprint,smtp',
      SETTLE_SECONDS: '0',
      OUTSIDE_TIMEOUT_MS: '1000',
      PRINT_SWEEP_SECONDS: '1',
      CATCH_UP_MINUTES: '1',
      LOG_LEVEL: 'warn',
      ...this.options.env,
    };
    this.app = await (this.options.startApi ?? this.startHere.bind(this))(settings);
  }

  /** Waits until the shop sends everything: an order placed while the API subscribes may be told by no webhook. */
  private async subscribed(): Promise<void> {
    const webhooks = z.object({ subscriptions: z.array(z.object({ topic: z.string() })) });
    await until(
      async () => {
        const { subscriptions } = webhooks.parse(await this.control('GET', '/webhooks'));
        return subscribedTopics.every((topic) => subscriptions.some((each) => each.topic === topic));
      },
      { timeoutMs: 30_000, everyMs: 10, what: 'webhook subscriptions' },
    );
  }

  private async startHere(settings: Record<string, string>): Promise<RunningApi> {
    const config = readConfig(settings);
    const logTo = new Writable({
      write: (chunk: Buffer, _encoding, callback) => {
        this.logs.push(chunk.toString());
        callback();
      },
    });
    const app = await createApp(config, { logTo, ...(this.options.clock && { clock: this.options.clock }) });
    await app.listen(config.port, config.host);
    return app;
  }

  async stopApi(): Promise<void> {
    await this.app?.close();
    this.app = undefined;
  }

  async stop(): Promise<void> {
    await this.stopApi();
    await this.sandbox.stop();
    await this.db.close();
  }

  /** Where the API listens. */
  get origin(): string {
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Asks the API as its administrator; answers status and body. */
  async api(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }> {
    return this.send(method, `http://127.0.0.1:${String(this.port)}${path}`, body, { authorization: `Bearer ${ADMIN_TOKEN}` });
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await this.send(method, `${this.sandbox.url}/control${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} /control${path}: ${String(answer.status)} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  /** Sends raw bytes to the API, as a webhook sender does. */
  async raw(path: string, body: string | Buffer, headers: Record<string, string>): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(`http://127.0.0.1:${String(this.port)}${path}`, { method: 'POST', body, headers });
    return { status: answer.status, body: await answer.text() };
  }

  private async send(method: string, url: string, body: unknown, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    const answer = await fetch(url, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await answer.text();
    return { status: answer.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  }

  /** Maps a SKU to parts: name → copies per unit and pieces per print. */
  async map(sku: string, parts: Record<string, { copies?: number; pieces?: number; file?: string }> = { pot: {} }): Promise<void> {
    const { status, body } = await this.api('POST', '/api/v1/product-mappings', {
      sku,
      parts: Object.entries(parts).map(([name, part]) => ({
        name,
        file_id: part.file ?? POT,
        copies_per_unit: part.copies ?? 1,
        pieces_per_print: part.pieces ?? 1,
      })),
    });
    if (status !== 201) throw new Error(`mapping ${sku}: ${String(status)} ${JSON.stringify(body)}`);
  }

  async order(lines: Record<string, unknown>[], more: Record<string, unknown> = {}): Promise<string> {
    return z.object({ id: z.string() }).parse(await this.control('POST', '/orders', { lines, ...more })).id;
  }

  async shopOrder(id: string): Promise<ShopOrder> {
    return shopOrder.parse(await this.control('GET', `/orders/${id}`));
  }

  async farm(): Promise<Farm> {
    return farm.parse(await this.control('GET', '/simplyprint'));
  }

  fault(fault: Record<string, unknown>): Promise<unknown> {
    return this.control('POST', '/faults', fault);
  }

  /** Our order for a Shopify order, once it is there. */
  async ours(shopifyId: string): Promise<OrderDetail> {
    const id = await until(
      async () =>
        (await this.db.sql.maybe(z.object({ id: z.string() }))`SELECT id FROM orders WHERE shopify_id = ${shopifyId}`)?.id,
      { timeoutMs: 10_000, what: `order ${shopifyId} to arrive` },
    );
    const { body } = await this.api('GET', `/orders/${id}`);
    return orderDetail.parse(body);
  }

  /** Waits until our order is as `test` says. */
  async oursWhen(shopifyId: string, test: (order: OrderDetail) => boolean, options: UntilOptions = {}): Promise<OrderDetail> {
    let last: OrderDetail | undefined;
    try {
      return await until(
        async () => {
          last = await this.ours(shopifyId);
          return test(last) ? last : undefined;
        },
        { timeoutMs: 45_000, everyMs: 25, ...options },
      );
    } catch (error) {
      throw new Error(`${String(error)}; last seen: ${JSON.stringify(last, null, 1)}\nlogs: ${this.logs.slice(-20).join('')}`, { cause: error });
    }
  }

  async fulfilled(shopifyId: string, options: UntilOptions = {}): Promise<ShopOrder> {
    let last: ShopOrder | undefined;
    try {
      return await until(
        async () => {
          last = await this.shopOrder(shopifyId);
          return last.display_fulfillment_status === 'FULFILLED' ? last : undefined;
        },
        { timeoutMs: 30_000, everyMs: 25, ...options },
      );
    } catch (error) {
      const ours = await this.ours(shopifyId);
      throw new Error(`not fulfilled: ${JSON.stringify({ last, ours }, null, 1)}\nlogs: ${this.logs.slice(-20).join('')}`, { cause: error });
    }
  }

  /** Waits until no task is due or running: whatever was caused has happened. */
  async settled(): Promise<void> {
    await until(
      async () => {
        const { n } = await this.db.sql.one(z.object({ n: z.number() }))`
          SELECT count(*) AS n FROM retry_queue WHERE status = 'PROCESSING' OR (status = 'PENDING' AND due_at <= ${this.options.clock?.now() ?? new Date()})`;
        return n === 0;
      },
      { timeoutMs: 45_000, everyMs: 25, what: 'the task queue to be empty' },
    );
  }

  /** Has a store-wide task run now, as the clock would in a while. */
  async wake(type: 'CATCH_UP' | 'PRINT_JOB_SWEEP'): Promise<void> {
    await this.db.sql`
      INSERT INTO retry_queue (id, type, store_id, payload, max_attempts, due_at)
      SELECT gen_random_uuid(), ${type}, id, '{}', 5, now() FROM store`;
  }

  async count(table: 'orders' | 'queue_item' | 'print_job' | 'fulfillment' | 'webhook_delivery'): Promise<number> {
    const tables = { orders: 'orders', queue_item: 'queue_item', print_job: 'print_job', fulfillment: 'fulfillment', webhook_delivery: 'webhook_delivery' };
    const { rows } = await this.db.pool.query<{ n: string | number }>(`SELECT count(*) AS n FROM ${tables[table]}`);
    return Number(rows[0]?.n);
  }
}
