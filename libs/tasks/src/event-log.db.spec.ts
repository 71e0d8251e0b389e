import { newId } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';
import { done, retry, snooze } from './outcome';

const engine = new Engine(useDatabase().url());
const ORDER = newId();

describe('publishing', () => {
  const ready = (orderId: string) =>
    ({ type: 'order.ready-for-fulfillment', storeId: engine.storeId, aggregateId: orderId, orderId, payload: { order_id: orderId, generation: 1 } }) as const;

  it('writes the event and its tasks in the transaction of the change, and wakes after it', async () => {
    const orderId = newId();
    await engine.db.transaction('test.publish', async (tx) => {
      await engine.events.publish(tx, ready(orderId));
      expect(engine.wakes).toBe(0);
      expect(engine.delivered).toEqual([]);
    });
    expect(engine.wakes).toBe(1);
    expect(engine.delivered).toEqual(['order.ready-for-fulfillment']);
    const stored = await engine.db.sql.one(z.object({ type: z.string(), order_id: z.string(), event_id: z.string(), severity: z.string() }))`
      SELECT t.type, t.order_id, t.event_id, e.severity FROM retry_queue t JOIN event e ON e.id = t.event_id`;
    expect(stored).toMatchObject({ type: 'FULFILLMENT', order_id: orderId, severity: 'INFO' });
  });

  it('leaves neither event nor task nor wake-up when the change is undone', async () => {
    const undone = engine.db.transaction('test.publish', async (tx) => {
      await engine.events.publish(tx, ready(newId()));
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await engine.tasks()).toEqual([]);
    expect(await engine.db.sql.rows(z.unknown())`SELECT 1 FROM event`).toEqual([]);
    expect(engine.wakes).toBe(0);
    expect(engine.delivered).toEqual([]);
  });

  it('refuses a payload that the contract does not know', async () => {
    const wrong = { ...ready(newId()), payload: { order_id: 'no uuid', generation: 1 } };
    await expect(engine.db.transaction('test.publish', (tx) => engine.events.publish(tx, wrong))).rejects.toThrow();
  });

  it('makes one task of many events of one order', async () => {
    const orderId = newId();
    await engine.db.transaction('test.publish', (tx) => engine.events.publish(tx, ready(orderId), ready(orderId)));
    await engine.db.transaction('test.publish', (tx) => engine.events.publish(tx, ready(orderId)));
    expect(await engine.tasks()).toHaveLength(1);
  });
});

describe('the same thing asked for again', () => {
  it('while it waits is nothing new', async () => {
    await engine.enqueue(ORDER);
    await engine.enqueue(ORDER);
    expect(await engine.tasks()).toMatchObject([{ status: 'PENDING', again: false }]);
  });

  it('while it runs makes it run once more, and only once', async () => {
    let runs = 0;
    const running = engine.processor(async () => {
      runs += 1;
      if (runs === 1) await Promise.all([engine.enqueue(ORDER), engine.enqueue(ORDER)]);
      return done;
    });
    await engine.enqueue(ORDER);
    await running.drained();
    expect(runs).toBe(2);
    expect(await engine.only()).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  });

  it('brings a snoozed task forward, but not one that backs off after a failure', async () => {
    const first = engine.processor((task) => ((task.payload as { order_id: string }).order_id === snoozing ? snooze('waits', 60_000) : retry('failed', 60_000)));
    const [snoozing, failing] = [newId(), newId()];
    await engine.enqueue(snoozing);
    await engine.enqueue(failing);
    await first.drained();
    await engine.enqueue(snoozing);
    await engine.enqueue(failing);
    const due = await engine.db.sql.rows(z.object({ due: z.boolean(), snoozed: z.boolean() }))`
      SELECT due_at <= ${engine.clock.now()} AS due, snoozed FROM retry_queue ORDER BY snoozed DESC`;
    expect(due).toEqual([{ due: true, snoozed: true }, { due: false, snoozed: false }]);
  });

  it('by a hundred transactions at once is one task', async () => {
    await Promise.all(Array.from({ length: 100 }, () => engine.enqueue(ORDER)));
    expect(await engine.tasks()).toHaveLength(1);
  });
});

describe('what many ask for at once', () => {
  const ask = () => engine.events.askFor(engine.db, { type: 'FULFILLMENT', storeId: engine.storeId, payload: { order_id: ORDER }, dedupeKey: ORDER });
  /** Holds the row of the open task as a worker or another asker would. */
  const whileLocked = (work: () => Promise<void>) => engine.db.transaction('test.hold', async (tx) => {
    await tx.sql`SELECT id FROM retry_queue FOR UPDATE`;
    await work();
  });

  it('is asked for once, and nobody waits for another who asks', async () => {
    await ask();
    await whileLocked(ask);
    expect(await engine.tasks()).toHaveLength(1);
    expect(engine.wakes).toBe(1);
  });

  it('runs once more when it has begun, and comes forward when it was snoozed', async () => {
    let runs = 0;
    const running = engine.processor(async () => {
      runs += 1;
      if (runs === 1) await Promise.all([ask(), ask()]);
      return runs < 3 ? snooze('waits', 60_000) : done;
    });
    await ask();
    await running.drained();
    await ask();
    await running.drained();
    expect(runs).toBe(3);
    expect(await engine.only()).toMatchObject({ status: 'COMPLETED' });
  });
});

describe('what a person asks for at once', () => {
  const hasten = (key: string) => engine.db.transaction('test.hasten', (tx) => engine.events.hasten(tx, 'FULFILLMENT', key));

  it('need not wait for the time that a failure put it off to, and wakes the processor', async () => {
    const failing = engine.processor(() => retry('failed', 60_000));
    await engine.enqueue(ORDER);
    await failing.drained();
    const wakes = engine.wakes;
    await hasten(ORDER);
    expect(await engine.only()).toMatchObject({ status: 'PENDING', failures: 1, due_at: engine.clock.now() });
    expect(engine.wakes).toBe(wakes + 1);
  });

  it('leaves what is due as it is, and what is about something else', async () => {
    const [due, later] = [new Date(engine.clock.now().getTime() - 1_000), new Date(engine.clock.now().getTime() + 60_000)];
    await engine.enqueue(ORDER, due);
    await engine.enqueue(newId(), later);
    await hasten(ORDER);
    expect((await engine.tasks()).map((task) => task.due_at)).toEqual([due, later]);
  });
});
