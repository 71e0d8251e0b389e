import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { SandboxFarmView, SandboxOrderView } from '@forma3d/contracts';

import { startSandbox, type Sandbox, type SandboxOptions } from './sandbox';

/** For this app's own tests: a sandbox on free ports, somebody who listens to its webhooks, and short ways to talk to both. */
export interface Received {
  path: string;
  headers: Record<string, string>;
  body: string;
}

export class TestSandbox {
  readonly received: Received[] = [];
  /** The statuses that webhooks of a topic are answered with, one after the other; 200 when they are used up. */
  answers: Record<string, number[]> = {};
  private waiting: (() => void)[] = [];

  private constructor(
    readonly sandbox: Sandbox,
    private readonly receiver: Server,
    readonly receiverUrl: string,
  ) {}

  static async start(options: SandboxOptions = {}): Promise<TestSandbox> {
    const receiver = createServer();
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const receiverUrl = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}`;
    const sandbox = await startSandbox({
      speed: 6000,
      routingDelayMs: 20,
      webhookUrl: `${receiverUrl}/shopify`,
      simplyPrintWebhookUrl: `${receiverUrl}/simplyprint`,
      pointsPerSecond: 10_000,
      ...options,
    });
    const client = new TestSandbox(sandbox, receiver, receiverUrl);
    receiver.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const headers = Object.fromEntries(Object.entries(request.headers).map(([name, value]) => [name, String(value)]));
        client.received.push({ path: request.url ?? '', headers, body: Buffer.concat(chunks).toString('utf8') });
        response.writeHead(client.answers[headers['x-shopify-topic'] ?? '']?.shift() ?? 200).end();
        for (const wake of client.waiting.splice(0)) wake();
      });
    });
    return client;
  }

  async stop(): Promise<void> {
    await this.sandbox.stop();
    await new Promise<void>((resolve) => {
      this.receiver.close(() => resolve());
      this.receiver.closeAllConnections();
    });
  }

  async control<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    const answer = await this.raw(method, path, body);
    const json: unknown = await answer.json();
    if (!answer.ok) throw new Error(`${answer.status} ${JSON.stringify(json)}`);
    return json as T;
  }

  raw(method: string, path: string, body?: unknown): Promise<Response> {
    return fetch(`${this.sandbox.url}/control/${path}`, {
      method,
      headers: { 'content-type': 'application/json' },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
  }

  async order(body: unknown): Promise<{ id: string; name: string }> {
    return this.control('POST', 'orders', body);
  }

  view(id: string): Promise<SandboxOrderView> {
    return this.control('GET', `orders/${id}`);
  }

  farm(): Promise<SandboxFarmView> {
    return this.control('GET', 'simplyprint');
  }

  async routed(id: string): Promise<SandboxOrderView> {
    return this.until(() => this.view(id), (order) => order.fulfillment_orders.length > 0);
  }

  graphqlRaw(query: string, variables: Record<string, unknown> = {}, token = 'shpat_sandbox'): Promise<Response> {
    return fetch(`${this.sandbox.url}/admin/api/2026-10/graphql.json`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-shopify-access-token': token },
      body: JSON.stringify({ query, variables }),
    });
  }

  async graphql<T = Answer>(query: string, variables: Record<string, unknown> = {}): Promise<T> {
    return (await (await this.graphqlRaw(query, variables)).json()) as T;
  }

  printRaw(method: string, path: string, body?: unknown, headers: Record<string, string> = {}): Promise<Response> {
    return fetch(`${this.sandbox.url}/simplyprint/1/${path}`, {
      method,
      headers: { 'content-type': 'application/json', 'x-api-key': 'sandbox-simplyprint-key', ...headers },
      ...(method === 'GET' ? {} : { body: JSON.stringify(body ?? {}) }),
    });
  }

  async print<T = Record<string, unknown>>(method: string, path: string, body?: unknown): Promise<T> {
    return (await (await this.printRaw(method, path, body)).json()) as T;
  }

  /** Asks again, with a breath between, until the answer is as it should be. */
  async until<T>(ask: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
    const deadline = Date.now() + 10_000;
    for (;;) {
      const value = await ask();
      if (good(value)) return value;
      if (Date.now() > deadline) throw new Error(`still not so after ten seconds: ${JSON.stringify(value).slice(0, 500)}`);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  }

  /** The deliveries of a topic or event, once there are `count` of them. */
  async webhooks(topic: string, count = 1): Promise<Received[]> {
    const found = () =>
      this.received.filter(({ headers, body }) =>
        headers['x-shopify-topic'] !== undefined ? headers['x-shopify-topic'] === topic : body.includes(`"event":"${topic}"`),
      );
    const deadline = Date.now() + 10_000;
    while (found().length < count) {
      if (Date.now() > deadline) throw new Error(`only ${found().length} of ${count} ${topic}`);
      await Promise.race([
        new Promise<void>((resolve) => this.waiting.push(resolve)),
        new Promise((resolve) => setTimeout(resolve, 100)),
      ]);
    }
    return found();
  }
}

export interface Answer {
  data?: Record<string, never>;
  errors?: { message: string; extensions?: { code?: string } }[];
  extensions?: {
    cost: {
      requestedQueryCost: number;
      actualQueryCost: number | null;
      throttleStatus: { maximumAvailable: number; currentlyAvailable: number; restoreRate: number };
    };
  };
}

export const FULFILL = `mutation fulfillmentCreate($fulfillment: FulfillmentInput!) {
  fulfillmentCreate(fulfillment: $fulfillment) {
    fulfillment { id status fulfillmentLineItems(first: 10) { nodes { quantity } } }
    userErrors { field message }
  }
}`;

export interface FulfillAnswer {
  data: { fulfillmentCreate: { fulfillment: { id: string; status: string } | null; userErrors: { field: string[]; message: string }[] } };
}

/** The body of `fulfillmentCreate` for whole fulfillment orders, or for one line of one. */
export const whole = (...ids: string[]) => ({
  fulfillment: {
    notifyCustomer: true,
    lineItemsByFulfillmentOrder: ids.map((id) => ({ fulfillmentOrderId: `gid://shopify/FulfillmentOrder/${id}` })),
  },
});

export const part = (id: string, lineId: string, quantity: number) => ({
  fulfillment: {
    lineItemsByFulfillmentOrder: [
      {
        fulfillmentOrderId: `gid://shopify/FulfillmentOrder/${id}`,
        fulfillmentOrderLineItems: [{ id: `gid://shopify/FulfillmentOrderLineItem/${lineId}`, quantity }],
      },
    ],
  },
});
