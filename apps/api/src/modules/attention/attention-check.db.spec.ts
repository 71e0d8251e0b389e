import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import type { Logger } from '@forma3d/platform';
import { done, EventLog, type Task } from '@forma3d/tasks';
import { FakeClock, useDatabase } from '@forma3d/testing';
import { Attention } from './attention';
import { AttentionCheck } from './attention-check';
import { AttentionController } from './attention.controller';

const HOUR_MS = 3_600_000;
const db = new Database({ url: useDatabase().url() });
const clock = new FakeClock();
const attention = new Attention(db, new EventLog({ clock, wake: () => undefined, deliver: () => undefined }), clock);
const enqueue = jest.fn<Promise<boolean>, [string, Date, unknown]>();
const logger = { log: jest.fn(), error: jest.fn() } as unknown as Logger;
const check = new AttentionCheck(db, attention, { enqueue }, { attentionAfterMs: { onHold: 72 * HOUR_MS, noProgress: 48 * HOUR_MS } }, clock, logger);
afterAll(() => db.close());

let storeId: string;
beforeEach(() => {
  storeId = newId();
});

const ago = (hours: number): Date => new Date(clock.now().getTime() - hours * HOUR_MS);
const look = () => check.handle({ storeId } as Task<'ATTENTION_CHECK'>);
const open = async () => (await attention.list(storeId, 100)).map(({ kind, order_name: order, message }) => ({ kind, order, message }));
const kinds = async () => (await open()).map(({ kind }) => kind);

interface Left {
  paidAgo?: number | null;
  status?: string;
  production?: string;
  unitsWanted?: number;
  planned?: boolean;
}

/** A paid order that was planned, and of which nothing more was heard. */
async function order({ paidAgo = 100, status = 'accepted', production = 'PROCESSING', unitsWanted = 1, planned = true }: Left = {}): Promise<string> {
  const id = newId();
  const paidAt = paidAgo === null ? null : ago(paidAgo);
  await db.sql`
    INSERT INTO orders (id, store_id, source, public_id, name, placed_at, test, currency, total_cents, subtotal_cents, tax_cents, discount_cents,
      shipping_cents, status, fulfilment_type, paid_at, production_status, planned_at, units_wanted, created_at, updated_at)
    VALUES (${id}, ${storeId}, 'shopify', ${id}, '#1001', ${ago(100)}, false, 'EUR', 0, 0, 0, 0,
      0, ${status}, 'shipping', ${paidAt}, ${production}, ${planned ? paidAt : null}, ${unitsWanted}, ${ago(100)}, ${ago(100)})`;
  return id;
}

const happened = (orderId: string, type: string, hoursAgo: number) => db.sql`
  INSERT INTO event (id, type, version, severity, occurred_at, store_id, aggregate_id, order_id, actor, payload)
  VALUES (${newId()}, ${type}, 1, 'INFO', ${ago(hoursAgo)}, ${storeId}, ${orderId}, ${orderId}, 'system', '{}')`;
const line = (orderId: string, heldAgo: number) => db.sql`
  INSERT INTO line_item (id, store_id, order_id, position, title, quantity, unit_price_cents, discount_cents, tax_cents, requires_shipping, gift_card, tip, current_quantity, wanted, held, held_since)
  VALUES (${newId()}, ${storeId}, ${orderId}, 1, 'Mug', 1, 0, 0, 0, true, false, false, 1, 1, 1, ${ago(heldAgo)})`;
const fulfillment = (orderId: string, phase: string, sinceAgo: number) => db.sql`
  INSERT INTO fulfillment (id, store_id, order_id, provider, phase, generation, created_at, updated_at)
  VALUES (${newId()}, ${storeId}, ${orderId}, 'shopify', ${phase}, 1, ${ago(sinceAgo)}, ${ago(sinceAgo)})`;

describe('a paid order without progress', () => {
  it('is shown after the hours that are set, once, with how far it has come', async () => {
    const id = await order();
    await happened(id, 'print-job.status-changed', 49);
    await look();
    await look();
    expect(await open()).toEqual([{ kind: 'order-stalled', order: '#1001', message: 'Order #1001 is paid and has made no progress for 48 hours: its prints do not end.' }]);
    expect(await db.sql`SELECT FROM event WHERE store_id = ${storeId} AND type = 'order.needs-attention'`).toBe(1);
  });

  it.each([
    ['PENDING', 'nothing has been sent to the printers'],
    ['COMPLETED', 'nothing is fulfilled'],
  ])('that is %s says so', async (production, words) => {
    await order({ production, planned: production !== 'PENDING' });
    await look();
    expect((await open())[0]?.message).toContain(words);
  });

  it('is shown no longer once it goes on, and again when it stops again', async () => {
    const id = await order();
    await look();
    expect(await kinds()).toEqual(['order-stalled']);
    await happened(id, 'print-job.completed', 0);
    await look();
    expect(await kinds()).toEqual([]);
    clock.advance(49 * HOUR_MS);
    await look();
    expect(await kinds()).toEqual(['order-stalled']);
  });

  it('has made none by being told of', async () => {
    const id = await order();
    for (const type of ['order.needs-attention', 'alert.sent', 'fulfillment.retrying', 'task.failed']) await happened(id, type, 1);
    await look();
    expect(await kinds()).toEqual(['order-stalled']);
  });

  it('is none when something was printed, or it was paid, lately', async () => {
    await order({ paidAgo: 47 });
    const printing = await order();
    await db.sql`
      WITH item AS (
        INSERT INTO queue_item (id, store_id, order_id, line_item_id, part_name, file_id, amount, state, created_at)
        VALUES (${newId()}, ${storeId}, ${printing}, ${newId()}, 'pot', 'f', 1, 'ADDED', ${ago(90)}) RETURNING id)
      INSERT INTO print_job (id, store_id, order_id, line_item_id, queue_item_id, created_at, updated_at)
      SELECT ${newId()}, ${storeId}, ${printing}, ${newId()}, id, ${ago(90)}::timestamptz, ${ago(2)}::timestamptz FROM item`;
    await look();
    expect(await kinds()).toEqual([]);
  });

  it('is none when it is not paid, waits for its customer, is over, or has nothing for us to make', async () => {
    await order({ paidAgo: null });
    await order({ status: 'ready' });
    await order({ status: 'completed' });
    await order({ unitsWanted: 0 });
    await db.sql`UPDATE orders SET fulfilled_at = ${ago(1)} WHERE id = ${await order()}`;
    await db.sql`UPDATE orders SET cancelled_at = ${ago(1)} WHERE id = ${await order()}`;
    await look();
    expect(await kinds()).toEqual([]);
  });

  it('is not shown beside what it waits for, but when that is gone', async () => {
    const id = await order();
    const item = { storeId, kind: 'print-failed', subjectId: 'p-1', orderId: id, message: 'A print failed.' } as const;
    await db.transaction('test', (tx) => attention.open(tx, item));
    await line(await order(), 1);
    await fulfillment(await order(), 'on_hold', 1);
    await look();
    expect(await kinds()).toEqual(['print-failed']);
    await db.transaction('test', (tx) => attention.close(tx, item));
    await look();
    expect(await kinds()).toEqual(['order-stalled']);
  });
});

describe('an order on hold', () => {
  it('is shown after the hours that are set, before and after production, and no longer once it is released', async () => {
    const [before, after] = [await order(), await order()];
    await line(before, 73);
    await fulfillment(after, 'on_hold', 73);
    await line(await order(), 71);
    await look();
    expect(await kinds()).toEqual(['order-on-hold', 'order-on-hold']);
    expect((await open())[0]?.message).toBe('Order #1001 has been on hold or scheduled in Shopify for 72 hours. Release it there, or cancel it.');
    await db.sql`UPDATE line_item SET held = 0, held_since = NULL WHERE order_id = ${before}`;
    await db.sql`UPDATE fulfillment SET phase = 'processing' WHERE order_id = ${after}`;
    await db.sql`UPDATE orders SET paid_at = ${clock.now()} WHERE store_id = ${storeId}`;
    await look();
    expect(await kinds()).toEqual([]);
  });

  it('that is cancelled needs nobody', async () => {
    const id = await order();
    await line(id, 100);
    await look();
    await db.sql`UPDATE orders SET cancelled_at = ${clock.now()}, status = 'cancelled' WHERE id = ${id}`;
    await look();
    expect(await kinds()).toEqual([]);
  });
});

it('what a cancellation or a fulfillment has overtaken is closed; of other orders it stays', async () => {
  const [cancelled, fulfilled, other] = [await order({ paidAgo: 1 }), await order({ paidAgo: 1 }), await order({ paidAgo: 1 })];
  for (const orderId of [cancelled, fulfilled, other]) {
    await db.transaction('test', (tx) => attention.openMany(tx, [
      { storeId, kind: 'fulfillment-failed', subjectId: orderId, orderId, message: 'x' },
      { storeId, kind: 'unmapped-lines', subjectId: orderId, orderId, message: 'x' },
    ]));
  }
  await db.sql`UPDATE orders SET cancelled_at = ${clock.now()} WHERE id = ${cancelled}`;
  await db.sql`UPDATE orders SET fulfilled_at = ${clock.now()} WHERE id = ${fulfilled}`;
  await look();
  expect((await attention.list(storeId, 100)).map(({ kind, order_id: id }) => `${kind} ${id ?? ''}`).sort()).toEqual([
    `fulfillment-failed ${other}`, `unmapped-lines ${fulfilled}`, `unmapped-lines ${other}`,
  ].sort());
});

it('many are opened at once, and told each', async () => {
  for (let n = 0; n < 60; n += 1) await order();
  expect(await look()).toEqual(done);
  expect(await new AttentionController(attention).counts(storeId)).toMatchObject({ total: 60, orders: 60, kinds: [{ kind: 'order-stalled', count: 60 }] });
  expect(await db.sql`SELECT FROM event WHERE store_id = ${storeId} AND type = 'order.needs-attention'`).toBe(60);
});

it('is looked for once in five minutes, and a tick that fails is logged', async () => {
  enqueue.mockResolvedValue(true);
  await check.onApplicationBootstrap();
  clock.advance(61_000);
  await check.tick();
  const slots = enqueue.mock.calls.map(([name, slot]) => `${name} ${slot.toISOString()}`);
  expect(new Set(slots).size).toBeLessThanOrEqual(2);
  for (const slot of slots) expect(slot).toMatch(/^attention-check .*:[0-5][05]:00\.000Z$/);
  enqueue.mockRejectedValue(new Error('no database'));
  await check.tick();
  expect(jest.mocked(logger.error)).toHaveBeenCalledTimes(1);
});
