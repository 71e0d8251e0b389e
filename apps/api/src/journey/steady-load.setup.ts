import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { SHOPIFY_SECRET } from './product.setup';

export type Kind = 'webhook' | 'read' | 'live' | 'ready';

export interface Answer {
  kind: Kind;
  /** 0 when there was none: the connection broke, or nobody answered for a very long time. */
  status: number;
  ms: number;
  /** On the clock of `performance.now()`, when it came. */
  at: number;
  problem: boolean;
  retryAfter: string | null;
  webhookId?: string;
}

/** Longer than anybody waits: a request without an answer by then hangs. */
const HANGS_MS = 25_000;
/** Between two requests of one lane: a load that is steady rather than heavy. */
const PACE_MS = 20;

/** Everybody who asks the API all the time: Shopify, people, and the probes of an orchestrator. */
export class SteadyLoad {
  readonly answers: Answer[] = [];
  private stopping = false;
  private readonly lanes: Promise<void>[];

  constructor(
    private readonly url: string,
    private readonly token: string,
  ) {
    const asks: (() => Promise<void>)[] = [
      () => this.webhook(randomUUID()),
      () => this.webhook(randomUUID()),
      () => this.ask('read', '/orders', { headers: { authorization: `Bearer ${this.token}` } }),
      // Read by Prisma, whose words for trouble are others.
      () => this.ask('read', '/api/v1/product-mappings', { headers: { authorization: `Bearer ${this.token}` } }),
      () => this.ask('live', '/health/live'),
      () => this.ask('ready', '/health/ready'),
    ];
    this.lanes = asks.map((ask) => this.lane(ask));
  }

  /** Resolves when every request has its answer. */
  async stop(): Promise<void> {
    this.stopping = true;
    await Promise.all(this.lanes);
  }

  of(kind: Kind, since = -Infinity): Answer[] {
    return this.answers.filter((answer) => answer.kind === kind && answer.at >= since);
  }

  /** A delivery that causes no work: what is looked at is whether it is stored. */
  async webhook(id: string): Promise<void> {
    const body = JSON.stringify({ id });
    const headers = {
      'content-type': 'application/json',
      'x-shopify-topic': 'products/update',
      'x-shopify-shop-domain': 'forma3d-sandbox.myshopify.com',
      'x-shopify-webhook-id': id,
      'x-shopify-hmac-sha256': createHmac('sha256', SHOPIFY_SECRET).update(body).digest('base64'),
    };
    await this.ask('webhook', '/webhooks/shopify', { method: 'POST', body, headers }, id);
  }

  private async lane(ask: () => Promise<void>): Promise<void> {
    while (!this.stopping) {
      await ask();
      await pause(PACE_MS);
    }
  }

  private async ask(kind: Kind, path: string, init: RequestInit = {}, webhookId?: string): Promise<void> {
    const startedAt = performance.now();
    const answer = await fetch(`${this.url}${path}`, { ...init, signal: AbortSignal.timeout(HANGS_MS) }).then(
      async (response) => {
        await response.arrayBuffer();
        return { status: response.status, problem: response.headers.get('content-type')?.startsWith('application/problem+json') ?? false, retryAfter: response.headers.get('retry-after') };
      },
      () => ({ status: 0, problem: false, retryAfter: null }),
    );
    const at = performance.now();
    this.answers.push({ kind, ...answer, ms: at - startedAt, at, ...(webhookId !== undefined && { webhookId }) });
  }
}
