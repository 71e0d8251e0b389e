import { readFileSync } from 'node:fs';
import path from 'node:path';
import { openGate, OutsideError } from '@forma3d/kernel';
import { createShopifyClient, type ShopifyClient } from '@forma3d/shopify';
import { createSimplyPrintClient, type SimplyPrintClient } from '@forma3d/simplyprint';
import { startOutsideServer, type OutsideReply, type OutsideServer } from '@forma3d/testing';
import fc from 'fast-check';
import { ABSURD, spoiling } from './hostile-bytes.setup';
import { mutate, mutation, textOf, type Tree } from './hostile-json.setup';
import { cases, Finding, search } from './search.setup';
import { judgeStorable } from './storable.setup';

/** However long an answer is, and however many pages it promises. */
const LONGEST_MS = 60_000;
const LARGEST = 1_000_000;
/** Of one question, all its pages. */
const MOST_REQUESTS = 3_100;

const sample = (name: string): Tree => JSON.parse(readFileSync(path.resolve(__dirname, '../../../libs/shopify/src/samples', name), 'utf8')) as Tree;
const page = (...nodes: Tree[]): Tree => ({ pageInfo: { hasNextPage: false, endCursor: null }, nodes });
const order = sample('order-graphql.json') as Record<string, Tree>;
const refund = sample('refund-graphql.json');
const fulfillment: Tree = {
  id: 'gid://shopify/Fulfillment/1', status: 'SUCCESS', createdAt: '2026-11-20T10:00:00Z', updatedAt: '2026-11-20T10:00:00Z', trackingInfo: [{ number: 'T1', url: 'https://post.example/T1', company: 'Post' }],
  fulfillmentLineItems: page({ quantity: 2, lineItem: { id: 'gid://shopify/LineItem/11' } }),
};
const cost: Tree = { cost: { requestedQueryCost: 20, actualQueryCost: 12, throttleStatus: { maximumAvailable: 2000, currentlyAvailable: 1900, restoreRate: 100 } } };
const data = (fields: Tree): Tree => ({ data: fields, extensions: cost });
const no: Tree = { field: ['fulfillment'], message: 'No.', code: 'INVALID' };
const create = { orderId: '9', groups: [{ fulfillmentOrderId: '5', lines: [{ id: '6', quantity: 2 }] }], notifyCustomer: true };

interface Question {
  name: string;
  /** What is answered, to this question and to the further ones that it leads to. */
  right: Tree;
  ask: () => Promise<unknown>;
}

let server: OutsideServer;
let shopify: ShopifyClient;
let farm: SimplyPrintClient;

beforeAll(async () => {
  server = await startOutsideServer();
  const common = { storeId: 'store-1', gate: openGate, timeoutMs: 10_000 };
  shopify = createShopifyClient({ ...common, shopDomain: 'fuzz.myshopify.com', accessToken: 'token-of-test', apiVersion: '2026-10', apiBaseUrl: server.url });
  farm = createSimplyPrintClient({ ...common, baseUrl: server.url, companyId: '77', apiKey: 'key-of-test', auth: 'api-key' });
});
afterAll(() => server.close());

const orderAnswer: Tree = { order: { ...order, refunds: [] }, refund, fulfillment };
const throttled: Tree = { errors: [{ message: 'Throttled', extensions: { code: 'THROTTLED' } }], extensions: cost };
const ok = (fields: Record<string, Tree>): Tree => ({ status: true, message: null, ...fields });
const printer: Tree = { id: 1, printer: { name: 'Bed 1', state: 'printing', online: true }, job: { id: 2, uid: 'u', state: 'printing', percentage: 40 } };
const job: Tree = { id: 3, uid: 'j', status: 'done', queueItem: { id: 890 }, customFields: [{ customFieldId: 'forma3d_queue_item', value: { string: 'row-1' } }], printer: { id: 1, name: 'Bed 1' }, filename: 'a.gcode', startDate: '2026-11-20T10:00:00Z', endDate: 1_795_000_000, currentPercentage: 100, cost: { total_cost: 1.5 } };
const item: Tree = { id: 890, filename: 'a.gcode', filesystem_id: 'a'.repeat(32), left: 1, printed: 0, group: 2, note: null, customFields: [{ id: 'forma3d_queue_item', value: 'row-1' }] };

const QUESTIONS: readonly Question[] = [
  { name: 'Shopify order', right: data(orderAnswer), ask: () => shopify.getOrder('1') },
  { name: 'Shopify order with refunds', right: data({ ...orderAnswer, order }), ask: () => shopify.getOrder('1') },
  { name: 'Shopify fulfillment work', right: data(orderAnswer), ask: () => shopify.getFulfillmentWork('1') },
  { name: 'Shopify changed orders', right: data({ orders: page({ id: 'gid://shopify/Order/1', updatedAt: '2026-11-20T10:00:00Z' }) }), ask: () => shopify.changedOrders({ since: new Date(0) }) },
  { name: 'Shopify fulfillmentCreate', right: data({ fulfillmentCreate: { fulfillment, userErrors: [] }, fulfillment }), ask: () => shopify.createFulfillment(create) },
  { name: 'Shopify user errors', right: data({ fulfillmentCreate: { fulfillment: null, userErrors: [no] } }), ask: () => shopify.createFulfillment(create) },
  { name: 'Shopify throttled', right: throttled, ask: () => shopify.createFulfillment(create) },
  { name: 'Shopify shop', right: data({ shop: { id: 'gid://shopify/Shop/1', name: 'Shop', myshopifyDomain: 'x.myshopify.com', email: 'a@b.c', currencyCode: 'EUR', ianaTimezone: 'Europe/Brussels' } }), ask: () => shopify.getShop() },
  { name: 'Shopify subscriptions', right: data({ webhookSubscriptions: page({ id: 'gid://shopify/WebhookSubscription/1', topic: 'ORDERS_CREATE', uri: 'https://x.example' }) }), ask: () => shopify.listWebhookSubscriptions() },
  { name: 'SimplyPrint queue', right: ok({ queue: [item], total: 1, page: 1 }), ask: () => farm.listQueue() },
  { name: 'SimplyPrint printers', right: ok({ data: [printer], page_amount: 1 }), ask: () => farm.listPrinters() },
  { name: 'SimplyPrint jobs', right: ok({ data: [job], page_amount: 1 }), ask: () => farm.listJobs({ page: 1, pageSize: 100 }) },
  { name: 'SimplyPrint job', right: ok({ job: { id: 3, state: 'done', percentage: 100, printer: { id: 1, name: 'Bed' }, failedReason: null, cancelInfo: { reason: 2, comment: 'x' }, cost: 1 } }), ask: () => farm.getJob('j') },
  { name: 'SimplyPrint AddItem', right: ok({ created_id: 1337 }), ask: () => farm.addItem({ filesystem: 'a'.repeat(32), amount: 2, marker: 'row-1', note: 'x' }) },
  { name: 'SimplyPrint groups', right: ok({ list: [{ id: 1, name: 'A' }] }), ask: () => farm.listGroups() },
  { name: 'SimplyPrint files', right: ok({ files: [{ id: 'f', name: 'a', ext: 'gcode' }] }), ask: () => farm.findFiles('a') },
  { name: 'SimplyPrint webhooks', right: ok({ data: [{ id: 1, url: 'https://x.example', events: ['job.done'], enabled: true }], webhook: { id: 1 } }), ask: () => farm.ensureWebhook('https://x.example', 'secret-of-test') },
  { name: 'SimplyPrint fields', right: ok({ data: [{ id: 1, fieldId: 'forma3d_queue_item', enabled: true }], page_amount: 1 }), ask: () => farm.ensureMarkerField() },
];

interface Case {
  question: Question;
  reply: OutsideReply;
}

const STATUSES = [200, 200, 200, 200, 200, 200, 200, 200, 201, 204, 205, 301, 304, 400, 401, 402, 403, 404, 408, 418, 422, 423, 429, 500, 502, 503, 504, 520, 999];
const HEADERS: readonly Record<string, string>[] = [{}, {}, {}, {}, { 'retry-after': '2.0' }, { 'retry-after': '-5' }, { 'retry-after': '1e999' }, { 'retry-after': 'Tue' }, { 'retry-after': '99999999999999999999' }, { 'content-type': 'text/html' }, { 'content-encoding': 'gzip' }, { 'x-shopify-api-version': '\u00ff' }, { location: 'http://evil.example/' }];

const answers: fc.Arbitrary<Case> = fc.constantFrom(...QUESTIONS).chain((question) =>
  fc
    .record({
      text: fc.oneof({ weight: 8, arbitrary: fc.array(mutation, { maxLength: 4 }).map((changes) => textOf(changes.reduce(mutate, question.right))) }, { weight: 1, arbitrary: fc.constantFrom(...ABSURD) }),
      encoding: fc.oneof({ weight: 5, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: spoiling }),
      status: fc.constantFrom(...STATUSES),
      headers: fc.constantFrom(...HEADERS),
      dropped: fc.oneof({ weight: 30, arbitrary: fc.constant(false) }, { weight: 1, arbitrary: fc.constant(true) }),
    })
    .map(({ text, encoding, status, headers, dropped }): Case => {
      const body = (encoding?.encode(text) ?? Buffer.from(text)).subarray(0, LARGEST);
      const reply: OutsideReply = dropped ? 'drop' : { status, headers, body: body.toString('utf8') };
      return { question, reply, [fc.toStringMethod]: () => `${question.name}: ${dropped ? 'dropped' : `${status} ${JSON.stringify(headers)} ${body.toString('utf8', 0, 600)}`}` } as Case;
    }),
);

it('reads whatever Shopify and SimplyPrint answer, or says in its own words what that means', async () => {
  await search('answers of the outside', answers, cases(200), holds);
}, 3_600_000);

async function holds({ question, reply }: Case): Promise<void> {
  server.requests.length = 0;
  server.reply = () => (server.requests.length > MOST_REQUESTS ? 'drop' : reply);
  const from = performance.now();
  let value: unknown;
  try {
    value = await question.ask();
  } catch (error) {
    judgeFailure(error);
  }
  const ms = performance.now() - from;
  if (ms > LONGEST_MS) throw new Finding(`${question.name} takes too long`, `${Math.round(ms)} ms, ${server.requests.length} requests`);
  if (server.requests.length > MOST_REQUESTS) throw new Finding(`${question.name} asks without end`, `${server.requests.length} requests`);
  judgeStorable(value);
}

function judgeFailure(error: unknown): void {
  if (!(error instanceof OutsideError)) throw new Finding(`a client throws ${String(error).slice(0, 80)}`, error instanceof Error ? (error.stack ?? '').slice(0, 900) : '');
  if (/token-of-test|key-of-test|secret-of-test/.test(JSON.stringify([error.message, error.userErrors]))) throw new Finding('a failure tells a secret', error.message.slice(0, 300));
  if (error.retryAfterMs !== undefined && !(error.retryAfterMs >= 0 && error.retryAfterMs <= 86_400_000)) throw new Finding('a failure waits without bounds', `${error.retryAfterMs} ms`);
  if (error.message.length > 5_000) throw new Finding('a failure of too many words', `${error.message.length} characters`);
}
