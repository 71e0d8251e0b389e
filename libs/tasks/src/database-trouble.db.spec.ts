import { Database } from '@forma3d/database';
import { TcpProxy, until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Engine } from './engine.setup';
import { done, snooze, type Outcome } from './outcome';
import type { ProcessorOptions } from './processor';
import { Queue } from './queue';
import type { Task } from './task';

const { url } = useDatabase();
const engine = new Engine(url());
const pid = z.object({ pid: z.number() });
let proxy: TcpProxy;
let db: Database;
let troubles: string[];

beforeEach(async () => {
  proxy = await TcpProxy.start(url());
  db = new Database({ url: proxy.through(url()), max: 4, connectTimeoutMs: 300, statementTimeoutMs: 300 });
  troubles = [];
});
afterEach(async () => {
  proxy.pass();
  await db.close();
  await proxy.close();
});

/** A processor whose way to the database can be troubled. */
const processor = (handle: (task: Task, signal: AbortSignal) => Promise<Outcome> | Outcome, more: Partial<ProcessorOptions> = {}) =>
  engine.processor(handle, { db, pollMs: 20, log: { trouble: (message) => void troubles.push(message), outcome: () => undefined }, ...more });

const completed = () => until(async () => (await engine.only()).status === 'COMPLETED', { timeoutMs: 8_000 });

test.each([
  ['ended by an administrator', (backend: number) => engine.db.sql`SELECT pg_terminate_backend(${backend})`],
  ['cut by the network', () => { proxy.cut(); }],
  ['fallen silent', () => { proxy.freeze(); }],
])('a task whose connection is %s is done again, and none of its attempts is used', async (_how, strike) => {
  await engine.enqueue();
  let runs = 0;
  const worker = processor(async () => {
    runs += 1;
    await db.transaction('test.work', async (tx) => {
      const { pid: backend } = await tx.sql.one(pid)`SELECT pg_backend_pid() AS pid`;
      if (runs > 1) return;
      await strike(backend);
      await tx.sql`SELECT 1`;
    });
    return done;
  });
  worker.start();
  await until(() => runs === 1);
  await until(() => worker.load === 0, { timeoutMs: 8_000 });
  proxy.pass();
  // Snoozed for a moment, on the engine's clock.
  engine.clock.advance(2_000);
  await completed();
  expect({ runs, ...(await engine.only()) }).toMatchObject({ runs: 2, failures: 0 });
});

test('a statement that takes too long counts as a failure and comes back late: it may be too slow for ever', async () => {
  await engine.enqueue();
  const worker = processor(async () => {
    await db.sql`SELECT pg_sleep(5)`;
    return done;
  });
  worker.start();
  await until(async () => (await engine.only()).failures === 1);
  const { due_at: dueAt, last_error: why } = await engine.only();
  expect(dueAt.getTime() - engine.clock.now().getTime()).toBeGreaterThanOrEqual(30_000);
  expect(why).toBe('the database could not do it now (57014)');
});

test('a claim whose answer is lost is found again at once and run once', async () => {
  await engine.enqueue();
  let runs = 0;
  const lost = proxy.loseAnswerTo('WITH finished');
  processor(() => {
    runs += 1;
    return done;
  }).start();
  await lost;
  expect(await engine.only()).toMatchObject({ status: 'PROCESSING' });
  await completed();
  expect({ runs, ...(await engine.only()) }).toMatchObject({ runs: 1, failures: 0 });
});

test('what was done while the database was away is completed when it is back, and not done again', async () => {
  await engine.enqueue();
  let runs = 0;
  const worker = processor(() => {
    runs += 1;
    proxy.refuse();
    return done;
  });
  worker.start();
  await until(() => troubles.includes('the task queue could not be read'));
  proxy.pass();
  await completed();
  expect({ runs, ...(await engine.only()) }).toMatchObject({ runs: 1, failures: 0 });
});

test('an outcome that could not be written is reached again', async () => {
  await engine.enqueue();
  let runs = 0;
  processor(() => {
    runs += 1;
    if (runs > 1) return done;
    proxy.refuse();
    return snooze('waits for a hold', 60_000);
  }).start();
  await until(() => troubles.some((message) => message.endsWith('could not be settled')));
  proxy.pass();
  await completed();
  expect({ runs, ...(await engine.only()) }).toMatchObject({ runs: 2, failures: 0 });
});

test('an outage longer than the lease costs no attempt, with several processes', async () => {
  const leaseMs = 1_500;
  for (let each = 0; each < 6; each += 1) await engine.enqueue();
  let away = false;
  const work = async (): Promise<Outcome> => {
    await until(() => away);
    await db.sql`SELECT 1`;
    return done;
  };
  const workers = [processor(work, { leaseMs, concurrency: 3 }), processor(work, { leaseMs, concurrency: 3 })];
  for (const worker of workers) worker.start();
  await until(() => workers.every((worker) => worker.load === 3));
  proxy.refuse();
  away = true;
  const isOver = z.object({ over: z.boolean() });
  await until(async () => (await engine.db.sql.one(isOver)`SELECT bool_and(lease_until < clock_timestamp()) AS over FROM retry_queue`).over, { timeoutMs: 8_000 });
  proxy.pass();
  await until(async () => (await engine.tasks()).every(({ status }) => status === 'COMPLETED'), { timeoutMs: 12_000, everyMs: 50 });
  expect((await engine.tasks()).map(({ failures }) => failures)).toEqual([0, 0, 0, 0, 0, 0]);
}, 30_000);

test('after trouble, what a dead worker left is taken over one lease later', async () => {
  await engine.enqueue();
  await new Queue(engine.db, engine.clock, 'dead', 0).completeAndClaim([], ['FULFILLMENT'], 1);
  proxy.refuse();
  const worker = processor(() => done, { leaseMs: 600 });
  worker.start();
  await until(() => troubles.length > 0);
  proxy.pass();
  await worker.reap();
  expect(await engine.only()).toMatchObject({ status: 'PROCESSING', failures: 0 });
  await completed();
  expect(await engine.only()).toMatchObject({ failures: 1 });
});

test('a process ends although the database has fallen silent', async () => {
  await engine.enqueue();
  const worker = processor((_task, signal) => new Promise<Outcome>(() => { signal.addEventListener('abort', () => undefined); }));
  worker.start();
  await until(() => worker.load === 1);
  proxy.freeze();
  const startedAt = performance.now();
  await worker.stop(0);
  expect(performance.now() - startedAt).toBeLessThan(5_000);
});
