import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import type { OrderDetail } from './product-answers.setup';
import { FOOT, POT, Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
}, 30_000);
afterAll(() => product.stop());
afterEach(async () => {
  await product.control('DELETE', '/faults');
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
});

const printRow = z.object({ id: z.string(), part_name: z.string(), status: z.string(), reprint_number: z.number(), replaced: z.boolean() });
const prints = (order: OrderDetail) =>
  product.db.sql.rows(printRow)`
    SELECT p.id, q.part_name, p.status, p.reprint_number, p.replaced
    FROM print_job p JOIN queue_item q ON q.id = p.queue_item_id WHERE p.order_id = ${order.id} ORDER BY p.id`;
const ofType = (order: OrderDetail, type: string) => order.timeline.filter((entry) => entry.type === type);

it('three of a product of two parts, one with four pieces a plate, are the right prints', async () => {
  await product.map('LANTERN', { body: { file: POT }, leg: { file: FOOT, copies: 4, pieces: 4 }, hook: { copies: 1, pieces: 4 } });
  const id = await product.order([{ sku: 'LANTERN', quantity: 3 }]);
  await product.fulfilled(id);
  const made = await prints(await product.ours(id));
  const count = (part: string) => made.filter((print) => print.part_name === part).length;
  expect([count('body'), count('leg'), count('hook')]).toEqual([3, 3, 1]);
  expect(made.every((print) => print.status === 'COMPLETED')).toBe(true);
}, 60_000);

it('a print that fails once is reprinted once, and the order is fulfilled once', async () => {
  await product.map('VASE');
  await product.fault({ target: 'simplyprint', kind: 'fail-prints', count: 1 });
  const id = await product.order([{ sku: 'VASE', quantity: 2 }]);
  const shop = await product.fulfilled(id);
  expect(shop.fulfillments).toHaveLength(1);
  const order = await product.oursWhen(id, (each) => ofType(each, 'fulfillment.created').length === 1);
  const made = await prints(order);
  expect(made).toHaveLength(3);
  expect(made.filter((print) => print.status === 'FAILED')).toMatchObject([{ replaced: true, reprint_number: 0 }]);
  expect(made.filter((print) => print.reprint_number === 1)).toMatchObject([{ status: 'COMPLETED' }]);
  expect(ofType(order, 'print-job.failed')[0]?.payload).toMatchObject({ will_reprint: true });
  expect(ofType(order, 'order.ready-for-fulfillment')).toHaveLength(1);
}, 60_000);

it('a print that fails beyond the limit waits for an operator, whose retry completes the order', async () => {
  await product.map('TRAY');
  await product.fault({ target: 'simplyprint', kind: 'fail-prints', count: 2 });
  const id = await product.order([{ sku: 'TRAY', quantity: 1 }]);
  const failed = await product.oursWhen(id, (order) => order.production_status === 'FAILED');
  const last = (await prints(failed)).at(-1);
  expect(last).toMatchObject({ status: 'FAILED', reprint_number: 1, replaced: false });
  const open = z.object({ data: z.array(z.looseObject({ kind: z.string() })) }).parse((await product.api('GET', '/api/v1/attention')).body);
  expect(open.data.map((item) => item.kind)).toContain('print-failed');
  const retried = await product.api('POST', `/api/v1/print-jobs/${last?.id ?? ''}/retry`);
  expect(retried).toMatchObject({ status: 200, body: { status: 'PENDING', reprint_number: 2, reprint_of: last?.id } });
  expect((await product.api('POST', `/api/v1/print-jobs/${last?.id ?? ''}/retry`)).status).toBe(409);
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('a failed print that somebody revives in SimplyPrint is not printed a second time', async () => {
  await product.map('LAMP');
  await product.control('POST', '/simplyprint/speed', { speed: 20 });
  const id = await product.order([{ sku: 'LAMP', quantity: 1 }]);
  const order = await product.oursWhen(id, (each) => ofType(each, 'queue-item.added').length === 1);
  const queueItemId = String(ofType(order, 'queue-item.added')[0]?.payload['simplyprint_queue_item_id']);
  const adds = (await product.farm()).calls['queue/AddItem'];
  // The reprint cannot be sent while AddItem is away; meanwhile a person revives the item by hand.
  await product.fault({ target: 'simplyprint', kind: 'error', operation: 'queue/AddItem', status: 503 });
  const job = await until(async () => (await product.farm()).jobs.find((each) => String(each['queue_item_id']) === queueItemId));
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  await product.control('POST', `/simplyprint/jobs/${job.id}/fail`);
  await product.control('POST', `/simplyprint/queue/${queueItemId}/revive`);
  await product.control('DELETE', '/faults');
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  expect((await product.farm()).calls['queue/AddItem']).toBe(adds);
}, 60_000);

it('an unmapped line lets the whole order wait, and its mapping releases it', async () => {
  await product.map('KNOWN');
  const id = await product.order([{ sku: 'KNOWN', quantity: 1 }, { sku: 'NOVELTY', quantity: 1 }]);
  const waiting = await product.oursWhen(id, (order) => JSON.stringify(order).includes('unmapped-lines'));
  expect(await prints(waiting)).toEqual([]);
  const inbox = z.object({ data: z.array(z.looseObject({ sku: z.string().nullable(), order_id: z.string() })) })
    .parse((await product.api('GET', '/api/v1/product-mappings/unmapped')).body);
  expect(inbox.data).toMatchObject([{ sku: 'NOVELTY', order_id: waiting.id }]);
  await product.map('NOVELTY');
  await product.fulfilled(id);
  const open = z.object({ data: z.array(z.looseObject({ kind: z.string(), order_id: z.string().nullable() })) })
    .parse((await product.api('GET', '/api/v1/attention')).body);
  expect(open.data.filter((item) => item.order_id === waiting.id)).toEqual([]);
}, 60_000);

it('of an order with several unmapped lines people see those that are unmapped still, and are told once', async () => {
  const id = await product.order([{ sku: 'CANOE', quantity: 1 }, { sku: 'PADDLE', quantity: 1 }]);
  const says = (words: string) => (order: OrderDetail) => order.attention.some((item) => String(item['message']).includes(`waits: ${words} no`));
  await product.oursWhen(id, says('CANOE, PADDLE have'));
  await product.map('CANOE');
  const left = await product.oursWhen(id, says('PADDLE has'));
  expect(left.timeline.filter((entry) => entry.type === 'order.needs-attention')).toHaveLength(1);
  await product.map('PADDLE');
  await product.fulfilled(id);
}, 60_000);

it('an order of lines that need no production is fulfilled when it is paid', async () => {
  await product.api('POST', '/api/v1/product-mappings', { sku: 'STICKER', kind: 'none' });
  const id = await product.order([{ sku: 'STICKER', quantity: 5 }]);
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  expect(await prints(await product.ours(id))).toEqual([]);
}, 60_000);

it('two locations are two fulfillments; gift cards and another service’s lines are left alone', async () => {
  await product.map('BOWL');
  const id = await product.order([
    { sku: 'BOWL', quantity: 2, location: 'Workshop' },
    { sku: 'BOWL', quantity: 3, location: 'City counter' },
    { sku: 'BOXED', quantity: 1, fulfillment_service: 'pack-and-post' },
    { sku: 'GIFT', quantity: 1, gift_card: true },
  ]);
  const order = await product.oursWhen(id, (each) => ofType(each, 'fulfillment.created').length >= 2);
  await product.settled();
  const shop = await product.shopOrder(id);
  const ours = shop.fulfillments.filter((each) => each.lines.some((line) => line.quantity > 1));
  expect(ours).toHaveLength(2);
  expect(await prints(order)).toHaveLength(5);
  const exclusions = Object.fromEntries(order.lines.map((line) => [line.sku, line.exclusion]));
  expect(exclusions).toMatchObject({ BOWL: null, BOXED: 'other_service', GIFT: 'gift_card' });
  expect(shop.fulfillment_orders.filter((each) => each.status === 'OPEN')).toHaveLength(1);
}, 60_000);

it('lines on hold are not started, and are made and fulfilled when the hold is released', async () => {
  await product.map('CLOCK');
  const id = await product.order([{ sku: 'CLOCK', quantity: 1 }], { hold: true });
  await until(async () => (await product.ours(id)).lines[0]?.wanted === 1);
  await product.settled();
  expect(await prints(await product.ours(id))).toEqual([]);
  await product.control('POST', `/orders/${id}/release`);
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('a fulfillment made by the merchant is taken over instead of made again', async () => {
  await product.map('FRAME');
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'FRAME', quantity: 1 }]);
  await product.oursWhen(id, (order) => order.production_status === 'PROCESSING');
  await product.control('POST', `/orders/${id}/fulfill`, { tracking: { number: '3SFORMA3D', company: 'PostNL' } });
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
  const order = await product.oursWhen(id, (each) => ofType(each, 'fulfillment.created').length === 1);
  expect(ofType(order, 'fulfillment.created')[0]?.payload).toMatchObject({ adopted: true, tracking_number: '3SFORMA3D' });
  expect((await product.shopOrder(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('an order with an id beyond exact numbers, no customer and no address goes the same way', async () => {
  await product.map('RING');
  const id = await product.order([{ sku: 'RING', quantity: 1 }], { id: '820982911946154508', customer: null, shipping_address: null });
  expect(id).toBe('820982911946154508');
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('thirty lines in one order are all made', async () => {
  for (let n = 0; n < 30; n += 1) await product.map(`MINI-${String(n)}`);
  const id = await product.order(Array.from({ length: 30 }, (_, n) => ({ sku: `MINI-${String(n)}`, quantity: 1 })));
  const shop = await product.fulfilled(id, { timeoutMs: 60_000 });
  expect(shop.fulfillments).toHaveLength(1);
  expect(await prints(await product.ours(id))).toHaveLength(30);
}, 90_000);

it('an order cancelled while it waits is neither printed further nor fulfilled', async () => {
  await product.map('CUP');
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'CUP', quantity: 10 }]);
  await product.oursWhen(id, (order) => order.production_status === 'PROCESSING');
  await product.control('POST', `/orders/${id}/cancel`);
  const order = await product.oursWhen(id, (each) => each.production_status === 'CANCELLED');
  await until(async () => (await prints(order)).every((print) => print.status !== 'QUEUED' && print.status !== 'PENDING'));
  await product.settled();
  expect((await product.shopOrder(id)).fulfillments).toEqual([]);
  const { queue } = await product.farm();
  expect(queue.filter((item) => item.left > 0)).toEqual([]);
}, 60_000);

it('an operator’s word completes a print, and the order goes on', async () => {
  await product.map('HOOK');
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'HOOK', quantity: 1 }]);
  const order = await product.oursWhen(id, (each) => each.production_status === 'PROCESSING');
  const [print] = await prints(order);
  const path = `/api/v1/print-jobs/${print?.id ?? ''}`;
  expect((await product.api('POST', `${path}/force-status`, { status: 'COMPLETED' })).status).toBe(422);
  expect((await product.api('POST', `${path}/force-status`, { status: 'COMPLETED', reason: 'printed by hand' })).status).toBe(200);
  expect((await product.api('GET', path)).body).toMatchObject({ status: 'COMPLETED' });
  expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('a print that an operator cancels leaves SimplyPrint before it counts as cancelled', async () => {
  await product.map('PEG');
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const id = await product.order([{ sku: 'PEG', quantity: 12 }]);
  const order = await product.oursWhen(id, (each) => each.production_status === 'PROCESSING');
  await product.settled();
  const queued = (await prints(order)).filter((print) => print.status === 'QUEUED');
  const before = (await product.farm()).queue.reduce((sum, item) => sum + item.left, 0);
  const one = queued.at(-1)?.id ?? '';
  expect((await product.api('POST', `/api/v1/print-jobs/${one}/cancel`)).status).toBe(200);
  await until(async () => (await prints(order)).find((print) => print.id === one)?.status === 'CANCELLED');
  expect((await product.farm()).queue.reduce((sum, item) => sum + item.left, 0)).toBe(before - 1);
}, 60_000);

it('an order that was fulfilled by force before it was mapped is not printed afterwards', async () => {
  const id = await product.order([{ sku: 'UNKNOWN-YET', quantity: 1 }]);
  const waiting = await product.oursWhen(id, (order) => JSON.stringify(order).includes('unmapped-lines'));
  expect((await product.api('POST', `/api/v1/fulfillments/order/${waiting.id}/force`, {})).status).toBe(200);
  const order = await product.oursWhen(id, (each) => each.attention.length === 0 && each.production_status === 'COMPLETED');
  await product.map('UNKNOWN-YET');
  await product.settled();
  expect(await prints(order)).toEqual([]);
  expect((await product.shopOrder(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('an order that the merchant fulfilled before we first looked is taken over, and nothing is printed for it', async () => {
  await product.map('EARLY');
  // Unpaid, it is not looked at: the merchant has all the time.
  const id = await product.order([{ sku: 'EARLY', quantity: 2 }], { paid: false });
  await until(async () => (await product.shopOrder(id)).fulfillment_orders.length > 0);
  await product.control('POST', `/orders/${id}/fulfill`, {});
  await product.control('POST', `/orders/${id}/pay`);
  const order = await product.oursWhen(id, (each) => each.fulfilled_at !== null);
  expect(order).toMatchObject({ production_status: 'COMPLETED' });
  expect(ofType(order, 'fulfillment.created')).toMatchObject([{ payload: { adopted: true } }]);
  await product.settled();
  expect(await prints(order)).toEqual([]);
  expect((await product.shopOrder(id)).fulfillments).toHaveLength(1);
}, 60_000);

it('everything done for an order carries one correlation id, from webhook to mail', async () => {
  await product.map('SPOON');
  await product.fault({ target: 'simplyprint', kind: 'fail-prints', count: 1 });
  const id = await product.order([{ sku: 'SPOON', quantity: 2 }]);
  await product.fulfilled(id);
  const order = await product.oursWhen(id, (each) => ofType(each, 'fulfillment.created').length === 1);
  const ids = await product.db.sql.rows(z.object({ correlation_id: z.string() }))`
    SELECT DISTINCT correlation_id FROM event WHERE order_id = ${order.id}`;
  expect(ids).toEqual([{ correlation_id: expect.stringMatching(/^wh-/) }]);
}, 60_000);
