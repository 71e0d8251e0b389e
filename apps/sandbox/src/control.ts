import type { IncomingMessage, ServerResponse } from 'node:http';

import {
  sandboxCancelSchema,
  sandboxCatalogueSchema,
  sandboxEditSchema,
  sandboxFaultSchema,
  sandboxFulfillSchema,
  sandboxHoldSchema,
  sandboxOrderSchema,
  sandboxRefundSchema,
  sandboxResetSchema,
} from '@forma3d/contracts';
import { z } from 'zod';

import type { AdminApi } from './admin-api';
import { farmView, orderView } from './control-views';
import type { Farm } from './farm';
import type { FarmJob } from './farm-types';
import { faultProblem, type Faults } from './faults';
import { HttpRefusal, readJson, sendJson } from './http';
import type { Mailbox } from './mailbox';
import { fulfillByMerchant, holdByMerchant, releaseByMerchant } from './merchant';
import { orderName } from './rest-order';
import { ShopRefusal, type Shop } from './shop';
import { fillHistory } from './shop-history';
import { editOrder, payOrder, placeOrder } from './shop-orders';
import { cancelOrder, refundOrder } from './shop-refunds';
import { PRIVACY_TOPICS } from './shopify-webhooks';
import type { WebhookSender } from './webhook-sender';

export interface ControlParts {
  shop: Shop;
  farm: Farm;
  mailbox: Mailbox;
  faults: Faults;
  sender: WebhookSender;
  admin: AdminApi;
}

/** What a call is given: the parts of its path that its pattern leaves open, and a reader for its body. */
interface ControlCall {
  id: string;
  query: URLSearchParams;
  body: <T>(schema: z.ZodType<T>) => Promise<T>;
}

type Handler = (call: ControlCall) => unknown;

const limitsSchema = z.strictObject({ maximum: z.number().positive(), restore_rate: z.number().positive() });
const speedSchema = z.strictObject({ speed: z.number().min(0).max(100_000) });
const groupsSchema = z.strictObject({ names: z.array(z.string().min(1)) });
const specialSchema = z.strictObject({
  topic: z.enum(['app/uninstalled', 'customers/data_request', 'customers/redact', 'shop/redact']),
  order_id: z.string().optional(),
});
const ended = z.strictObject({ comment: z.string().optional() });

/** `/control/…`: what customers, merchants, printers and bad luck do. For people and tests; needs no credentials. */
export class Control {
  private readonly routes: [method: string, pattern: RegExp, status: number, handler: Handler][];

  constructor(private readonly parts: ControlParts) {
    const route = (method: string, path: string, handler: Handler, status = 200): [string, RegExp, number, Handler] => [
      method,
      new RegExp(`^/control/${path.replace('{id}', '([^/]+)')}$`),
      status,
      handler,
    ];
    this.routes = [...this.orderRoutes(route), ...this.farmRoutes(route), ...this.otherRoutes(route)];
  }

  /** False when there is no such call. */
  async handle(request: IncomingMessage, response: ServerResponse, path: string, query: URLSearchParams): Promise<boolean> {
    for (const [method, pattern, status, handler] of this.routes) {
      const match = pattern.exec(path);
      if (!match || request.method !== method) continue;
      const answer = await handler({ id: decodeURIComponent(match[1] ?? ''), query, body: (schema) => readChecked(request, schema) });
      sendJson(response, status, answer ?? {});
      return true;
    }
    return false;
  }

  private orderRoutes(route: RouteMaker) {
    const { shop } = this.parts;
    const view = (id: string) => orderView(shop, shop.order(id));
    return [
      // All of them, or the newest `limit`: a page that looks every second does not want a whole history.
      route('GET', 'orders', ({ query }) => {
        const limit = Number(query.get('limit') ?? '');
        const orders = Number.isInteger(limit) && limit > 0 ? shop.data.orders.slice(-limit) : shop.data.orders;
        return orders.map((order) => orderView(shop, order));
      }),
      route('GET', 'orders/{id}', ({ id }) => view(id)),
      route('POST', 'orders', async ({ body }) => {
        const order = placeOrder(shop, await body(sandboxOrderSchema));
        return { id: order.id, name: orderName(order) };
      }, 201),
      route('POST', 'orders/{id}/pay', ({ id }) => (payOrder(shop, shop.order(id)), view(id))),
      route('POST', 'orders/{id}/cancel', async ({ id, body }) => {
        cancelOrder(shop, shop.order(id), await body(sandboxCancelSchema));
        return view(id);
      }),
      route('POST', 'orders/{id}/refund', async ({ id, body }) => {
        refundOrder(shop, shop.order(id), await body(sandboxRefundSchema));
        return view(id);
      }),
      route('POST', 'orders/{id}/edit', async ({ id, body }) => {
        editOrder(shop, shop.order(id), await body(sandboxEditSchema));
        return view(id);
      }),
      route('POST', 'orders/{id}/hold', async ({ id, body }) => {
        holdByMerchant(shop, shop.order(id), await body(sandboxHoldSchema));
        return view(id);
      }),
      route('POST', 'orders/{id}/release', ({ id }) => (releaseByMerchant(shop, shop.order(id)), view(id))),
      route('POST', 'orders/{id}/fulfill', async ({ id, body }) => {
        fulfillByMerchant(shop, shop.order(id), await body(sandboxFulfillSchema));
        return view(id);
      }),
      route('POST', 'catalogue', async ({ body }) => fillHistory(shop, await body(sandboxCatalogueSchema)), 201),
      route('GET', 'catalogue', () => ({ products: shop.data.products, locations: shop.data.locations })),
    ];
  }

  private farmRoutes(route: RouteMaker) {
    const { farm } = this.parts;
    const jobOf = (id: string): FarmJob => {
      const job = farm.data.jobs.find((each) => String(each.id) === id || each.uid === id);
      if (!job) throw new HttpRefusal(404, `There is no print job ${id}.`);
      return job;
    };
    const end = (status: 'failed' | 'cancelled' | 'done'): Handler => async ({ id, body }) => {
      const { comment } = await body(ended);
      const job = jobOf(id);
      if (!farm.endJob(job, status, comment === undefined ? undefined : { reason: 1, comment })) {
        throw new HttpRefusal(409, `Print job ${id} has ended already: ${job.status}.`);
      }
      return { id: job.id, status: job.status };
    };
    return [
      route('GET', 'simplyprint', () => farmView(farm)),
      route('POST', 'simplyprint/jobs/{id}/fail', end('failed')),
      route('POST', 'simplyprint/jobs/{id}/cancel', end('cancelled')),
      route('POST', 'simplyprint/jobs/{id}/finish', end('done')),
      route('POST', 'simplyprint/queue/{id}/revive', ({ id }) => {
        const item = farm.reviveItem(Number(id));
        if (!item) throw new HttpRefusal(404, `There is no queue item ${id}.`);
        return { id: item.id, left: item.left };
      }),
      route('POST', 'simplyprint/queue/{id}/delete', ({ id }) => {
        if (!farm.deleteItem(Number(id))) throw new HttpRefusal(404, `There is no queue item ${id}.`);
        return { id: Number(id) };
      }),
      route('POST', 'simplyprint/speed', async ({ body }) => {
        const { speed } = await body(speedSchema);
        farm.setSpeed(speed);
        return { speed };
      }),
      route('POST', 'simplyprint/groups', async ({ body }) => {
        const { names } = await body(groupsSchema);
        farm.data.groups = names.map((name, index) => ({ id: index + 1, name, sortOrder: index }));
        farm.changed();
        return { groups: farm.data.groups };
      }),
    ];
  }

  private otherRoutes(route: RouteMaker) {
    const { shop, farm, faults, mailbox, sender, admin } = this.parts;
    return [
      route('GET', 'faults', () => ({ faults: faults.list() })),
      route('POST', 'faults', async ({ body }) => {
        const fault = await body(sandboxFaultSchema);
        const problem = faultProblem(fault);
        if (problem) throw new HttpRefusal(422, problem);
        return faults.add(fault);
      }, 201),
      route('DELETE', 'faults', () => (faults.clear(), { faults: [] })),
      route('GET', 'mail', () => ({ mails: mailbox.mails })),
      route('DELETE', 'mail', () => (mailbox.clear(), { mails: [] })),
      route('GET', 'webhooks', () => ({ subscriptions: shop.data.subscriptions, deliveries: sender.log })),
      route('POST', 'webhooks', async ({ body }) => {
        const { topic, order_id: id } = await body(specialSchema);
        if (topic === 'customers/redact' || topic === 'customers/data_request') shop.emit({ topic, order: shop.order(id ?? '') });
        else shop.emit({ topic });
        // An app that was uninstalled has no subscriptions any more; its privacy webhooks come later all the same.
        if (!PRIVACY_TOPICS.includes(topic)) {
          shop.data.subscriptions = [];
          shop.data.uninstalled = true;
        }
        shop.changed();
        return { topic };
      }),
      // The merchant installs the app again. A real one gets a new token; here the old one opens again.
      route('POST', 'install', () => {
        shop.data.uninstalled = false;
        shop.changed();
        return { installed: true };
      }),
      // As Shopify does it after eight failed deliveries, without waiting for them.
      route('DELETE', 'webhooks', () => {
        shop.data.subscriptions = [];
        shop.changed();
        return { subscriptions: [] };
      }),
      route('POST', 'shopify/limits', async ({ body }) => {
        const limits = await body(limitsSchema);
        admin.bucket.resize(limits.maximum, limits.restore_rate);
        return limits;
      }),
      route('POST', 'reset', async ({ body }) => {
        const { everything } = await body(sandboxResetSchema);
        faults.clear();
        shop.reset(everything);
        farm.reset(everything);
        mailbox.clear();
        return {};
      }),
    ];
  }
}

type RouteMaker = (method: string, path: string, handler: Handler, status?: number) => [string, RegExp, number, Handler];

/** @throws HttpRefusal 422 with every problem and its path */
async function readChecked<T>(request: IncomingMessage, schema: z.ZodType<T>): Promise<T> {
  const parsed = schema.safeParse(await readJson(request));
  if (parsed.success) return parsed.data;
  const errors = parsed.error.issues.map((issue) => ({ path: issue.path.join('.'), message: issue.message }));
  throw new HttpRefusal(422, 'The body is not as it should be.', errors);
}

/** The HTTP status and answer for whatever went wrong. */
export function refusalOf(error: unknown): { status: number; body: unknown } {
  if (error instanceof HttpRefusal) return { status: error.status, body: { error: error.message, errors: error.details } };
  if (error instanceof ShopRefusal) return { status: error.status, body: { error: error.message } };
  return { status: 500, body: { error: error instanceof Error ? error.message : 'Something went wrong.' } };
}
