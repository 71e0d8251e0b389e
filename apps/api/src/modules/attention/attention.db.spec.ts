import { attentionQuery } from '@forma3d/contracts';
import { Database, withScope } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { encodeCursor } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { FakeClock, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Attention, type NewAttention } from './attention';
import { AttentionController } from './attention.controller';
import { Audit } from './audit';

const db = new Database({ url: useDatabase().url() });
const clock = new FakeClock();
const attention = new Attention(db, new EventLog({ clock, wake: () => undefined, deliver: () => undefined }), clock);
const audit = new Audit(clock);
afterAll(() => db.close());

const item = (storeId: string, change: Partial<NewAttention> = {}): NewAttention => ({
  storeId,
  kind: 'unmapped-lines',
  subjectId: 'subject',
  message: 'MUG-RED has no product mapping.',
  ...change,
});
const open = (what: NewAttention) => db.transaction('test.open', (tx) => attention.open(tx, what));
const close = (what: NewAttention) => db.transaction('test.close', (tx) => attention.close(tx, what));
const told = async (storeId: string): Promise<number> =>
  (await db.sql.rows(z.object({}))`SELECT FROM event WHERE store_id = ${storeId} AND type = 'order.needs-attention'`).length;

test('what is open already is opened once and told once, also by ten at the same moment', async () => {
  const storeId = newId();
  await Promise.all(Array.from({ length: 10 }, () => open(item(storeId))));
  expect(await attention.list(storeId, 10)).toHaveLength(1);
  expect(await told(storeId)).toBe(1);
});

test('what is open says what was said of it last, and is told once', async () => {
  const storeId = newId();
  await open(item(storeId, { message: 'A, B have no product mapping.', details: { lines: ['A', 'B'] } }));
  const [first] = await attention.list(storeId, 10);
  await open(item(storeId, { message: 'B has no product mapping.', details: { lines: ['B'] } }));
  expect(await attention.list(storeId, 10)).toEqual([{ ...first, message: 'B has no product mapping.', details: { lines: ['B'] } }]);
  expect(await told(storeId)).toBe(1);
});

test('what was cured can come back, and is told again', async () => {
  const storeId = newId();
  await open(item(storeId));
  expect(await close(item(storeId))).toBe(true);
  expect(await attention.list(storeId, 10)).toEqual([]);
  expect(await close(item(storeId))).toBe(false);
  await open(item(storeId));
  expect(await told(storeId)).toBe(2);
});

test('it is undone with the change that caused it', async () => {
  const storeId = newId();
  const failing = db.transaction('test', async (tx) => {
    await attention.open(tx, item(storeId));
    throw new Error('the change failed');
  });
  await expect(failing).rejects.toThrow('the change failed');
  expect(await attention.list(storeId, 10)).toEqual([]);
});

test('the list is of one store, newest first, page by page', async () => {
  const storeId = newId();
  await open(item(newId()));
  for (const subjectId of ['a', 'b', 'c']) await open(item(storeId, { subjectId, details: { of: subjectId } }));
  const controller = new AttentionController(attention);
  const first = await controller.list(storeId, { limit: 2 });
  expect(first.data.map((each) => each.subject_id)).toEqual(['c', 'b']);
  expect(first.data[0]).toMatchObject({ details: { of: 'c' }, opened_at: clock.now().toISOString(), order_name: null });
  const second = await controller.list(storeId, { limit: 2, cursor: first.pagination.next_cursor ?? '' });
  expect(second).toMatchObject({ data: [{ subject_id: 'a' }], pagination: { has_more: false, next_cursor: null } });
  await expect(controller.list(storeId, { limit: 2, cursor: encodeCursor('no id') })).rejects.toMatchObject({ code: 'invalid' });
});

test('the list is filtered by kind, order and time, and counted', async () => {
  const [storeId, orderId] = [newId(), newId()];
  await db.sql`
    INSERT INTO store (id, handle, name, time_zone, currency, produce_orders_from, updated_at)
    VALUES (${storeId}, ${storeId}, 'Store', 'Europe/Brussels', 'EUR', now(), now())`;
  await open(item(storeId, { orderId }));
  await open(item(storeId, { orderId, kind: 'print-failed' }));
  clock.advance(86_400_000);
  await open(item(storeId, { subjectId: 'later' }));
  const controller = new AttentionController(attention);
  const found = async (query: Record<string, unknown>) => (await controller.list(storeId, attentionQuery.parse(query))).data.length;
  expect(await found({ kind: 'unmapped-lines' })).toBe(2);
  expect(await found({ order_id: orderId })).toBe(2);
  expect(await found({ from: '2026-11-03' })).toBe(1);
  expect(await found({ to: '2026-11-02' })).toBe(2);
  expect(attentionQuery.safeParse({ kind: 'nothing' }).success).toBe(false);
  expect(await controller.counts(storeId)).toEqual({
    total: 3,
    orders: 1,
    kinds: [
      { kind: 'unmapped-lines', count: 2, oldest_at: '2026-11-02T09:00:00.000Z' },
      { kind: 'print-failed', count: 1, oldest_at: '2026-11-02T09:00:00.000Z' },
    ],
  });
});

test('the items of one order are found', async () => {
  const [storeId, orderId] = [newId(), newId()];
  await open(item(storeId, { orderId }));
  await open(item(storeId, { subjectId: 'other' }));
  expect(await attention.ofOrder(storeId, orderId)).toHaveLength(1);
  expect(await attention.ofOrder(newId(), orderId)).toEqual([]);
});

test('the audit says who did what in which chain of causes', async () => {
  const storeId = newId();
  await withScope({ actor: 'jo@example.org', correlationId: 'wh-1' }, () =>
    db.transaction('test', (tx) => audit.write(tx, { storeId, entity: 'order', entityId: 'o-1', action: 'forced', meta: { reason: 'x' } })),
  );
  const row = await db.sql.one(z.object({ actor: z.string(), correlation_id: z.string(), action: z.string(), meta: z.unknown(), created_at: z.date() }))`
    SELECT actor, correlation_id, action, meta, created_at FROM audit_log WHERE store_id = ${storeId}`;
  expect(row).toEqual({ actor: 'jo@example.org', correlation_id: 'wh-1', action: 'forced', meta: { reason: 'x' }, created_at: clock.now() });
});
