import { cancellationResult } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  await product.map('CUP');
}, 30_000);
afterAll(() => product.stop());
afterEach(async () => {
  await product.control('DELETE', '/faults');
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
});

const speed = (printMinutesPerSecond: number) => product.control('POST', '/simplyprint/speed', { speed: printMinutesPerSecond });
const prints = (order: OrderDetail) =>
  product.db.sql.rows(z.object({ id: z.string(), status: z.string() }))`SELECT id, status FROM print_job WHERE order_id = ${order.id} ORDER BY id`;
const statuses = async (order: OrderDetail) => (await prints(order)).map((print) => print.status);
/** Prints of an order that SimplyPrint would still start. */
const left = async (order: OrderDetail) => {
  const items = await product.db.sql.rows(z.object({ id: z.string().nullable() }))`SELECT simplyprint_id AS id FROM queue_item WHERE order_id = ${order.id}`;
  return (await product.farm()).queue.filter(({ id }) => items.some((item) => item.id === id)).reduce((sum, item) => sum + item.left, 0);
};
const cancel = async (order: OrderDetail, body: object = { reason: 'The customer changed their mind.' }) => {
  const answer = await product.api('POST', `/api/v1/cancellations/order/${order.id}`, body);
  expect(answer.status).toBe(200);
  return cancellationResult.parse(answer.body);
};
const mailbox = z.object({ mails: z.array(z.object({ subject: z.string(), text: z.string() })) });
const mailed = (subject: string, order: OrderDetail) =>
  until(async () => mailbox.parse(await product.control('GET', '/mail')).mails.find((mail) => mail.subject.includes(subject) && mail.text.includes(order.name)), {
    timeoutMs: 10_000,
    what: `the mail ${subject} about ${order.name}`,
  });
const told = (order: OrderDetail, type: string) => order.timeline.filter((entry) => entry.type === type);

async function queued(quantity: number): Promise<{ id: string; order: OrderDetail }> {
  await speed(0);
  const id = await product.order([{ sku: 'CUP', quantity }]);
  const order = await product.oursWhen(id, (each) => told(each, 'queue-item.added').length === 1);
  await product.settled();
  return { id, order };
}

/** All prints of an order on printers that stand still. */
async function printing(quantity: number): Promise<{ id: string; order: OrderDetail }> {
  const { id, order } = await queued(quantity);
  await speed(20);
  await until(async () => (await statuses(order)).every((status) => status === 'PRINTING'), { timeoutMs: 10_000, everyMs: 10 });
  await speed(0);
  return { id, order };
}

it('order cancelled → jobs cancelled: an order that is cancelled in Shopify leaves the queue, and is never fulfilled', async () => {
  const { id, order } = await queued(4);
  await product.control('POST', `/orders/${id}/cancel`);
  const cancelled = await product.oursWhen(id, (each) => each.production_status === 'CANCELLED');
  expect(cancelled.status).toBe('cancelled');
  await until(async () => (await statuses(order)).every((status) => status === 'CANCELLED'), { timeoutMs: 15_000 });
  expect(await left(order)).toBe(0);
  await speed(6_000);
  await product.settled();
  expect((await product.shopOrder(id)).fulfillments).toEqual([]);
  expect(cancelled.attention).toEqual([]);
}, 60_000);

it('an operator cancels an order here and in Shopify, and asking again tells how far it is', async () => {
  const { id, order } = await queued(3);
  const first = await cancel(order, { reason: 'Out of filament.', cancel_in_shopify: true });
  expect(first).toMatchObject({ order_id: order.id, status: 'cancelled', production_status: 'CANCELLED', requested_jobs: 3, flagged_jobs: 0, shopify: 'requested' });
  await until(async () => (await product.shopOrder(id))['cancelled_at'] !== null, { timeoutMs: 15_000, what: 'Shopify to have cancelled it' });
  await until(async () => (await cancel(order)).shopify === 'cancelled', { timeoutMs: 15_000, what: 'us to know it' });
  await until(async () => (await cancel(order)).cancelled_jobs === 3, { timeoutMs: 15_000, what: 'SimplyPrint to have confirmed' });
  expect(await left(order)).toBe(0);
  await product.settled();
  const after = await product.ours(id);
  expect(told(after, 'order.cancelled')).toHaveLength(1);
  expect(after.attention).toEqual([]);
}, 60_000);

it('prints that run already are told of by mail with what can be done; one is stopped, one finishes', async () => {
  const { order } = await printing(2);
  expect(await cancel(order)).toMatchObject({ cancelled_jobs: 0, requested_jobs: 0, flagged_jobs: 2 });
  await mailed('Cancellation Needs Review', order);
  const { data } = z.object({ data: z.array(z.looseObject({ kind: z.string(), order_id: z.string().nullable(), subject_id: z.string(), actions: z.array(z.object({ href: z.string() })) })) })
    .parse((await product.api('GET', '/api/v1/attention?limit=100')).body);
  const flagged = data.filter((item) => item.order_id === order.id);
  expect(flagged.map((item) => item.kind)).toEqual(['cancellation-needs-review', 'cancellation-needs-review']);
  const href = (index: number, action: string) => flagged[index]?.actions.find((each) => each.href.endsWith(`/${action}`))?.href ?? '';
  expect(await product.api('POST', href(0, 'stop'))).toMatchObject({ status: 200, body: { id: flagged[0]?.subject_id, status: 'PRINTING' } });
  expect(await product.api('POST', href(1, 'let-finish'))).toMatchObject({ status: 200, body: { id: flagged[1]?.subject_id, status: 'PRINTING' } });
  await until(async () => (await cancel(order)).cancelled_jobs === 1, { timeoutMs: 15_000, what: 'SimplyPrint to have stopped it' });
  await speed(6_000);
  await until(async () => (await cancel(order)).already_completed_jobs === 1, { timeoutMs: 15_000, what: 'the other to finish' });
  expect((await statuses(order)).sort()).toEqual(['CANCELLED', 'COMPLETED']);
  expect((await product.farm()).calls['printers/actions/Cancel']).toBe(1);
}, 60_000);

it('a fulfillment that was faster than the cancellation is told to the operator', async () => {
  const { id, order } = await queued(1);
  await product.fault({ target: 'shopify', kind: 'slow', operation: 'fulfillmentCreate', delay_ms: 700 });
  await speed(6_000);
  await until(async () => (await product.db.sql.rows(z.unknown())`SELECT 1 FROM fulfillment WHERE order_id = ${order.id} AND intent_until IS NOT NULL`).length === 1, { timeoutMs: 15_000, everyMs: 5 });
  await cancel(order);
  await product.fulfilled(id);
  await mailed('Cancelled But Fulfilled', order);
  const told = await product.ours(id);
  expect(told).toMatchObject({ status: 'cancelled', production_status: 'CANCELLED' });
  expect(told.attention.map((item) => item.kind)).toEqual(['cancelled-but-fulfilled']);
  expect((await product.api('POST', `/api/v1/cancellations/order/${order.id}/acknowledge`)).status).toBe(200);
  expect((await product.ours(id)).attention).toEqual([]);
}, 60_000);

it('what Shopify refuses to cancel is told to the operator, and the order stays cancelled here', async () => {
  const { id, order } = await queued(1);
  await product.fault({ target: 'shopify', kind: 'error', operation: 'orderCancel', user_error: 'Cannot cancel an order that has outstanding fulfillments' });
  await cancel(order, { reason: 'customer', cancel_in_shopify: true });
  await mailed('Shopify Did Not Cancel', order);
  expect(await cancel(order)).toMatchObject({ status: 'cancelled', shopify: 'refused' });
  await product.control('DELETE', '/faults');
  await cancel(order, { reason: 'customer', cancel_in_shopify: true });
  await until(async () => (await cancel(order)).shopify === 'cancelled', { timeoutMs: 15_000 });
  expect((await product.ours(id)).attention).toEqual([]);
}, 60_000);

it('a cancellation that SimplyPrint does not confirm stays requested, is tried again, and is alerted when its tries are used up', async () => {
  const { id, order } = await queued(2);
  await product.fault({ target: 'simplyprint', kind: 'error', operation: 'queue/DeleteItem', status: 503 });
  await cancel(order);
  const task = z.object({ status: z.string(), failures: z.number() });
  const trimming = async () => (await product.db.sql.rows(task)`SELECT status, failures FROM retry_queue WHERE order_id = ${order.id} AND type = 'CANCELLATION'`)[0];
  await until(async () => (await trimming())?.failures === 2, { timeoutMs: 15_000, what: 'a second try' });
  expect(await cancel(order)).toMatchObject({ cancelled_jobs: 0, requested_jobs: 2 });
  await product.db.sql`UPDATE retry_queue SET failures = max_attempts - 1, due_at = now() WHERE order_id = ${order.id} AND type = 'CANCELLATION' AND status = 'PENDING'`;
  await until(async () => (await trimming())?.status === 'FAILED', { timeoutMs: 15_000, what: 'the last try' });
  await mailed('Task Failed', order);
  expect(await cancel(order)).toMatchObject({ cancelled_jobs: 0, requested_jobs: 2 });
  expect((await product.ours(id)).attention.map((item) => item.kind)).toEqual(['task-failed']);
}, 60_000);

it('what is fulfilled by force has its remaining prints taken back when asked, and the done ones counted', async () => {
  const { id, order } = await queued(3);
  const [first] = await prints(order);
  await product.api('POST', `/api/v1/print-jobs/${first?.id ?? ''}/force-status`, { status: 'COMPLETED', reason: 'printed by hand' });
  const forced = await product.api('POST', `/api/v1/fulfillments/order/${order.id}/force`, { cancel_remaining: true });
  expect(forced).toMatchObject({ status: 200, body: { success: true } });
  await until(async () => (await statuses(order)).filter((status) => status === 'CANCELLED').length === 2, { timeoutMs: 15_000 });
  expect(await left(order)).toBe(0);
  const after = await product.oursWhen(id, (each) => each.production_status === 'COMPLETED');
  await product.settled();
  expect((await statuses(order)).sort()).toEqual(['CANCELLED', 'CANCELLED', 'COMPLETED']);
  expect((await product.shopOrder(id)).fulfillments).toHaveLength(1);
  expect(after.attention).toEqual([]);
}, 60_000);

it('is refused with a reason for what is fulfilled, unknown, or not said properly', async () => {
  const id = await product.order([{ sku: 'CUP', quantity: 1 }]);
  await product.fulfilled(id);
  const order = await product.oursWhen(id, (each) => each.fulfilled_at !== null);
  const ask = (orderId: string, body: unknown) => product.api('POST', `/api/v1/cancellations/order/${orderId}`, body);
  expect(await ask(order.id, { reason: 'too late' })).toMatchObject({ status: 409, body: { code: 'cancellation-not-allowed', production_status: 'COMPLETED' } });
  expect(await ask(newId(), { reason: 'whose?' })).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
  for (const body of [{}, { reason: ' ' }, { reason: 'fine', cancel_in_shopfy: true }, { reason: 'x'.repeat(501) }]) expect((await ask(order.id, body)).status).toBe(422);
  expect((await ask('17', { reason: 'no id' })).status).toBe(422);
  expect((await product.ours(id)).status).not.toBe('cancelled');
}, 60_000);
