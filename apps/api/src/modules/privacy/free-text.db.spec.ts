import { EVENTS, type EventType } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import type { Task } from '@forma3d/tasks';
import { anOrder, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Inbox } from '../inbox';
import { ordersWorld } from '../orders/orders-world.fixture';
import { TakePrivacyRequest } from './take-privacy-request';

const world = ordersWorld(useDatabase().url());
const { db, clock, events, audit, attention, record } = world;
const inbox = new Inbox(db, events, clock);
const privacy = new TakePrivacyRequest(db, events, inbox, attention, clock, { log: () => undefined });
const SHOPIFY_ID = '1204';
const ADDRESS = { name: 'Jo Maring-O’Neill', company: 'Acme & Co.', address1: 'Dorpstraat 1', address2: null, zip: '9000', city: 'Gent', provinceCode: null, countryCode: 'BE', phone: null };

let storeId: string;
beforeEach(async () => {
  storeId = await world.store();
});
afterAll(() => db.close());

const aPrint = newId();

/** An order, about which `words` were written everywhere that words are written. */
async function written(words: string, change: Parameters<typeof anOrder>[0] = {}): Promise<string> {
  const { orderId } = await record.record(storeId, anOrder({ id: SHOPIFY_ID, name: '#1204', shippingAddress: ADDRESS, ...change }));
  const id = orderId ?? '';
  await db.transaction('test.words', async (tx) => {
    const about = { storeId, aggregateId: id, orderId: id };
    await audit.write(tx, { storeId, entity: 'order', entityId: id, action: 'noted', meta: { order_id: id, old_status: 'ready', changes: [{ reason: words }] } });
    await events.publish(tx, { ...about, type: 'fulfillment.failed', payload: { order_id: id, fulfillment_id: null, reason: words, will_retry: false } });
    await events.publish(tx, { ...about, type: 'order.status-changed', payload: { order_id: id, old_status: 'pending', new_status: 'accepted', fulfilment_type: 'pickup' } });
    await attention.open(tx, { storeId, kind: 'fulfillment-failed', subjectId: id, orderId: id, message: words, details: { error: words, print_job_id: aPrint } });
    await tx.sql`UPDATE orders SET cancel_reason = ${words} WHERE id = ${id}`;
    await tx.sql`UPDATE retry_queue SET last_error = ${words} WHERE order_id = ${id}`;
    await tx.sql`
      INSERT INTO shopify_cancellation (order_id, store_id, reason, state, requested_at, updated_at) VALUES (${id}, ${storeId}, ${words}, 'refused', now(), now())`;
  });
  return id;
}

async function redact(): Promise<void> {
  const key = newId();
  const body = Buffer.from(JSON.stringify({ customer: { id: 3001, email: 'jo@example.org' }, orders_to_redact: [Number(SHOPIFY_ID)] }));
  await inbox.store({ storeId, source: 'shopify', topic: 'customers/redact', dedupeKey: key, eventId: null, apiVersion: null, triggeredAt: null, body, correlationId: key });
  const { id } = await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM webhook_delivery WHERE dedupe_key = ${key}`;
  expect(await privacy.handle({ storeId, payload: { delivery_id: id } } as Task<'PRIVACY_REQUEST'>, new AbortController().signal)).toEqual({ kind: 'done' });
}

const left = z.object({ meta: z.unknown(), failed: z.unknown(), created: z.unknown(), moved: z.unknown(), message: z.string(), details: z.unknown(), cancelled: z.string(), asked: z.string(), errors: z.array(z.string()) });
const read = (orderId: string) => db.sql.one(left)`
  SELECT o.cancel_reason AS cancelled, a.message, a.details, c.reason AS asked,
    (SELECT meta FROM audit_log WHERE action = 'noted' AND entity_id = o.id::text) AS meta,
    (SELECT payload FROM event WHERE type = 'fulfillment.failed' AND order_id = o.id) AS failed,
    (SELECT payload FROM event WHERE type = 'order.created' AND order_id = o.id) AS created,
    (SELECT payload FROM event WHERE type = 'order.status-changed' AND order_id = o.id AND payload ->> 'fulfilment_type' = 'pickup') AS moved,
    ARRAY(SELECT DISTINCT last_error FROM retry_queue WHERE order_id = o.id) AS errors
  FROM orders o JOIN attention a ON a.order_id = o.id AND a.kind = 'fulfillment-failed' JOIN shopify_cancellation c ON c.order_id = o.id
  WHERE o.id = ${orderId}`;

/** What is left everywhere of `words`. */
async function leftOf(words: string, change: Parameters<typeof anOrder>[0] = {}): Promise<string> {
  const id = await written(words, change);
  await redact();
  const { cancelled, ...all } = await read(id);
  expect(all).toMatchObject({
    meta: { order_id: id, old_status: 'ready', changes: [{ reason: cancelled }] },
    failed: { order_id: id, reason: cancelled, will_retry: false, fulfillment_id: null },
    created: { order_id: id, name: '#1204', source: 'shopify' },
    moved: { order_id: id, fulfilment_type: 'pickup', new_status: 'accepted' },
    message: cancelled,
    details: { error: cancelled, print_job_id: aPrint },
    asked: cancelled,
    errors: [cancelled],
  });
  return cancelled;
}

describe('what people wrote and outside systems answered', () => {
  it.each([
    ['Phone of "Jo Peeters" is invalid: Ring twice', 'Phone of "[redacted]" is invalid: [redacted]'],
    ['Mrs Maring called, and PEETERS too', 'Mrs [redacted] called, and [redacted] too'],
    ['o’neill of ACME & CO. at dorpstraat  1', 'o’[redacted] of [redacted] at [redacted]'],
    ['Wrote from Jo@Example.org.', 'Wrote from [redacted].'],
    ['Peetersen is somebody else', 'Peetersen is somebody else'],
    ['CUSTOMER', 'CUSTOMER'],
  ])('%s', async (words, expected) => {
    expect(await leftOf(words, { note: 'Ring\ntwice' })).toBe(expected);
  });

  it.each([
    ['山田太郎様より取消', '[redacted]様より取消', { firstName: '太郎', lastName: '山田' }],
    ['请联系李雷先生', '请联系[redacted]先生', { firstName: '', lastName: '李雷' }],
  ])('%s, in a script without spaces', async (words, expected, name) => {
    const shippingAddress = { ...ADDRESS, name: name.lastName === '李雷' ? '李雷' : '山田太郎' };
    expect(await leftOf(words, { customer: { id: '3001', email: null, phone: null, ...name }, shippingAddress })).toBe(expected);
  });

  it('loses what the shop says by now of the customer too, also where the snapshot names nobody', async () => {
    const id = await written('Mrs Nieuwenhuis of nieuw@example.org, +32479001122', { customer: null, email: null, phone: null, shippingAddress: null, note: null });
    await db.sql`UPDATE order_header SET customer_name = 'Jo Nieuwenhuis', customer_email = 'Nieuw@example.org', customer_phone = '+32479001122' WHERE store_id = ${storeId}`;
    await redact();
    expect((await read(id)).cancelled).toBe('Mrs [redacted] of [redacted], [redacted]');
  });

  // Words of JSON, of the product's own, and of its ids.
  it.each(['null', 'true', 'pickup', 'order', 'accepted', '1204', '\\', '{"', '(', '.*', 'uuid'])('by a customer whose note is %s loses that word alone', async (note) => {
    const uuid = '0193f3a0-1204-7c1a-9d2e-3f4a5b6c7d8e';
    expect(await leftOf(`#1204 (${uuid}, gid://shopify/Order/1204) said: ${note}`, { note, shippingAddress: { ...ADDRESS, address2: '1204' } })).toBe(
      `#1204 (${uuid}, gid://shopify/Order/1204) said: ${note.length < 3 ? note : '[redacted]'}`,
    );
  });

  it('is found in a note as long as Shopify takes one', async () => {
    const note = Array.from({ length: 500 }, (_, n) => `Wörd-${String(n)}`).join(' ').slice(0, 5_000);
    expect(await leftOf(`They wrote: ${note}!`, { note })).toBe('They wrote: [redacted]!');
  });

  it('leaves what was sold as it is called, whatever the customer is called', async () => {
    const id = await written('For Mrs Mug', { customer: { id: '3001', email: null, firstName: 'Red', lastName: 'Mug', phone: null } });
    await redact();
    const line = await db.sql.one(z.object({ title: z.string(), sku: z.string() }))`SELECT title, sku FROM line_item WHERE order_id = ${id}`;
    expect([line, (await read(id)).cancelled]).toEqual([{ title: 'Mug', sku: 'MUG-RED' }, 'For Mrs [redacted]']);
  });
});

test('every field of an event that may hold any text is either free of words of people, or redacted', async () => {
  const open = (schema: z.core.$ZodType): boolean => {
    const { def } = (schema as z.ZodType)._zod as unknown as { def: { type: string; format?: string; innerType?: z.core.$ZodType; element?: z.core.$ZodType } };
    const inner = def.innerType ?? def.element;
    return inner ? open(inner) : def.type === 'string' && def.format === undefined;
  };
  const fields = (Object.keys(EVENTS) as EventType[]).flatMap((type) => Object.entries(EVENTS[type].shape as Record<string, z.ZodType>).filter(([, schema]) => open(schema)).map(([field]) => field));
  const { redacted } = await db.sql.one(z.object({ redacted: z.array(z.string()) }))`SELECT free_text_fields() AS redacted`;
  expect([...new Set(fields)].filter((field) => !redacted.includes(field)).sort()).toEqual([
    'changes', 'channel', 'file_name', 'kind', 'name', 'printer', 'provider', 'shop_domain', 'shopify_fulfillment_id', 'simplyprint_queue_item_id',
    'sku', 'source', 'task_type', 'topics', 'tracking_number', 'variant_id',
  ]);
});
