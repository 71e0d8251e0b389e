import { actionLink, ATTENTION_KINDS, attentionPage, retryAllAnswer, retryQueueDetail, retryQueuePage, type RetryQueueTask } from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import { POT, Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  await product.map('PLANTER');
  await product.settled();
}, 30_000);
afterAll(() => product.stop());
afterEach(() => product.control('DELETE', '/faults'));

const has = (type: string) => (order: OrderDetail) => order.timeline.some((entry) => entry.type === type);
const tasksOf = async (orderId: string, type: string): Promise<RetryQueueTask[]> =>
  retryQueuePage.parse((await product.api('GET', `/api/v1/retry-queue?order_id=${orderId}&type=${type}&limit=100`)).body).data;
const attentionOf = async (orderId: string) => attentionPage.parse((await product.api('GET', `/api/v1/attention?order_id=${orderId}`)).body).data;
const refuse = (operation: string) => product.fault({ target: 'shopify', kind: 'error', operation, user_error: 'The fulfillment order is closed.' });
const order = () => product.order([{ sku: 'PLANTER', quantity: 1 }]);

it('queue on transient failure; fulfillment fails → retry scheduled, and it succeeds by itself', async () => {
  await product.fault({ target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', status: 503, count: 2 });
  const id = await order();
  const ours = await product.oursWhen(id, has('fulfillment.retrying'));
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  await product.settled();
  const [task] = await tasksOf(ours.id, 'FULFILLMENT');
  const detail = retryQueueDetail.parse((await product.api('GET', `/api/v1/retry-queue/${task?.id ?? ''}`)).body);
  expect(detail).toMatchObject({ status: 'COMPLETED', failures: 2, attempts_total: 3 });
  expect(detail.attempts.map(({ error }) => error === null)).toEqual([true, false, false]);
  // One second, then two, each ± 10 %, from the end of one attempt to the beginning of the next.
  const [third, second, first] = detail.attempts.map((each) => ({ from: Date.parse(each.started_at ?? ''), to: Date.parse(each.ended_at ?? '') }));
  expect((second?.from ?? 0) - (first?.to ?? 0)).toBeGreaterThanOrEqual(890);
  expect((third?.from ?? 0) - (second?.to ?? 0)).toBeGreaterThanOrEqual(1_790);
}, 60_000);

it.each([400, 404, 422])('no retry on 4xx: %i fails the order once', async (status) => {
  await product.fault({ target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', status, count: 1 });
  const ours = await product.oursWhen(await order(), has('fulfillment.failed'));
  await product.settled();
  expect((await tasksOf(ours.id, 'FULFILLMENT')).filter((task) => task.status === 'FAILED')).toMatchObject([{ failures: 1 }]);
  expect((await product.ours(await shopifyIdOf(ours.id))).production_status).toBe('FAILED');
}, 60_000);

it('a fulfillment that failed for good is done when its task is tried again, and nobody is needed any more', async () => {
  await refuse('fulfillmentCreate');
  const id = await order();
  const ours = await product.oursWhen(id, has('fulfillment.failed'));
  await product.settled();
  expect((await attentionOf(ours.id)).map((item) => item.kind)).toEqual(['fulfillment-failed']);
  await product.control('DELETE', '/faults');
  const failed = (await tasksOf(ours.id, 'FULFILLMENT')).find((task) => task.status === 'FAILED');
  const { status, body } = await product.api('POST', `/api/v1/retry-queue/${failed?.id ?? ''}/retry`);
  expect({ status, body }).toMatchObject({ status: 200, body: { failures: 0, replays: 1 } });
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  await product.oursWhen(id, (each) => each.production_status === 'COMPLETED' && each.attention.length === 0);
  await product.settled();
  expect(await product.api('POST', `/api/v1/retry-queue/${failed?.id ?? ''}/retry`)).toMatchObject({ status: 409, body: { code: 'conflict', task_status: 'COMPLETED' } });
}, 60_000);

it('a fulfillment that is given up while it is still being tried has failed, and is done when its task is tried again', async () => {
  await product.fault({ target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', status: 503 });
  const id = await order();
  const ours = await product.oursWhen(id, has('fulfillment.retrying'));
  const task = await until(async () => (await tasksOf(ours.id, 'FULFILLMENT')).find((each) => each.status === 'PENDING' && each.failures > 0));
  // It may just be running: then it comes back to wait.
  await until(async () => (await product.api('POST', `/api/v1/retry-queue/${task.id}/discard`)).status === 200);
  const failed = await product.oursWhen(id, has('fulfillment.failed'));
  expect(failed).toMatchObject({ production_status: 'FAILED', attention: [{ kind: 'fulfillment-failed' }] });
  expect(await product.api('GET', `/api/v1/fulfillments?order_id=${ours.id}`)).toMatchObject({ body: { data: [{ phase: 'failed' }] } });
  await product.settled();
  expect(has('task.failed')(await product.ours(id))).toBe(false);
  await product.control('DELETE', '/faults');
  expect(await product.api('POST', `/api/v1/retry-queue/${task.id}/retry`)).toMatchObject({ status: 200 });
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  await product.oursWhen(id, (each) => each.production_status === 'COMPLETED' && each.attention.length === 0);
}, 60_000);

it('prints that SimplyPrint refused for good are made when their tasks are tried again together', async () => {
  await product.fault({ target: 'simplyprint', kind: 'error', operation: 'queue/AddItem', status: 422, message: 'There is no such file.' });
  const since = new Date().toISOString();
  const ids = await Promise.all([order(), order(), order()]);
  const ours = await Promise.all(ids.map((id) => product.oursWhen(id, (each) => each.production_status === 'FAILED')));
  await product.settled();
  for (const each of ours) expect((await attentionOf(each.id)).map((item) => item.kind)).toContain('print-failed');
  await product.control('DELETE', '/faults');
  const answer = await product.api('POST', '/api/v1/retry-queue/retry-all', { type: 'PRINT_JOB_CREATION', failed_from: since });
  expect(retryAllAnswer.parse(answer.body)).toMatchObject({ retried: 3, skipped: 0, remaining: 0 });
  for (const id of ids) expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  for (const id of ids) await product.oursWhen(id, (each) => each.attention.length === 0);
}, 60_000);

it('everything that can be done about what needs a person is a call that is there', async () => {
  const id = await order();
  await product.fulfilled(id);
  await product.settled();
  const ours = await product.ours(id);
  const lines = [['ACTION', null], [null, '4711'], [null, null]].map(([sku, variant_id]) => ({ line_item_id: ours.id, title: 'Vase', sku, variant_id, reason: 'no mapping' }));
  // One item of each kind, about things that are there.
  await product.db.sql`
    WITH asked AS (
      INSERT INTO privacy_request (id, store_id, kind, delivery_id, shopify_order_ids, received_at)
      SELECT gen_random_uuid(), store_id, 'data_request', gen_random_uuid(), '{}', now() FROM orders WHERE id = ${ours.id}
      RETURNING id)
    INSERT INTO attention (id, store_id, kind, subject_id, order_id, message, details, opened_at)
    SELECT gen_random_uuid(), o.store_id, kind,
      CASE WHEN kind LIKE 'print-%' OR kind = 'cancellation-needs-review' THEN p.id::text WHEN kind = 'data-request' THEN asked.id::text WHEN kind = 'task-struggling' THEN 'NOTIFICATION email' WHEN kind = 'task-failed' THEN q.id::text ELSE o.id::text END,
      o.id, 'Look.', jsonb_build_object('task_id', q.id, 'lines', ${JSON.stringify(lines)}::jsonb), now()
    FROM orders o, asked, unnest(${[...ATTENTION_KINDS]}::text[]) AS kind,
      LATERAL (SELECT id FROM print_job WHERE order_id = o.id LIMIT 1) AS p, LATERAL (SELECT id FROM retry_queue WHERE order_id = o.id LIMIT 1) AS q
    WHERE o.id = ${ours.id}`;
  const data = await attentionOf(ours.id);
  expect(data.map((item) => item.kind).sort()).toEqual([...ATTENTION_KINDS].sort());
  const document = z.object({ paths: z.record(z.string(), z.record(z.string(), z.unknown())) }).parse((await product.api('GET', '/api/docs-json')).body);
  const known = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.keys(methods).map((method) => new RegExp(`^${method.toUpperCase()} ${path.replace(/\{[^}]+\}/g, '[^/?]+')}(\\?.*)?$`)));
  const filledIn: Record<string, unknown> = { reason: 'Seen to by hand.', status: 'COMPLETED', parts: [{ name: 'pot', file_id: POT }] };
  for (const { method, href, body, needs } of data.flatMap((item) => z.array(actionLink).parse(item.actions))) {
    const call = `${method} ${href}`;
    expect({ call, known: known.some((pattern) => pattern.test(call)) }).toEqual({ call, known: true });
    const input = body === undefined && needs === undefined ? undefined : { ...body, ...Object.fromEntries((needs ?? []).map((field) => [field, filledIn[field]])) };
    const { status } = await product.api(method, href, input);
    // An order that is fulfilled refuses most: by its state, never for what was sent.
    const taken = method === 'GET' ? [200] : [200, 201, 202, 409];
    expect({ call, status, taken: taken.includes(status) }).toEqual({ call, status, taken: true });
  }
}, 60_000);

it('bad requests are refused with a reason', async () => {
  const unknown = '019a5f0e-7a00-7000-8000-000000000001';
  const answers = [
    await product.api('GET', '/api/v1/retry-queue?type=NOTHING'),
    await product.api('GET', '/api/v1/retry-queue?order=1'),
    await product.api('GET', '/api/v1/retry-queue/nothing'),
    await product.api('POST', '/api/v1/retry-queue/retry-all', { failed_from: 'yesterday' }),
    await product.api('POST', '/api/v1/retry-queue/retry-all', { kind: 'FULFILLMENT' }),
    await product.api('GET', `/api/v1/retry-queue/${unknown}`),
    await product.api('POST', `/api/v1/retry-queue/${unknown}/retry`),
    await product.api('POST', `/api/v1/retry-queue/${unknown}/discard`),
    await product.api('GET', '/api/v1/attention?kind=nothing'),
  ];
  expect(answers.map(({ status }) => status)).toEqual([422, 422, 422, 422, 422, 404, 404, 404, 422]);
});

async function shopifyIdOf(orderId: string): Promise<string> {
  const row = await until(() => product.db.sql.maybe(z.object({ shopify_id: z.string() }))`SELECT shopify_id FROM orders WHERE id = ${orderId}`);
  return row.shopify_id;
}
