import { mkdtempSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { AdminApi } from './admin-api';
import { loadAdminSchema } from './admin-schema';
import { Control, refusalOf } from './control';
import { Farm } from './farm';
import { FarmApi } from './farm-api';
import { FarmWebhooks } from './farm-webhooks';
import { Faults } from './faults';
import { readBody, sendJson, sendText } from './http';
import { Mailbox } from './mailbox';
import { PAGE } from './page';
import { realScheduler, type Scheduler } from './scheduler';
import { readSettings, type SandboxSettings } from './settings';
import { Shop } from './shop';
import { awaitRouting } from './shop-orders';
import { ShopifyWebhooks } from './shopify-webhooks';
import { loadState, StateFile } from './state-file';
import { WebhookSender } from './webhook-sender';

export interface SandboxOptions extends Partial<SandboxSettings> {
  /** A clock of the caller's own. */
  scheduler?: Scheduler;
  /** Waits before the retries of Shopify's webhooks, in milliseconds, instead of the eight usual ones. */
  webhookRetryDelaysMs?: number[];
  /** How long Shopify takes to route an order, in milliseconds. */
  routingDelayMs?: number;
  /** Points of the Admin API that come back each second; the bucket holds twenty times as many. */
  pointsPerSecond?: number;
}

export interface Sandbox {
  port: number;
  smtpPort: number;
  /** `http://127.0.0.1:4010` */
  url: string;
  /** Resolves when all ports are free again and the state is stored. */
  stop(): Promise<void>;
}

/**
 * Starts a whole sandbox in this process: a simulated Shopify, SimplyPrint and mailbox. Every option that is left out is as in `readSettings({})`, except
 * that ports are free ones.
 */
export async function startSandbox(options: SandboxOptions = {}): Promise<Sandbox> {
  const settings: SandboxSettings = { ...readSettings({}), port: 0, smtpPort: 0, ...options };
  const scheduler = options.scheduler ?? realScheduler;
  const saved = settings.dataFile === null ? null : loadState(settings.dataFile);
  const faults = new Faults(scheduler);
  const shop = new Shop(scheduler, settings.shopDomain, saved?.shop, options.routingDelayMs);
  const farm = new Farm(scheduler, faults, settings.speed, saved?.farm);
  const mailbox = new Mailbox(scheduler, faults, saved?.mails);
  const sender = new WebhookSender(scheduler, faults);
  const shopWebhooks = new ShopifyWebhooks(shop, sender, settings, () => farm.data.speed, options.webhookRetryDelaysMs ?? null);
  const farmWebhooks = new FarmWebhooks(farm, sender, settings);
  shop.onEvents((events) => shopWebhooks.deliver(events));
  farm.onEvent((event) => farmWebhooks.deliver(event));
  const admin = new AdminApi(shop, faults, {
    shopifyToken: settings.shopifyToken,
    pointsPerSecond: options.pointsPerSecond ?? 100,
    bulkFolder:
      settings.dataFile === null ? mkdtempSync(join(tmpdir(), 'sandbox-bulk-')) : join(dirname(settings.dataFile), 'sandbox-bulk'),
  });
  const farmApi = new FarmApi(farm, farmWebhooks, faults, settings);
  const control = new Control({ shop, farm, mailbox, faults, sender, admin });
  const file =
    settings.dataFile === null
      ? null
      : new StateFile(settings.dataFile, scheduler, () => ({ shop: shop.data, farm: farm.data, mails: mailbox.mails }));
  for (const part of [shop, farm, mailbox]) part.onChange(() => file?.changed());

  loadAdminSchema();
  admin.bulk.failUnfinished();
  for (const order of shop.data.orders) if (!order.routed || order.fulfillAt !== null) awaitRouting(shop, order);

  const server = createServer((request, response) => {
    serve({ admin, farmApi, control }, request, response).catch((error: unknown) => {
      const { status, body } = refusalOf(error);
      sendJson(response, status, body);
    });
  });
  const port = await listen(server, settings.port, settings.host);
  const smtpPort = await mailbox.listen(settings.smtpPort, settings.host).catch(async (error: unknown) => {
    await close(server);
    throw error;
  });
  return {
    port,
    smtpPort,
    url: `http://127.0.0.1:${port}`,
    stop: async () => {
      await Promise.all([close(server), mailbox.close(), sender.stop()]);
      file?.write();
    },
  };
}

interface Parts {
  admin: AdminApi;
  farmApi: FarmApi;
  control: Control;
}

async function serve(parts: Parts, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://sandbox');
  if (/^\/admin\/api\/[^/]+\/graphql\.json$/.test(pathname) && request.method === 'POST') {
    await parts.admin.handle(request, response);
    return;
  }
  const [, company, path] = /^\/simplyprint\/([^/]+)\/(.+)$/.exec(pathname) ?? [];
  if (company !== undefined && path !== undefined) {
    await parts.farmApi.handle(request, response, company, path, searchParams);
    return;
  }
  const bulkId = /^\/bulk\/(\d+)\.jsonl$/.exec(pathname)?.[1];
  const result = bulkId === undefined ? null : parts.admin.bulk.open(bulkId);
  if (result) {
    response.writeHead(200, { 'content-type': 'application/jsonl', 'content-length': result.size });
    result.stream.pipe(response);
    return;
  }
  if (pathname === '/' && request.method === 'GET') {
    sendText(response, 200, 'text/html; charset=utf-8', PAGE);
    return;
  }
  if (pathname === '/health') {
    sendJson(response, 200, { status: 'ok' });
    return;
  }
  if (await parts.control.handle(request, response, pathname, searchParams)) return;
  await readBody(request);
  sendJson(response, 404, { error: `There is no ${request.method ?? ''} ${pathname}.` });
}

function listen(server: Server, port: number, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      const address = server.address();
      resolve(isAddress(address) ? address.port : port);
    });
  });
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
