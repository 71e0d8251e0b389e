import { newId } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { aFarm } from '../print-jobs/print-world.fixture';
import { cancellationWorld } from './cancellation-world.fixture';

const world = cancellationWorld(useDatabase().url());
const { db, record, signal } = world;
afterAll(() => db.close());

/** A farm that has one queue item, of which it holds `left` prints that nobody started. */
function aQueue() {
  const held = { left: 0, added: 0, slowly: (): Promise<void> => Promise.resolve() };
  const farm = aFarm({
    addItem: async ({ amount }) => {
      held.added += 1;
      held.left = amount;
      await held.slowly();
      return { queueItemId: String(held.added), noteFailure: null };
    },
    listQueue: () => Promise.resolve(held.left === 0 ? [] : [{ id: String(held.added), filename: 'pot', filesystemId: null, left: held.left, printed: 0, group: null, note: null, marker: null }]),
    listJobs: () => Promise.resolve({ jobs: [], pages: 1 }),
    listPrinters: () => Promise.resolve([]),
    deleteItem: () => {
      held.left = 0;
      return Promise.resolve();
    },
  });
  return { held, farm };
}

describe('cancelling an order', () => {
  it('cancel queued: prints that have not started keep their status, as asked back, until SimplyPrint has confirmed', async () => {
    const order = await world.planned(2);
    const { held, farm } = aQueue();
    const [item = ''] = await order.queueItems();
    await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', order.storeId, { queue_item_id: item }), signal);
    expect(await order.cancel()).toEqual({
      order_id: order.orderId, status: 'cancelled', production_status: 'CANCELLED',
      cancelled_jobs: 0, requested_jobs: 2, flagged_jobs: 0, already_completed_jobs: 0, shopify: null, shopify_error: null,
    });
    expect(await order.prints()).toEqual(['QUEUED', 'QUEUED']);
    expect(held.left).toBe(2);
    expect(await order.tasks()).toContain('CANCELLATION');
    expect(await world.trimmer(farm).handle(world.task('CANCELLATION', order.storeId, { queue_item_id: item }), signal)).toEqual({ kind: 'done' });
    expect(held.left).toBe(0);
    expect(await order.cancel()).toMatchObject({ cancelled_jobs: 2, requested_jobs: 0 });
  });

  it('completed left: finished prints are reported and stay as they are, printing ones are flagged', async () => {
    const order = await world.planned(3);
    await db.sql`
      UPDATE print_job SET status = CASE position WHEN 1 THEN 'COMPLETED' WHEN 2 THEN 'PRINTING' ELSE 'QUEUED' END
      FROM (SELECT id, row_number() OVER (ORDER BY id) AS position FROM print_job WHERE order_id = ${order.orderId}) AS nth WHERE print_job.id = nth.id`;
    expect(await order.cancel()).toMatchObject({ cancelled_jobs: 0, requested_jobs: 1, flagged_jobs: 1, already_completed_jobs: 1 });
    expect(await order.prints()).toEqual(['COMPLETED', 'PRINTING', 'QUEUED']);
    expect(await order.open()).toEqual(['cancellation-needs-review']);
    expect(await order.told('cancellation.needs-review')).toHaveLength(1);
    // The task that the event makes finds nothing left to do.
    await order.plan(1, 3);
    expect(await order.told('cancellation.needs-review')).toHaveLength(1);
    expect(await order.prints()).toEqual(['COMPLETED', 'PRINTING', 'QUEUED']);
  });

  it('is audited with its reason, told once, and changes nothing the second time', async () => {
    const order = await world.planned();
    await order.cancel({ reason: 'Out of filament.' });
    await order.cancel({ reason: 'Again.' });
    expect(await order.row()).toMatchObject({ status: 'cancelled', cancelReason: 'Out of filament.', productionStatus: 'CANCELLED' });
    expect((await order.told('order.cancelled')).map((payload) => JSON.parse(payload) as unknown)).toEqual([{ order_id: order.orderId, reason: 'Out of filament.' }]);
    expect((await order.audited()).filter((action) => action === 'cancelled')).toHaveLength(1);
  });

  it('takes up again, when asked again, what was given up on before SimplyPrint confirmed it', async () => {
    const order = await world.planned(2);
    await order.cancel();
    await db.sql`UPDATE retry_queue SET status = 'FAILED' WHERE order_id = ${order.orderId}`;
    await order.cancel();
    await order.cancel();
    expect(await order.tasks()).toEqual(['CANCELLATION']); // one for its queue item of two
    await db.sql`UPDATE retry_queue SET status = 'DISCARDED' WHERE order_id = ${order.orderId}`;
    await db.sql`
      UPDATE print_job SET status = 'PRINTING', simplyprint_job_id = id::text, stop_requested_at = now() WHERE order_id = ${order.orderId}`;
    await order.cancel();
    expect(await order.tasks()).toEqual(['PRINT_STOP', 'PRINT_STOP']);
    // Each time that there was something to take up is a step of that person.
    expect((await order.audited()).filter((action) => action === 'cancellation-pursued')).toHaveLength(2);
  });

  it('tells the person when a part of it was fulfilled before', async () => {
    const order = await world.planned();
    await db.sql`UPDATE orders SET shopify_fulfillment_id = '4711' WHERE id = ${order.orderId}`;
    await order.cancel();
    await order.cancel();
    expect(await order.open()).toEqual(['cancelled-but-fulfilled']);
    await order.acknowledge();
    expect(await order.open()).toEqual([]);
  });

  it('goes on offering what else a fulfilled order may become, and is let once the fulfillment is cancelled in Shopify', async () => {
    const order = await world.planned();
    const facts = { shopifyFulfillmentId: '4711', trackingNumber: null, trackingUrl: null, trackingCompany: null, complete: true };
    await db.transaction('test.fulfilled', (tx) => world.orders.recordFulfilled(tx, order.orderId, facts));
    await expect(order.cancel()).rejects.toMatchObject({ details: { allowed_transitions: ['packing', 'shipped'] } });
    await db.transaction('test.unfulfilled', (tx) => world.orders.recordUnfulfilled(tx, order.orderId, { shopifyId: '1', trackingNumber: null, trackingUrl: null, trackingCompany: null }, undefined));
    expect(await order.cancel()).toMatchObject({ status: 'cancelled' });
    expect(await order.open()).toEqual([]);
  });

  it('closes what needed a person while there was something to make', async () => {
    const order = await world.planned();
    await db.sql`
      INSERT INTO attention (id, store_id, kind, subject_id, order_id, message, opened_at)
      VALUES (gen_random_uuid(), ${order.storeId}, 'unmapped-lines', ${order.orderId}, ${order.orderId}, '', now())`;
    await order.cancel();
    expect(await order.open()).toEqual([]);
  });

  it.each([
    ['fulfilled', `fulfilled_at = now()`, 'The order is fulfilled already.'],
    ['shipped', `status = 'shipped'`, 'An order that is shipped cannot be cancelled.'],
    ['delivered', `status = 'delivered'`, 'An order that is delivered cannot be cancelled.'],
  ])('is refused when it is %s, with its state', async (_name, change, words) => {
    const order = await world.planned();
    await db.pool.query(`UPDATE orders SET ${change} WHERE id = $1`, [order.orderId]);
    await expect(order.cancel()).rejects.toMatchObject({ code: 'cancellation-not-allowed', message: words, details: { production_status: 'PENDING' } });
    expect((await order.row()).cancelledAt).toBeNull();
    expect(await order.told('order.cancelled')).toEqual([]);
  });

  it('is refused for an order that is not there, or not of this store', async () => {
    const { orderId, storeId } = await world.planned();
    for (const [store, order] of [[newId(), orderId], [storeId, newId()]] as const) {
      await expect(world.cancelling.cancel(store, order, { reason: 'not mine', cancel_in_shopify: false })).rejects.toMatchObject({ code: 'order-not-found' });
      await expect(world.cancelling.acknowledge(store, order)).rejects.toMatchObject({ code: 'order-not-found' });
    }
  });
});

describe('at the same moment', () => {
  const ROUNDS = 5;

  it('ten who cancel, and Shopify, cancel it once', async () => {
    const order = await world.planned();
    const said = { ...world.asTold(9), cancelledAt: new Date('2026-11-02T10:00:00Z'), cancelReason: 'customer' };
    const [, ...answers] = await Promise.all([record.record(order.storeId, said), ...Array.from({ length: 10 }, () => order.cancel())]);
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set(['cancelled']));
    expect(await order.told('order.cancelled')).toHaveLength(1);
    expect((await order.audited()).filter((action) => action === 'status-changed')).toHaveLength(2); // accepted, cancelled
    expect(new Set(await order.prints())).toEqual(new Set(['PENDING']));
  });

  it('a cancellation and the start of its prints end with nothing in the queue and nothing called done too early', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await world.planned(2);
      const { held, farm } = aQueue();
      const [item = ''] = await order.queueItems();
      // In every second round the cancellation comes while SimplyPrint takes the item.
      held.slowly = round % 2 === 0 ? async () => void (await order.cancel()) : () => Promise.resolve();
      const start = world.adder(farm).handle(world.task('PRINT_JOB_CREATION', order.storeId, { queue_item_id: item }), signal);
      await Promise.all([start, order.cancel()]);
      await order.cancel();
      if (held.added > 0 && held.left > 0) expect(new Set(await order.prints())).toEqual(new Set(['QUEUED']));
      await world.trimmer(farm).handle(world.task('CANCELLATION', order.storeId, { queue_item_id: item }), signal);
      expect(held.left).toBe(0);
      expect(await order.cancel()).toMatchObject({ cancelled_jobs: 2, requested_jobs: 0, flagged_jobs: 0 });
    }
  });

  it('a cancellation and an edit that adds units end with nothing wanted, whichever comes first', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await world.planned(2);
      const edit = async () => {
        await record.record(order.storeId, { ...world.asTold(30, 5), fulfillmentOrders: null });
        await order.plan(30, 5);
      };
      await Promise.all(round % 2 === 0 ? [edit(), order.cancel()] : [order.cancel(), edit()]);
      await order.plan(31, 5);
      const { wanted } = await db.transaction('test.read', async (tx) => ({ wanted: await world.prints.slots(tx, order.orderId) }));
      expect(wanted).toEqual([]);
      expect(await order.row()).toMatchObject({ status: 'cancelled', productionStatus: 'CANCELLED', printsWanted: 0 });
      const counts = await order.cancel();
      expect(counts.requested_jobs).toBe((await order.prints()).length);
    }
  });

  it('a cancellation and the end of the last print are either ready and then cancelled, or never ready', async () => {
    for (let round = 0; round < ROUNDS; round += 1) {
      const order = await world.planned(1);
      const [print] = await world.prints.ofQueueItem(db, (await order.queueItems())[0] ?? '');
      const finish = world.operator.forceStatus(order.storeId, print?.id ?? '', { status: 'COMPLETED', reason: 'it is done' });
      await Promise.all([finish, order.cancel()]);
      expect(await order.row()).toMatchObject({ status: 'cancelled', productionStatus: 'CANCELLED' });
      expect(await order.prints()).toEqual(['COMPLETED']);
      expect(await order.cancel()).toMatchObject({ already_completed_jobs: 1 });
    }
  });
});
