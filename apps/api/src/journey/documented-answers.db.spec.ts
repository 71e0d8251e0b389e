import {
  attentionCounts,
  attentionPage,
  fulfillmentPage,
  fulfillmentView,
  installation,
  notificationSettings,
  orderDetail,
  orderPage,
  personalDataExport,
  printJob,
  printJobPage,
  privacyRequestPage,
  productMapping,
  productMappingPage,
  retryQueueDetail,
  retryQueuePage,
  retryQueueStats,
  unmappedLinePage,
} from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  await product.map('PLANTER', { pot: {}, foot: { copies: 4, pieces: 4 } });
  const fulfilled = await product.order([{ sku: 'PLANTER', quantity: 2 }, { sku: null, title: 'Tip', quantity: 1, tip: true, custom: true }]);
  // Webhooks may overtake each other; the lists below are in the order of arrival.
  await product.ours(fulfilled);
  const unmapped = await product.order([{ sku: 'NEVER-SEEN', quantity: 1 }], { customer: null, shipping_address: null });
  await product.oursWhen(unmapped, (order) => order.attention.length > 0);
  await product.fulfilled(fulfilled);
  await product.control('POST', '/webhooks', { topic: 'customers/data_request', order_id: fulfilled });
  await until(async () => (await product.db.sql.rows(z.unknown())`SELECT id FROM privacy_request`).length > 0);
  await product.settled();
}, 60_000);
afterAll(() => product.stop());

/** What each documented GET route promises. A route of a page comes before the route of one of its rows. */
const PROMISED: Record<string, z.ZodType> = {
  '/api/v1/attention': attentionPage,
  '/api/v1/attention/counts': attentionCounts,
  '/api/v1/orders': orderPage,
  '/api/v1/orders/{id}': orderDetail,
  '/api/v1/product-mappings': productMappingPage,
  '/api/v1/product-mappings/unmapped': unmappedLinePage,
  '/api/v1/product-mappings/{id}': productMapping,
  '/api/v1/print-jobs': printJobPage,
  '/api/v1/print-jobs/{id}': printJob,
  '/api/v1/fulfillments': fulfillmentPage,
  '/api/v1/fulfillments/{id}': fulfillmentView,
  '/api/v1/notifications/settings': notificationSettings,
  '/api/v1/installation': installation,
  '/api/v1/privacy/requests': privacyRequestPage,
  '/api/v1/privacy/requests/{id}/export': personalDataExport,
  '/api/v1/retry-queue': retryQueuePage,
  '/api/v1/retry-queue/stats': retryQueueStats,
  '/api/v1/retry-queue/{id}': retryQueueDetail,
};
const rows = z.object({ data: z.array(z.looseObject({ id: z.string().optional() })) });

async function answer(path: string): Promise<unknown> {
  const { status, body } = await product.api('GET', path);
  expect({ path, status }).toEqual({ path, status: 200 });
  return body;
}

it('promises something of every GET route that is documented', async () => {
  const operation = z.object({ responses: z.object({ 200: z.object({ content: z.record(z.string(), z.unknown()) }) }) });
  const document = z.object({ paths: z.record(z.string(), z.object({ get: operation.optional() })) }).parse(await answer('/api/docs-json'));
  // Files are no JSON; their own tests read them.
  const routes = Object.entries(document.paths).filter(([path, { get }]) => path.startsWith('/api/v1') && get?.responses[200].content['application/json'] !== undefined);
  expect(routes.map(([path]) => path).sort()).toEqual(Object.keys(PROMISED).sort());
});

describe.each(Object.entries(PROMISED))('GET %s', (route, schema) => {
  it('answers exactly what its schema says: every field, and none besides', async () => {
    const list = rows.safeParse(await answer(route.replace(/\/\{id\}.*/, '')));
    const ids = (list.data?.data ?? []).map((row) => row.id).filter((id) => id !== undefined);
    // An empty list would show nothing.
    if (list.success) expect(list.data.data.length).toBeGreaterThan(0);
    for (const path of route.includes('{id}') ? ids.map((id) => route.replace('{id}', id)) : [route]) {
      const body = await answer(path);
      const parsed = schema.safeParse(body);
      expect({ path, issues: parsed.error?.issues ?? [] }).toEqual({ path, issues: [] });
      // Parsing leaves out what the schema does not know.
      expect(parsed.data).toEqual(body);
    }
  });
});

it('walks every order once, page by page, while more orders come in', async () => {
  for (let n = 0; n < 5; n += 1) await product.ours(await product.order([{ sku: 'PLANTER', quantity: 1 }], { paid: false }));
  const page = z.object({ data: z.array(z.object({ name: z.string() })), pagination: z.object({ limit: z.number(), next_cursor: z.string().nullable(), has_more: z.boolean() }) });
  const seen: string[] = [];
  let cursor: string | null = null;
  do {
    const { data, pagination } = page.parse(await answer(`/orders?limit=2${cursor === null ? '' : `&cursor=${cursor}`}`));
    expect(pagination).toMatchObject({ limit: 2, has_more: pagination.next_cursor !== null });
    seen.push(...data.map((order) => order.name));
    cursor = pagination.next_cursor;
    if (seen.length === 4) await product.ours(await product.order([{ sku: 'PLANTER', quantity: 1 }], { paid: false }));
  } while (cursor !== null);
  expect(seen).toEqual(['#1007', '#1006', '#1005', '#1004', '#1003', '#1002', '#1001']);
}, 30_000);
