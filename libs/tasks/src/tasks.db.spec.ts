import { TASKS, type TaskType } from '@forma3d/contracts';
import { currentScope, Database, type Tx } from '@forma3d/database';
import { newId, OutsideError } from '@forma3d/kernel';
import { FakeClock, until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { disagreements, done, EventLog, giveUp, Processor, retry, snooze, type Outcome, type ProcessorOptions, type Task } from './index';
import { Queue } from './queue';

const { url } = useDatabase();
const db = new Database({ url: url(), max: 12 });
const clock = new FakeClock();
const storeId = newId();
const processors: Processor[] = [];
let wakes = 0;
const delivered: string[] = [];
const events = new EventLog({ clock, wake: () => { wakes += 1; }, deliver: (event) => delivered.push(event.type) });

beforeEach(async () => {
  await db.sql`TRUNCATE retry_queue, event`;
  wakes = 0;
  delivered.length = 0;
});
afterEach(async () => {
  await Promise.all(processors.splice(0).map((processor) => processor.stop(0)));
});
afterAll(() => db.close());

type Handle = (task: Task, signal: AbortSignal) => Promise<Outcome> | Outcome;

function processor(handle: Handle, more: Partial<ProcessorOptions> & { failed?: (tx: Tx, task: Task, reason: string) => Promise<void> } = {}): Processor {
  const { failed, ...options } = more;
  const handler = { handle: async (task: Task, signal: AbortSignal) => handle(task, signal), ...(failed ? { failed } : {}) };
  const made = new Processor({
    db,
    clock,
    worker: `test-${String(processors.length)}`,
    handlers: new Map<TaskType, typeof handler>([['FULFILLMENT', handler], ['CATCH_UP', handler]]),
    pollMs: 3_600_000,
    ...options,
  });
  processors.push(made);
  return made;
}

const row = z.object({
  status: z.string(), attempt: z.number(), failures: z.number(), last_error: z.string().nullable(), due_at: z.date(), again: z.boolean(),
});
const tasks = () => db.sql.rows(row)`SELECT * FROM retry_queue ORDER BY id`;
const only = () => db.sql.one(row)`SELECT * FROM retry_queue`;
const enqueue = (orderId = newId(), dueAt?: Date) =>
  db.transaction('test.enqueue', (tx) =>
    events.enqueue(tx, { type: 'FULFILLMENT', storeId, payload: { order_id: orderId }, dedupeKey: orderId, ...(dueAt ? { dueAt } : {}) }),
  );
const ORDER = newId();

describe('publishing', () => {
  const ready = (orderId: string) =>
    ({ type: 'order.ready-for-fulfillment', storeId, aggregateId: orderId, orderId, payload: { order_id: orderId, generation: 1 } }) as const;

  it('writes the event and its tasks in the transaction of the change, and wakes after it', async () => {
    const orderId = newId();
    await db.transaction('test.publish', async (tx) => {
      await events.publish(tx, ready(orderId));
      expect(wakes).toBe(0);
      expect(delivered).toEqual([]);
    });
    expect(wakes).toBe(1);
    expect(delivered).toEqual(['order.ready-for-fulfillment']);
    const stored = await db.sql.one(z.object({ type: z.string(), order_id: z.string(), event_id: z.string(), severity: z.string() }))`
      SELECT t.type, t.order_id, t.event_id, e.severity FROM retry_queue t JOIN event e ON e.id = t.event_id`;
    expect(stored).toMatchObject({ type: 'FULFILLMENT', order_id: orderId, severity: 'INFO' });
  });

  it('leaves neither event nor task nor wake-up when the change is undone', async () => {
    const undone = db.transaction('test.publish', async (tx) => {
      await events.publish(tx, ready(newId()));
      throw new Error('no');
    });
    await expect(undone).rejects.toThrow('no');
    expect(await tasks()).toEqual([]);
    expect(await db.sql.rows(z.unknown())`SELECT 1 FROM event`).toEqual([]);
    expect(wakes).toBe(0);
    expect(delivered).toEqual([]);
  });

  it('refuses a payload that the contract does not know', async () => {
    const wrong = { ...ready(newId()), payload: { order_id: 'no uuid', generation: 1 } };
    await expect(db.transaction('test.publish', (tx) => events.publish(tx, wrong))).rejects.toThrow();
  });

  it('makes one task of many events of one order', async () => {
    const orderId = newId();
    await db.transaction('test.publish', (tx) => events.publish(tx, ready(orderId), ready(orderId)));
    await db.transaction('test.publish', (tx) => events.publish(tx, ready(orderId)));
    expect(await tasks()).toHaveLength(1);
  });
});

describe('the same thing asked for again', () => {
  it('while it waits is nothing new', async () => {
    await enqueue(ORDER);
    await enqueue(ORDER);
    expect(await tasks()).toMatchObject([{ status: 'PENDING', again: false }]);
  });

  it('while it runs makes it run once more, and only once', async () => {
    let runs = 0;
    const running = processor(async () => {
      runs += 1;
      if (runs === 1) await Promise.all([enqueue(ORDER), enqueue(ORDER)]);
      return done;
    });
    await enqueue(ORDER);
    await running.drained();
    expect(runs).toBe(2);
    expect(await only()).toMatchObject({ status: 'COMPLETED', attempt: 2 });
  });

  it('brings a snoozed task forward, but not one that backs off after a failure', async () => {
    const first = processor((task) => ((task.payload as { order_id: string }).order_id === snoozing ? snooze('waits', 60_000) : retry('failed', 60_000)));
    const [snoozing, failing] = [newId(), newId()];
    await enqueue(snoozing);
    await enqueue(failing);
    await first.drained();
    await enqueue(snoozing);
    await enqueue(failing);
    const due = await db.sql.rows(z.object({ due: z.boolean(), snoozed: z.boolean() }))`
      SELECT due_at <= ${clock.now()} AS due, snoozed FROM retry_queue ORDER BY snoozed DESC`;
    expect(due).toEqual([{ due: true, snoozed: true }, { due: false, snoozed: false }]);
  });

  it('by a hundred transactions at once is one task', async () => {
    await Promise.all(Array.from({ length: 100 }, () => enqueue(ORDER)));
    expect(await tasks()).toHaveLength(1);
  });
});

describe('outcomes', () => {
  it('done completes', async () => {
    await enqueue();
    await processor(() => done).drained();
    expect(await only()).toMatchObject({ status: 'COMPLETED', attempt: 1, failures: 0 });
  });

  it('retry uses an attempt and waits out the backoff', async () => {
    await enqueue();
    await processor(() => retry('not yet')).drained();
    const task = await only();
    expect(task).toMatchObject({ status: 'PENDING', failures: 1, last_error: 'not yet' });
    const wait = task.due_at.getTime() - clock.now().getTime();
    expect(wait).toBeGreaterThanOrEqual(900);
    expect(wait).toBeLessThanOrEqual(1_100);
  });

  it('retry honours a longer wait that was asked for', async () => {
    await enqueue();
    await processor(() => retry('not yet', 40_000)).drained();
    expect((await only()).due_at.getTime()).toBe(clock.now().getTime() + 40_000);
  });

  it('snooze uses no attempt', async () => {
    await enqueue();
    await processor(() => snooze('on hold', 5_000)).drained();
    expect(await only()).toMatchObject({ status: 'PENDING', failures: 0, last_error: 'on hold' });
  });

  it('giving up ends as FAILED, told in the same transaction', async () => {
    await enqueue();
    const told: string[] = [];
    await processor(() => giveUp('never'), {
      failed: async (tx, task, reason) => { told.push(`${tx.name} ${task.type} ${reason}`); },
      onFailure: async (_tx, _task, reason, final) => { told.push(`${reason} ${String(final)}`); },
    }).drained();
    expect(told).toEqual(['tasks.fail FULFILLMENT never', 'never true']);
    expect(await only()).toMatchObject({ status: 'FAILED', last_error: 'never' });
  });

  it('a task whose failure cannot be told is not ended', async () => {
    await enqueue();
    await processor(() => giveUp('never'), { failed: () => Promise.reject(new Error('database full')) }).drained();
    expect(await only()).toMatchObject({ status: 'PROCESSING' });
  });

  it('the last attempt that fails ends as FAILED', async () => {
    await enqueue();
    const max = TASKS.FULFILLMENT.maxAttempts;
    let runs = 0;
    const failures: boolean[] = [];
    const failing = processor(() => { runs += 1; throw new Error('broken'); }, {
      onFailure: async (_tx, _task, _reason, final) => { failures.push(final); },
    });
    for (let attempt = 0; attempt < max + 3; attempt += 1) {
      await failing.drained();
      clock.advance(4_000_000);
    }
    expect(runs).toBe(max);
    expect(failures).toEqual([...Array.from({ length: max - 1 }, () => false), true]);
    expect(await only()).toMatchObject({ status: 'FAILED', failures: max, last_error: 'broken' });
  });

  it.each([
    ['transient', 'PENDING', 1],
    ['unknown', 'PENDING', 1],
    ['throttled', 'PENDING', 0],
    ['refused', 'PENDING', 0],
    ['permanent', 'FAILED', 1],
  ] as const)('an outside failure that is %s leaves the task %s', async (failure, status, failures) => {
    await enqueue();
    await processor(() => { throw new OutsideError({ system: 'shopify', failure, operation: 'x' }, 'why'); }).drained();
    expect(await only()).toMatchObject({ status, failures, last_error: 'why' });
  });
});

describe('claiming', () => {
  it('runs what is due, oldest first, and nothing before its time', async () => {
    const seen: string[] = [];
    const [later, first, future] = [newId(), newId(), newId()];
    await enqueue(later, new Date(clock.now().getTime() - 1_000));
    await enqueue(first, new Date(clock.now().getTime() - 2_000));
    await enqueue(future, new Date(clock.now().getTime() + 1_000));
    const one = processor((task) => { seen.push((task.payload as { order_id: string }).order_id); return done; }, { concurrency: 1 });
    await one.drained();
    expect(seen).toEqual([first, later]);
    clock.advance(1_000);
    await one.drained();
    expect(seen).toEqual([first, later, future]);
  });

  it('shared by three processors runs each of 600 tasks once', async () => {
    await db.transaction('test.enqueue', (tx) =>
      events.enqueue(tx, ...Array.from({ length: 600 }, () => ({ type: 'FULFILLMENT' as const, storeId, payload: { order_id: newId() } }))),
    );
    const runs = new Map<string, number>();
    const workers = [1, 2, 3].map(() =>
      processor(async (task) => {
        await new Promise((resolve) => setImmediate(resolve));
        runs.set(task.id, (runs.get(task.id) ?? 0) + 1);
        return done;
      }, { concurrency: 7 }),
    );
    await Promise.all(workers.map((worker) => worker.drained()));
    expect(runs.size).toBe(600);
    expect([...runs.values()].every((count) => count === 1)).toBe(true);
    expect(await db.sql.rows(z.unknown())`SELECT 1 FROM retry_queue WHERE status <> 'COMPLETED'`).toEqual([]);
  });

  it('leaves alone what it has no handler for', async () => {
    await db.transaction('test.enqueue', (tx) => events.enqueue(tx, { type: 'CLEAN_UP', storeId, payload: {} }));
    await processor(() => done).drained();
    expect(await only()).toMatchObject({ status: 'PENDING', attempt: 0 });
  });

  it('gives the handler the scope of what caused the task', async () => {
    const orderId = newId();
    let scope: ReturnType<typeof currentScope> | undefined;
    await enqueue(orderId);
    await processor(() => { scope = currentScope(); return done; }).drained();
    expect(scope).toMatchObject({ actor: 'system', task: { type: 'FULFILLMENT' }, transaction: null });
  });
});

describe('a worker that dies or hangs', () => {
  /** Claims as a process would that is killed right after. */
  const claimAndDie = async (leaseMs = 0) => {
    const [task] = await new Queue(db, clock, 'dead', leaseMs).completeAndClaim([], ['FULFILLMENT'], 1);
    if (!task) throw new Error('nothing was due');
    return task;
  };

  it('loses the task to another when the lease runs out', async () => {
    await enqueue();
    await claimAndDie();
    const other = processor(() => done);
    await other.reap();
    await other.drained();
    expect(await only()).toMatchObject({ status: 'COMPLETED', failures: 1 });
  });

  it('keeps the task while the lease holds', async () => {
    await enqueue();
    await claimAndDie(60_000);
    const other = processor(() => done);
    await other.reap();
    await other.drained();
    expect(await only()).toMatchObject({ status: 'PROCESSING', attempt: 1 });
  });

  it('cannot finish what another has taken over', async () => {
    await enqueue();
    const stale = await claimAndDie();
    const queue = new Queue(db, clock, 'other', 60_000);
    await queue.reap(10);
    const [fresh] = await queue.completeAndClaim([], ['FULFILLMENT'], 1);
    await queue.completeAndClaim([stale], [], 0);
    expect(await only()).toMatchObject({ status: 'PROCESSING', attempt: fresh?.attempt });
    await db.transaction('test.late', async (tx) => {
      expect(await queue.fail(tx, stale, 'late')).toBe(false);
      expect(await queue.postpone(tx, stale, { dueAt: clock.now(), why: 'late', failed: true })).toBe(false);
    });
    expect(await queue.renew([stale])).toEqual(new Set());
  });

  it('over and over ends the task as FAILED', async () => {
    await enqueue();
    const told = jest.fn(() => Promise.resolve());
    const survivor = processor(() => done, { onFailure: told, handlers: new Map() });
    for (let death = 0; death < TASKS.FULFILLMENT.maxAttempts; death += 1) {
      await claimAndDie();
      await survivor.reap();
    }
    expect(await only()).toMatchObject({ status: 'FAILED', failures: TASKS.FULFILLMENT.maxAttempts });
    expect(told).toHaveBeenCalledTimes(1);
  });

  it('hears of a lost lease by its signal, and its result counts no more', async () => {
    await enqueue();
    let aborted = false;
    const slow = processor(
      (_task, signal) =>
        new Promise((resolve) => {
          signal.addEventListener('abort', () => { aborted = true; resolve(done); });
          void db.sql`UPDATE retry_queue SET attempt = attempt + 1`;
        }),
      { leaseMs: 150 },
    );
    slow.start();
    await until(() => aborted);
    await until(async () => slow.load === 0);
    expect(await only()).not.toMatchObject({ status: 'COMPLETED' });
  });

  it('is not one that works longer than its lease: the processor renews it', async () => {
    await enqueue();
    let finish: (outcome: Outcome) => void = () => undefined;
    const steady = processor(() => new Promise<Outcome>((resolve) => { finish = resolve; }), { leaseMs: 150 });
    const rival = processor(() => { throw new Error('taken by a rival'); }, { leaseMs: 150 });
    steady.start();
    rival.start();
    const leases = new Set<number>();
    await until(async () => {
      const { until: lease } = await db.sql.one(z.object({ until: z.date().nullable() }))`SELECT lease_until AS until FROM retry_queue`;
      if (lease) leases.add(lease.getTime());
      return leases.size >= 5;
    });
    finish(done);
    await until(async () => (await only()).status === 'COMPLETED');
    expect(await only()).toMatchObject({ attempt: 1, failures: 0 });
  });
});

describe('stopping', () => {
  it('lets what runs finish, and claims no more', async () => {
    await enqueue();
    let finish: (outcome: Outcome) => void = () => undefined;
    const stopping = processor(() => new Promise<Outcome>((resolve) => { finish = resolve; }));
    stopping.wake();
    await until(() => stopping.load === 1);
    const stopped = stopping.stop(10_000);
    await enqueue();
    finish(done);
    await stopped;
    expect((await tasks()).map((task) => task.status).sort()).toEqual(['COMPLETED', 'PENDING']);
  });

  it('hands back what does not finish in time, with no attempt used', async () => {
    await enqueue();
    let aborted = false;
    const stopping = processor((_task, signal) => new Promise<Outcome>(() => { signal.addEventListener('abort', () => { aborted = true; }); }));
    stopping.wake();
    await until(() => stopping.load === 1);
    await stopping.stop(0);
    expect(aborted).toBe(true);
    expect(await only()).toMatchObject({ status: 'PENDING', failures: 0 });
  });
});

describe('a database that is away for a while', () => {
  it('delays the work and loses none of it', async () => {
    const troubles: string[] = [];
    await enqueue();
    await db.sql`ALTER TABLE retry_queue RENAME TO away`;
    const patient = processor(() => done, { pollMs: 20, log: { trouble: (message) => troubles.push(message), outcome: () => undefined } });
    patient.start();
    await until(() => troubles.length > 0);
    await db.sql`ALTER TABLE away RENAME TO retry_queue`;
    await until(async () => (await only()).status === 'COMPLETED');
  });
});

describe('agreement of contracts and handlers', () => {
  const all = Object.keys(TASKS);

  it('is silent when each task has one handler', () => {
    expect(disagreements(all)).toEqual([]);
  });

  it('names what is missing, doubled or unknown', () => {
    const wrong = disagreements([...all.filter((type) => type !== 'FULFILLMENT'), 'CATCH_UP', 'COOKING']);
    expect(wrong).toEqual([
      'task type CATCH_UP has 2 handlers',
      expect.stringMatching(/^task type FULFILLMENT has no handler \(wanted by .*order\.ready-for-fulfillment/),
      'handler for COOKING, which is no task type',
    ]);
  });
});
