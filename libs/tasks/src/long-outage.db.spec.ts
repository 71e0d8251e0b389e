import { newId } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';
import { done, retry } from './outcome';

const HOUR_MS = 3_600_000;
const TASKS_AT_ONCE = 100;

const engine = new Engine(useDatabase().url());
const dueRow = z.object({ id: z.string(), due_at: z.date() });
const pending = () => engine.db.sql.rows(dueRow)`SELECT id, due_at FROM retry_queue WHERE status = 'PENDING' AND type = 'FULFILLMENT' ORDER BY due_at`;

/** An outside system that is away for four hours from the moment at which a hundred orders become ready. */
it('after four hours everything is done by itself, in due order and spread out, and other work never waited', async () => {
  const start = engine.clock.now().getTime();
  const isAway = () => engine.clock.now().getTime() < start + 4 * HOUR_MS;
  const doneInTurn: string[] = [];
  const others: number[] = [];
  const processor = engine.processor((task) => {
    if (task.type === 'CATCH_UP') {
      others.push(engine.clock.now().getTime());
      return done;
    }
    if (isAway()) return retry('Shopify answered 503');
    doneInTurn.push(task.id);
    return done;
  });
  await engine.db.transaction('test.enqueue', (tx) =>
    engine.events.enqueue(tx, ...Array.from({ length: TASKS_AT_ONCE }, () => ({ type: 'FULFILLMENT' as const, storeId: engine.storeId, payload: { order_id: newId() } }))),
  );

  const asked: number[] = [];
  while (isAway()) {
    if (asked.length < 8 && engine.clock.now().getTime() >= start + (asked.length * HOUR_MS) / 2) {
      asked.push(engine.clock.now().getTime());
      await engine.db.transaction('test.enqueue', (tx) => engine.events.enqueue(tx, { type: 'CATCH_UP', storeId: engine.storeId, payload: {} }));
    }
    await processor.drained();
    const [next] = await pending();
    const now = engine.clock.now().getTime();
    engine.clock.set(new Date(Math.min(start + 4 * HOUR_MS, Math.max(next?.due_at.getTime() ?? now, now + 20_000))));
  }
  expect(others).toEqual(asked);

  const waiting = await pending();
  expect(waiting).toHaveLength(TASKS_AT_ONCE);
  const minutes = new Map<number, number>();
  for (const { due_at: due } of waiting) minutes.set(Math.floor(due.getTime() / 60_000), (minutes.get(Math.floor(due.getTime() / 60_000)) ?? 0) + 1);
  // They failed together, and come back over many minutes: jitter adds up.
  expect(Math.max(...minutes.values())).toBeLessThanOrEqual(TASKS_AT_ONCE / 4);
  const { most } = await engine.db.sql.one(z.object({ most: z.number() }))`SELECT max(failures) AS most FROM retry_queue`;
  expect(most).toBeLessThan(20);

  // Some were due in the last moments of the outage: their turn is at its end.
  const turnOf = new Map(waiting.map(({ id, due_at: due }) => [id, Math.max(due.getTime(), start + 4 * HOUR_MS)]));
  for (const turn of turnOf.values()) {
    engine.clock.set(new Date(turn));
    await processor.drained();
  }
  expect(doneInTurn.map((id) => turnOf.get(id))).toEqual([...turnOf.values()]);
  // The longest wait is an hour, and a tenth of it.
  expect(engine.clock.now().getTime()).toBeLessThanOrEqual(start + 5.1 * HOUR_MS);
  expect(await engine.db.sql`SELECT FROM retry_queue WHERE status <> 'COMPLETED'`).toBe(0);
}, 120_000);
