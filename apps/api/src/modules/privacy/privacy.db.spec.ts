import { newId } from '@forma3d/kernel';
import type { Task } from '@forma3d/tasks';
import { anOrder, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Inbox } from '../inbox';
import { ordersWorld } from '../orders/orders-world.fixture';
import { AnswerDataRequest } from './answer-data-request';
import { ExportPersonalData } from './export-personal-data';
import { PrivacyRequests } from './privacy-requests';
import { redactBatch } from './privacy.repository';
import { TakePrivacyRequest } from './take-privacy-request';

const world = ordersWorld(useDatabase().url());
const { db, clock, events, audit, attention, record } = world;
const inbox = new Inbox(db, events, clock);
const requests = new PrivacyRequests(db);
const exporter = new ExportPersonalData(db, requests, inbox, audit, clock);
const answers = new AnswerDataRequest(db, requests, attention, audit, clock);
const privacy = new TakePrivacyRequest(db, events, inbox, attention, clock, { log: () => undefined });
const signal = new AbortController().signal;
const JO = { id: 3001, email: 'Jo@Example.org', phone: null };

let storeId: string;
beforeEach(async () => {
  storeId = await world.store();
});
afterAll(() => db.close());

async function deliver(topic: string, body: unknown): Promise<string> {
  const key = newId();
  await inbox.store({ storeId, source: 'shopify', topic, dedupeKey: key, eventId: null, apiVersion: null, triggeredAt: null, body: Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), correlationId: key });
  return (await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM webhook_delivery WHERE dedupe_key = ${key}`).id;
}
const taskOf = (deliveryId: string) => ({ storeId, payload: { delivery_id: deliveryId } }) as Task<'PRIVACY_REQUEST'>;
const ask = async (topic: string, body: unknown) => privacy.handle(taskOf(await deliver(topic, body)), signal);
const redactJo = (orders: number[] = []) => ask('customers/redact', { shop_id: 1, shop_domain: 'x', customer: JO, orders_to_redact: orders });
const order = async (id: string, change: Parameters<typeof anOrder>[0] = {}) => {
  const { orderId } = await record.record(storeId, anOrder({ id, name: `#${id}`, note: 'Ring twice', ...change }));
  await deliver('orders/create', { id: Number(id), email: change.email ?? 'jo@example.org', note: 'Ring twice' });
  return orderId ?? '';
};
const customers = () => db.sql.rows(z.object({ id: z.string(), customer: z.unknown(), shipping_address: z.unknown(), note: z.string().nullable() }))`
  SELECT shopify_id AS id, customer, shipping_address, note FROM orders WHERE store_id = ${storeId} ORDER BY shopify_id`;
const bodies = async () => (await db.sql.rows(z.object({ body: z.instanceof(Buffer) }))`SELECT body FROM webhook_delivery WHERE store_id = ${storeId} ORDER BY id`).map(({ body }) => body.toString());
const audited = async () => (await db.sql.rows(z.object({ action: z.string(), meta: z.unknown() }))`SELECT action, meta FROM audit_log WHERE store_id = ${storeId} AND entity = 'privacy_request'`);
const told = async () => (await db.sql.rows(z.object({ payload: z.unknown() }))`SELECT payload FROM event WHERE store_id = ${storeId} AND type = 'privacy.redacted'`).map((each) => each.payload);
const somebodyElse = { customer: { id: '4', email: 'an@example.org', firstName: 'An', lastName: 'Claes', phone: null }, email: 'an@example.org' } as const;

describe('a request to redact a customer', () => {
  it('takes the data out of all orders, whether Shopify names them or not, and leaves those of others', async () => {
    await order('11');
    await order('12', { customer: null, email: 'JO@example.org' });
    await order('13', somebodyElse);
    await order('14', { customer: null, email: null, shippingAddress: null, note: 'For Jo' });
    expect(await redactJo([14])).toEqual({ kind: 'done' });
    const gone = { customer: null, shipping_address: null, note: null };
    expect(await customers()).toEqual([{ id: '11', ...gone }, { id: '12', ...gone }, expect.objectContaining({ id: '13', note: 'Ring twice' }), { id: '14', ...gone }]);
    expect(await told()).toEqual([expect.objectContaining({ kind: 'customer_redact', orders: 3, deliveries: 3 })]);
    expect((await bodies()).filter((body) => body.includes('example.org'))).toEqual([expect.stringContaining('an@example.org')]);
  });

  it('is done once, however often and by however many it is worked off', async () => {
    await order('11');
    const id = await deliver('customers/redact', { customer: JO, orders_to_redact: [] });
    await Promise.all([1, 2, 3].map(() => privacy.handle(taskOf(id), signal)));
    expect(await privacy.handle(taskOf(id), signal)).toEqual({ kind: 'done' });
    expect([await audited(), await told()]).toEqual([[{ action: 'customer-redact', meta: { orders: 1, deliveries: 1 } }], [expect.anything()]]);
    // The request itself named the customer.
    expect((await bodies()).join('').toLowerCase()).not.toContain('jo@example.org');
  });

  it('goes on where a process died, in batches of any size, and finds what came meanwhile', async () => {
    for (const id of ['11', '12', '13', '14', '15']) await order(id);
    const id = await deliver('customers/redact', { customer: JO, orders_to_redact: [] });
    expect(await privacy.handle(taskOf(id), AbortSignal.abort())).toMatchObject({ kind: 'snooze' });
    const request = (await requests.list(storeId, 1))[0]?.id ?? '';
    const batch = () => db.transaction('test.redact', (tx) => redactBatch(tx, request, JO.email, 2, clock.now()));
    for (let n = 0; n < 5; n += 1) expect(await batch()).toEqual({ whole: false });
    await order('16');
    expect(await privacy.handle(taskOf(id), signal)).toEqual({ kind: 'done' });
    expect((await customers()).every((each) => each.customer === null)).toBe(true);
    expect(await batch()).toEqual({ whole: true });
  });

  it('lets work that still waits for a delivery be done: what is left says whom to ask about', async () => {
    for (const [topic, body] of [
      ['orders/updated', { id: 11, customer: JO }],
      ['orders/edited', { order_edit: { order_id: 11 }, customer: JO }],
      ['refunds/create', { id: 5, order_id: 11, email: 'jo@example.org' }],
      ['fulfillments/create', { id: 6, order_id: 11, email: 'jo@example.org', destination: { address1: 'Dorpstraat 1' } }],
      ['orders/paid', '{"id": 11, "email": "Jo@Example.org", '],
      ['bulk_operations/finish', { status: 'completed' }],
    ] as const) await deliver(topic, body);
    await redactJo([11]);
    const left = '{"id": "11", "order_id": "11", "redacted": true, "order_edit": {"order_id": "11"}}';
    // One of the two that say nothing any more is the request. What came in the same millisecond has no order.
    expect((await bodies()).sort()).toEqual([left, left, left, left, '{"redacted": true}', '{"redacted": true}', '{"status":"completed"}']);
  });

  it('keeps the mirror without the customer, whoever reports the order later; its figures go on', async () => {
    await order('11');
    await redactJo();
    await record.record(storeId, anOrder({ id: '11', updatedAt: new Date('2026-11-03T09:00:00Z'), currentTotalCents: 2_000 }));
    const header = await db.sql.one(z.object({ customer_id: z.string().nullable(), customer_name: z.string().nullable(), customer_email: z.string().nullable(), current_total_cents: z.coerce.number() }))`
      SELECT customer_id, customer_name, customer_email, current_total_cents FROM order_header WHERE store_id = ${storeId}`;
    expect(header).toEqual({ customer_id: null, customer_name: null, customer_email: null, current_total_cents: 2_000 });
  });

  it('leaves everything else as unchangeable as it was', async () => {
    const orderId = await order('11', somebodyElse);
    await redactJo();
    await expect(db.sql`UPDATE orders SET note = 'other' WHERE id = ${orderId}`).rejects.toMatchObject({ code: '23001' });
    await expect(
      db.transaction('test.after', async (tx) => {
        const { id } = await tx.sql.one(z.object({ id: z.string() }))`SELECT id FROM privacy_request WHERE store_id = ${storeId}`;
        await tx.sql`UPDATE privacy_request SET step = 'find', completed_at = NULL WHERE id = ${id}`;
        await redactBatch(tx, id, null, 10, clock.now());
        await tx.sql`UPDATE orders SET note = 'other' WHERE id = ${orderId}`;
      }),
    ).rejects.toMatchObject({ code: '23001' });
  });

  it('goes on when its delivery is gone, by the ids that were noted of it', async () => {
    await order('11');
    await order('14', { ...somebodyElse, note: 'For Jo' });
    await order('13', somebodyElse);
    const id = await deliver('customers/redact', { customer: JO, orders_to_redact: [14] });
    expect(await privacy.handle(taskOf(id), AbortSignal.abort())).toMatchObject({ kind: 'snooze' });
    await db.sql`DELETE FROM webhook_delivery WHERE id = ${id}`;
    expect(await privacy.handle(taskOf(id), signal)).toEqual({ kind: 'done' });
    expect((await customers()).map((each) => [each.id, each.customer === null])).toEqual([['11', true], ['13', false], ['14', true]]);
    expect(await told()).toEqual([expect.objectContaining({ orders: 2 })]);
    // Nothing says whom another one was about: a person must know that it was not done.
    expect(await privacy.handle(taskOf(newId()), signal)).toMatchObject({ kind: 'giveUp', why: expect.stringContaining('by hand') as string });
  });

  it('that is none is given up, without what it holds', async () => {
    const outcome = await ask('customers/redact', { customer: 'Jo Peeters' });
    expect(outcome).toMatchObject({ kind: 'giveUp' });
    expect(JSON.stringify(outcome)).not.toContain('Peeters');
  });
});

test('a shop that is redacted keeps its figures and no customer', async () => {
  await order('11');
  await order('12', somebodyElse);
  expect(await ask('shop/redact', { shop_id: 1, shop_domain: 'x' })).toEqual({ kind: 'done' });
  expect((await customers()).map((each) => each.customer)).toEqual([null, null]);
  expect(await told()).toEqual([expect.objectContaining({ kind: 'shop_redact', orders: 2, deliveries: 2 })]);
  const { n } = await db.sql.one(z.object({ n: z.coerce.number() }))`SELECT sum(total_cents) AS n FROM order_header WHERE store_id = ${storeId} AND redacted_at IS NOT NULL`;
  expect(n).toBe(7_000);
});

describe('a request for data', () => {
  it('is put before a person, and holds what is held of the customer alone', async () => {
    await order('11');
    await order('13', somebodyElse);
    const id = await deliver('customers/data_request', { customer: JO, orders_requested: [11], data_request: { id: 9 } });
    await Promise.all([privacy.handle(taskOf(id), signal), privacy.handle(taskOf(id), signal)]);
    const [request, another] = await requests.list(storeId, 2);
    expect([request, another]).toEqual([expect.objectContaining({ kind: 'data_request', customer_id: '3001', shopify_order_ids: ['11'] }), undefined]);
    expect(await attention.list(storeId, 10)).toMatchObject([{ kind: 'data-request', subject_id: request?.id }]);
    const data = await exporter.export(storeId, request?.id ?? '');
    expect(data.orders).toEqual([expect.objectContaining({ shopify_id: '11', note: 'Ring twice', customer: expect.objectContaining({ name: 'Jo Peeters' }) as unknown })]);
    expect(data.deliveries.map((each) => each['topic'])).toEqual(['orders/create', 'customers/data_request']);
    expect(JSON.stringify(data)).not.toContain('an@example.org');
    expect(await audited()).toEqual([{ action: 'exported', meta: { orders: 1, deliveries: 2 } }]);
    await answers.answered(storeId, request?.id ?? '');
    await answers.answered(storeId, request?.id ?? '');
    expect([await attention.list(storeId, 10), (await audited()).length]).toEqual([[], 2]);
  });

  it('of a customer who was redacted before it was worked off is no request any more', async () => {
    const id = await deliver('customers/data_request', { customer: JO, orders_requested: [] });
    await redactJo();
    expect(await privacy.handle(taskOf(id), signal)).toEqual({ kind: 'done' });
    expect((await requests.list(storeId, 5)).map((each) => each.kind)).toEqual(['customer_redact']);
  });
});
