import { OutsideError } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, prints, operator } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

const lost = aFarm({
  addItem: () => Promise.reject(new OutsideError({ system: 'simplyprint', failure: 'unknown', operation: 'queue/AddItem' }, 'no answer')),
});

/** Two prints of one queue item of which nobody could find out whether SimplyPrint has it. */
async function unclear() {
  const { storeId, orderId, id } = await world.queueItem(2);
  const task = world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id });
  const adder = world.adder(lost);
  await adder.handle(task, signal);
  await db.transaction('test.fail', (tx) => adder.failed(tx, task, 'queue items 5, 6 in SimplyPrint could each be it'));
  const [first, second] = await prints.ofQueueItem(db, id);
  if (!first || !second) throw new Error('the item has no two prints');
  const isOpen = async (): Promise<boolean> =>
    (await db.sql.rows(z.unknown())`SELECT 1 FROM attention WHERE order_id = ${orderId} AND kind = 'queue-item-unclear' AND closed_at IS NULL`).length === 1;
  expect(await isOpen()).toBe(true);
  return {
    storeId,
    first: first.id,
    second: second.id,
    isOpen,
    force: (printId: string, status: 'COMPLETED' | 'CANCELLED') => operator.forceStatus(storeId, printId, { status, reason: 'Looked at in SimplyPrint.' }),
    replay: () => db.transaction('test.replay', (tx) => adder.replayed(tx, task)),
    cancelOrder: () =>
      db.transaction('test.cancel', async (tx) => {
        const order = await world.orders.lock(tx, orderId);
        if (!order) throw new Error('the order is gone');
        await world.cancelProduction.of(tx, await world.orders.cancel(tx, order, { at: world.clock.now(), reason: 'test' }));
      }),
  };
}

it('needs nobody any more when each of its prints was retried or given a status', async () => {
  const { storeId, first, second, isOpen, force } = await unclear();
  await force(first, 'COMPLETED');
  expect(await isOpen()).toBe(true);
  await operator.retry(storeId, second);
  expect(await isOpen()).toBe(false);
});

it('of a cancelled order may still be printed: it stays until a person says of one of its prints what became of it', async () => {
  const { first, isOpen, force, cancelOrder } = await unclear();
  await cancelOrder();
  expect(await isOpen()).toBe(true);
  await force(first, 'CANCELLED');
  expect(await isOpen()).toBe(false);
});

it('is not added once more, unseen, when its task is tried again', async () => {
  const { isOpen, replay } = await unclear();
  await expect(replay()).rejects.toMatchObject({ code: 'conflict' });
  expect(await isOpen()).toBe(true);
});
