import { createHash } from 'node:crypto';
import {
  fulfillmentAnswer,
  orderDetail,
  orderPage,
  printJob,
  printJobPage,
  productMappingPage,
  sandboxFarmViewSchema,
  sandboxMailsSchema,
  sandboxOrderViewSchema,
  unmappedLinePage,
  type OrderDetail,
  type PrintJobView,
  type SandboxOrderView,
} from '@forma3d/contracts';
import { z } from 'zod';
import { eventually } from './eventually';
import { type Place } from './npm-start';

export interface Answer {
  status: number;
  body: unknown;
}

/** A started product through its doors: the API with the token that the terminal showed, and the sandbox's controls. */
export class Product {
  readonly api: string;
  readonly sandbox: string;
  private readonly token: string;

  constructor({ ports }: Place, terminal: string) {
    this.api = `http://127.0.0.1:${ports.PORT}`;
    this.sandbox = `http://127.0.0.1:${ports.SANDBOX_PORT}`;
    this.token = /Your bearer token +(\S+)/.exec(terminal)?.[1] ?? '';
  }

  ask(method: string, path: string, body?: unknown): Promise<Answer> {
    return send(method, `${this.api}${path}`, body, { authorization: `Bearer ${this.token}` });
  }

  async sendCsv(path: string, text: string): Promise<Answer> {
    const headers = { authorization: `Bearer ${this.token}`, 'content-type': 'text/csv' };
    const response = await fetch(`${this.api}${path}`, { method: 'POST', headers, body: text, signal: AbortSignal.timeout(30_000) });
    return { status: response.status, body: await response.json() };
  }

  /** A file as it comes, byte order mark and all. */
  async download(path: string): Promise<string> {
    const response = await fetch(`${this.api}${path}`, { headers: { authorization: `Bearer ${this.token}` }, signal: AbortSignal.timeout(30_000) });
    if (response.status !== 200) throw new Error(`GET ${path}: ${response.status}`);
    return Buffer.from(await response.arrayBuffer()).toString('utf8');
  }

  async get<T>(schema: z.ZodType<T>, path: string): Promise<T> {
    const { status, body } = await this.ask('GET', path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return schema.parse(body);
  }

  async control(method: string, path: string, body?: unknown): Promise<unknown> {
    const answer = await send(method, `${this.sandbox}/control${path}`, body);
    if (answer.status >= 300) throw new Error(`${method} /control${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
    return answer.body;
  }

  fault(fault: Record<string, unknown>): Promise<unknown> {
    return this.control('POST', '/faults', fault);
  }

  /** Print minutes that pass in a second; 0 lets every print stand still. */
  speed(speed: number): Promise<unknown> {
    return this.control('POST', '/simplyprint/speed', { speed });
  }

  /** @returns the order's id in Shopify and its name, which both sides know */
  async buy(lines: { sku: string; quantity: number }[], more: Record<string, unknown> = {}): Promise<{ id: string; name: string }> {
    return z.object({ id: z.string(), name: z.string() }).parse(await this.control('POST', '/orders', { lines, ...more }));
  }

  map(sku: string, parts: { name: string; copies_per_unit?: number; pieces_per_print?: number }[]): Promise<Answer> {
    return this.ask('POST', '/api/v1/product-mappings', { sku, parts: parts.map((part) => ({ ...part, file_id: fileOf(part.name), file_name: `${part.name}.gcode` })) });
  }

  async mappedSkus(like = ''): Promise<(string | null)[]> {
    return (await this.get(productMappingPage, `/api/v1/product-mappings?limit=100&q=${encodeURIComponent(like)}`)).data.map(({ sku }) => sku);
  }

  async unmapped(): Promise<z.infer<typeof unmappedLinePage>['data']> {
    return (await this.get(unmappedLinePage, '/api/v1/product-mappings/unmapped?limit=100')).data;
  }

  async orderNames(): Promise<string[]> {
    return (await this.get(orderPage, '/api/v1/orders?limit=100')).data.map(({ name }) => name);
  }

  /** Our record of an order, once there is one. */
  async order(name: string): Promise<OrderDetail> {
    const found = await eventually(`order ${name} to arrive`, async () =>
      (await this.get(orderPage, '/api/v1/orders?limit=100')).data.find((order) => order.name === name),
    );
    return this.get(orderDetail, `/api/v1/orders/${found.id}`);
  }

  /** Waits until our record of an order is as `test` says. */
  async orderWhen(name: string, what: string, test: (order: OrderDetail) => boolean): Promise<OrderDetail> {
    let last: OrderDetail | undefined;
    return eventually(
      `order ${name} ${what}`,
      async () => {
        last = await this.order(name);
        return test(last) ? last : undefined;
      },
      { describe: () => JSON.stringify(last, null, 1) },
    );
  }

  /** The prints of an order, in the order they were made. */
  async prints(orderId: string): Promise<PrintJobView[]> {
    return (await this.get(printJobPage, `/api/v1/print-jobs?order_id=${orderId}&limit=100`)).data.reverse();
  }

  print(id: string): Promise<PrintJobView> {
    return this.get(printJob, `/api/v1/print-jobs/${id}`);
  }

  async fulfill(orderId: string, how: '' | '/force' = ''): Promise<Answer> {
    return this.ask('POST', `/api/v1/fulfillments/order/${orderId}${how}`, {});
  }

  async shopOrders(): Promise<SandboxOrderView[]> {
    return z.array(sandboxOrderViewSchema).parse(await this.control('GET', '/orders'));
  }

  async shopOrder(id: string): Promise<SandboxOrderView> {
    return sandboxOrderViewSchema.parse(await this.control('GET', `/orders/${id}`));
  }

  async farm(): Promise<z.infer<typeof sandboxFarmViewSchema>> {
    return sandboxFarmViewSchema.parse(await this.control('GET', '/simplyprint'));
  }

  async mails(): Promise<z.infer<typeof sandboxMailsSchema>['mails']> {
    return sandboxMailsSchema.parse(await this.control('GET', '/mail')).mails;
  }
}

/** The file of a part: the simulated farm takes any id that looks like one. */
export const fileOf = (part: string): string => createHash('md5').update(part).digest('hex');

/** What a request to fulfill an order is answered when it may be. */
export const successfully = fulfillmentAnswer.extend({ success: z.literal(true) });

async function send(method: string, url: string, body: unknown, headers: Record<string, string> = {}): Promise<Answer> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    signal: AbortSignal.timeout(30_000),
  });
  const text = await response.text();
  return { status: response.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
}
