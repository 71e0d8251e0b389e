import { TASKS } from '@forma3d/contracts';
import { currentScope, Database } from '@forma3d/database';
import { OutsideError, newId } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';
import { done, giveUp, retry, snooze } from './outcome';

const engine = new Engine(useDatabase().url());
describe('outcomes', () => {
  it('done completes', async () => {
    await engine.enqueue();
    await engine.processor(() => done).drained();
    expect(await engine.only()).toMatchObject({ status: 'COMPLETED', attempt: 1, failures: 0 });
  });

  it('correct delay: retry uses an attempt and waits out the backoff', async () => {
    await engine.enqueue();
    await engine.processor(() => retry('not yet')).drained();
    const task = await engine.only();
    expect(task).toMatchObject({ status: 'PENDING', failures: 1, last_error: 'not yet' });
    const wait = task.due_at.getTime() - engine.clock.now().getTime();
    expect(wait).toBeGreaterThanOrEqual(900);
    expect(wait).toBeLessThanOrEqual(1_100);
  });

  it('retry honours a longer wait that was asked for', async () => {
    await engine.enqueue();
    await engine.processor(() => retry('not yet', 40_000)).drained();
    expect((await engine.only()).due_at.getTime()).toBe(engine.clock.now().getTime() + 40_000);
  });

  it('retry of what comes by the clock waits a minute at most, and is never the last', async () => {
    await engine.db.transaction('test.enqueue', (tx) => engine.events.enqueue(tx, { type: 'CATCH_UP', storeId: engine.storeId, payload: {} }));
    await engine.db.sql`UPDATE retry_queue SET failures = 100`;
    await engine.processor(() => retry('not yet')).drained();
    const task = await engine.only();
    expect(task).toMatchObject({ status: 'PENDING', failures: 101 });
    expect(task.due_at.getTime() - engine.clock.now().getTime()).toBe(60_000);
  });

  it('snooze uses no attempt', async () => {
    await engine.enqueue();
    await engine.processor(() => snooze('on hold', 5_000)).drained();
    expect(await engine.only()).toMatchObject({ status: 'PENDING', failures: 0, last_error: 'on hold' });
  });

  it('giving up ends as FAILED, told in the same transaction', async () => {
    await engine.enqueue();
    const told: string[] = [];
    await engine.processor(() => giveUp('never'), {
      failed: async (tx, task, reason) => { told.push(`${tx.name} ${task.type} ${reason}`); },
      onFailure: async (_tx, _task, reason, final) => { told.push(`${reason} ${String(final)}`); },
    }).drained();
    expect(told).toEqual(['tasks.fail FULFILLMENT never', 'never true']);
    expect(await engine.only()).toMatchObject({ status: 'FAILED', last_error: 'never' });
  });

  it('a failed task that was asked for again meanwhile starts anew, and nobody is told of a failure', async () => {
    const orderId = newId();
    await engine.enqueue(orderId);
    const told: string[] = [];
    let runs = 0;
    const processor = engine.processor(
      async () => {
        runs += 1;
        if (runs > 1) return done;
        await engine.enqueue(orderId);
        return giveUp('as it was');
      },
      { failed: (_tx, _task, reason) => { told.push(reason); return Promise.resolve(); } },
    );
    await processor.drained();
    expect({ runs, told }).toEqual({ runs: 2, told: [] });
    expect(await engine.only()).toMatchObject({ status: 'COMPLETED', failures: 0 });
  });

  it('a task whose failure cannot be told is not ended', async () => {
    await engine.enqueue();
    await engine.processor(() => giveUp('never'), { failed: () => Promise.reject(new Error('database full')) }).drained();
    expect(await engine.only()).toMatchObject({ status: 'PROCESSING' });
  });

  it('the last attempt that fails ends as FAILED', async () => {
    await engine.enqueue();
    const max = TASKS.FULFILLMENT.maxAttempts;
    let runs = 0;
    const failures: boolean[] = [];
    const failing = engine.processor(() => { runs += 1; throw new Error('broken'); }, {
      onFailure: async (_tx, _task, _reason, final) => { failures.push(final); },
    });
    for (let attempt = 0; attempt < max + 3; attempt += 1) {
      await failing.drained();
      engine.clock.advance(4_000_000);
    }
    expect(runs).toBe(max);
    expect(failures).toEqual([...Array.from({ length: max - 1 }, () => false), true]);
    expect(await engine.only()).toMatchObject({ status: 'FAILED', failures: max, last_error: 'broken' });
  });

  it.each([
    ['transient', 'PENDING', 1],
    ['unknown', 'PENDING', 1],
    ['throttled', 'PENDING', 0],
    ['refused', 'PENDING', 0],
    ['permanent', 'FAILED', 1],
  ] as const)('queue on transient failure, no retry on 4xx: an outside failure that is %s leaves the task %s', async (failure, status, failures) => {
    await engine.enqueue();
    await engine.processor(() => { throw new OutsideError({ system: 'shopify', failure, operation: 'x' }, 'why'); }).drained();
    expect(await engine.only()).toMatchObject({ status, failures, last_error: 'why' });
  });
});

describe('claiming', () => {
  it('rests after the queue could not be read, however often it is woken', async () => {
    const away = new Database({ url: 'postgresql://nobody@127.0.0.1:1/none', connectTimeoutMs: 500 });
    let troubles = 0;
    let told = (): void => undefined;
    const trouble = new Promise<void>((resolve) => { told = resolve; });
    const processor = engine.processor(() => done, {
      db: away,
      log: { trouble: () => { troubles += 1; told(); }, outcome: () => undefined },
    });
    processor.wake();
    await trouble;
    for (let wake = 0; wake < 20; wake += 1) {
      await new Promise((resolve) => setImmediate(resolve));
      processor.wake();
      await away.sql`SELECT 1`.catch(() => undefined);
    }
    expect(troubles).toBe(1);
    await processor.stop(0);
    await away.close();
  });

  it('runs what is due, oldest first, and nothing before its time', async () => {
    const seen: string[] = [];
    const [later, first, future] = [newId(), newId(), newId()];
    await engine.enqueue(later, new Date(engine.clock.now().getTime() - 1_000));
    await engine.enqueue(first, new Date(engine.clock.now().getTime() - 2_000));
    await engine.enqueue(future, new Date(engine.clock.now().getTime() + 1_000));
    const one = engine.processor((task) => { seen.push((task.payload as { order_id: string }).order_id); return done; }, { concurrency: 1 });
    await one.drained();
    expect(seen).toEqual([first, later]);
    engine.clock.advance(1_000);
    await one.drained();
    expect(seen).toEqual([first, later, future]);
  });

  it('shared by three processors runs each of 600 tasks once', async () => {
    await engine.db.transaction('test.enqueue', (tx) =>
      engine.events.enqueue(tx, ...Array.from({ length: 600 }, () => ({ type: 'FULFILLMENT' as const, storeId: engine.storeId, payload: { order_id: newId() } }))),
    );
    const runs = new Map<string, number>();
    const workers = [1, 2, 3].map(() =>
      engine.processor(async (task) => {
        await new Promise((resolve) => setImmediate(resolve));
        runs.set(task.id, (runs.get(task.id) ?? 0) + 1);
        return done;
      }, { concurrency: 7 }),
    );
    await Promise.all(workers.map((worker) => worker.drained()));
    expect(runs.size).toBe(600);
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
    expect(await engine.db.sql.rows(z.unknown())`SELECT 1 FROM retry_queue WHERE status <> 'COMPLETED'`).toEqual([]);
  });

  it('leaves alone what it has no handler for', async () => {
    await engine.db.transaction('test.enqueue', (tx) => engine.events.enqueue(tx, { type: 'CLEAN_UP', storeId: engine.storeId, payload: {} }));
    await engine.processor(() => done).drained();
    expect(await engine.only()).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  it('gives the handler the scope of what caused the task', async () => {
    const orderId = newId();
    let scope: ReturnType<typeof currentScope> | undefined;
    await engine.enqueue(orderId);
    await engine.processor(() => { scope = currentScope(); return done; }).drained();
    expect(scope).toMatchObject({ actor: 'system', task: { type: 'FULFILLMENT' }, transaction: null });
  });
});
