import { EventLog } from '@forma3d/tasks';
import { useDatabase } from '@forma3d/testing';
import { Attention } from '../attention';
// How prints move is their own business; a test may put it together.
import type { PrintChange } from '../print-jobs/print-jobs.repository';
import { PrintMoves } from '../print-jobs/print-moves';
import { PrintReview } from '../print-jobs/print-review';
import { printWorld } from '../print-jobs/print-world.fixture';
import { alertedEvent, alertOf, type Alert } from './alerts';

const world = printWorld(useDatabase().url());
const { db, clock, prints, items, orders } = world;
const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
const attention = new Attention(db, events, clock);
const moves = new PrintMoves(prints, items, orders, events, attention, new PrintReview(events, attention, clock), clock);
afterAll(() => db.close());

/** The alerts that the tasks ask for which a change of a print makes. */
async function alertsOf(change: PrintChange, before: string[] = []): Promise<Alert[]> {
  const { storeId, orderId, id } = await world.queueItem();
  for (const sql of before) await db.query({ text: sql, values: [storeId] });
  await db.transaction('test.move', async (tx) => {
    const order = await orders.lock(tx, orderId);
    const [print] = await prints.ofQueueItem(tx, id);
    if (!order || !print) throw new Error('the order has no print');
    await moves.move(tx, order, print, change);
  });
  const told = await db.sql.rows(alertedEvent)`
    SELECT e.id, e.type, e.occurred_at, e.store_id, e.order_id, e.payload FROM event e
    JOIN retry_queue t ON t.type = 'ALERT' AND t.payload ->> 'event_id' = e.id::text WHERE e.store_id = ${storeId}`;
  return told.flatMap((event) => alertOf(event) ?? []);
}

it.each([
  ['fails and is not reprinted by itself', { status: 'FAILED', reason: 'out of filament' }, 'A print of order #1001 failed (out of filament). Retry it, or force its status.'],
  ['is cancelled or removed in SimplyPrint', { status: 'CANCELLED', reason: null }, 'A print of order #1001 was cancelled in SimplyPrint. Retry it, or force its status.'],
] as const)('a print that %s is told of once', async (_, change, message) => {
  const last = ['UPDATE print_job SET reprint_number = 1 WHERE store_id = $1'];
  expect(await alertsOf(change, last)).toEqual([{ kind: 'print-failed', message, details: [] }]);
});

it('a print that is reprinted by itself, that was asked back, or that nobody wants any more, is told of to nobody', async () => {
  expect(await alertsOf({ status: 'FAILED', reason: null })).toEqual([]);
  expect(await alertsOf({ status: 'CANCELLED', reason: null }, ['UPDATE print_job SET cancel_requested_at = now() WHERE store_id = $1'])).toEqual([]);
  expect(await alertsOf({ status: 'FAILED', reason: null }, ['UPDATE print_job SET wanted = false WHERE store_id = $1'])).toEqual([]);
});
