import type { TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { CronSlots, OutsideTroubles, TaskFailures, type Logger } from '@forma3d/platform';
import { EventLog, Processor, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { FakeClock, until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { PerStore, type Stores } from '../access';
import { Attention } from '../attention';
import { CleanUp } from './clean-up';
import { CredentialsRefused } from './credentials-refused';
import { RetryQueueRepository } from './retry-queue.repository';
import { Sweep } from './sweep';
import { TaskTrouble } from './task-trouble';

const db = new Database({ url: useDatabase().url(), max: 6 });
const clock = new FakeClock();
const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
const logger = { log: () => undefined, error: () => undefined } as unknown as Logger;
const repository = new RetryQueueRepository(db);
const attention = new Attention(db, events, clock);
const storeId = newId();
const slots = new CronSlots();

let trouble: TaskTrouble;
let failures: TaskFailures;
let answer: (task: Task) => Outcome;
let tell: (task: Task) => Outcome;
let processor: Processor;

beforeEach(async () => {
  await db.sql`TRUNCATE retry_queue, task_attempt, event, attention, cron_slot`;
  tell = () => ({ kind: 'done' });
  failures = new TaskFailures();
  trouble = new TaskTrouble(db, failures, attention, events, repository, clock, logger);
  trouble.onModuleInit();
  const handler: TaskHandler = { handle: (task) => Promise.resolve(answer(task)) };
  const told: TaskHandler = { handle: (task) => Promise.resolve(tell(task)) };
  const withMeaning: TaskHandler = { ...handler, failed: () => Promise.resolve() };
  const handlers = new Map<TaskType, TaskHandler>([
    ['CATCH_UP', handler],
    ['CLEAN_UP', handler],
    ['WEBHOOK_SUBSCRIPTIONS', handler],
    ['FULFILLMENT', withMeaning],
    ['ALERT', told],
  ]);
  processor = new Processor({
    db,
    clock,
    worker: 'test',
    handlers,
    log: {
      trouble: () => undefined,
      outcome: (task, outcome) => {
        failures.returned(task, outcome);
      },
    },
    onFailure: (tx, task, reason, final) => failures.failed(tx, { task, reason, final, handledByItsOwn: handlers.get(task.type)?.failed !== undefined }),
  });
});

afterEach(() => processor.stop());
afterAll(() => db.close());

async function run(times: number): Promise<void> {
  for (let round = 0; round < times; round += 1) {
    await processor.drained();
    clock.advance(2 * 3_600_000);
  }
}

const enqueue = (type: 'CATCH_UP' | 'CLEAN_UP' | 'WEBHOOK_SUBSCRIPTIONS') => db.transaction('test', (tx) => events.enqueue(tx, { type, storeId, payload: {} }));
const openKinds = async () => (await attention.list(storeId, 100)).map((item) => item.kind);
const published = async (type: string) =>
  (await db.sql.rows(z.object({ payload: z.record(z.string(), z.unknown()) }))`SELECT payload FROM event WHERE type = ${type}`).map((row) => row.payload);
const statusOf = async (type: string) => db.sql.rows(z.object({ status: z.string() }))`SELECT status FROM retry_queue WHERE type = ${type}`;

test('the fifth failure of a task that calls outside is shown to people, and its success takes it away', async () => {
  answer = () => ({ kind: 'retry', why: 'Shopify answered 503' });
  await enqueue('CATCH_UP');
  await run(4);
  expect(await openKinds()).toEqual([]);
  await run(1);
  expect(await attention.list(storeId, 10)).toMatchObject([{ kind: 'task-struggling', message: expect.stringContaining('Shopify answered 503') as unknown }]);
  answer = () => ({ kind: 'done' });
  await processor.drained();
  await until(async () => (await openKinds()).length === 0);
});

test('a task whose fifth failure was the death of its process is shown with the next', async () => {
  answer = () => ({ kind: 'retry', why: 'Shopify answered 503' });
  await enqueue('CATCH_UP');
  await run(4);
  await db.sql`UPDATE retry_queue SET status = 'PROCESSING', lease_until = now() - interval '1 s' WHERE type = 'CATCH_UP'`;
  answer = () => ({ kind: 'snooze', why: 'not just now', afterMs: 1_000 });
  await processor.reap();
  await run(1);
  expect(await openKinds()).toEqual([]);
  answer = () => ({ kind: 'retry', why: 'Shopify answered 503' });
  await run(1);
  expect(await openKinds()).toEqual(['task-struggling']);
});

test('the sweep takes away what a process left behind that died just then, once per slot', async () => {
  const id = newId();
  await db.sql`
    INSERT INTO retry_queue (id, type, status, store_id, payload, max_attempts, failures, due_at, finished_at)
    VALUES (${id}, 'CATCH_UP', 'COMPLETED', ${storeId}, '{}', 20, 5, ${clock.now()}, ${clock.now()})`;
  await db.transaction('test', (tx) => attention.open(tx, { storeId, kind: 'task-struggling', subjectId: id, message: 'x' }));
  const sweep = new Sweep(db, slots, processor, trouble, clock, logger);
  expect(await sweep.run()).toBe(true);
  expect(await openKinds()).toEqual([]);
  expect(await sweep.run()).toBe(false);
});

test('a task that fails for good is an event and an attention item; one whose handler gives it a meaning is the event alone', async () => {
  answer = () => ({ kind: 'giveUp', why: 'no such order' });
  const orderId = newId();
  await enqueue('CLEAN_UP');
  await db.transaction('test', (tx) => events.enqueue(tx, { type: 'FULFILLMENT', storeId, orderId, payload: { order_id: orderId } }));
  await processor.drained();
  expect(await published('task.failed')).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ task_type: 'CLEAN_UP', reason: 'no such order', failures: 1, order_id: null }),
      expect.objectContaining({ task_type: 'FULFILLMENT', order_id: orderId }),
    ]),
  );
  const open = await attention.list(storeId, 10);
  expect(open).toMatchObject([{ kind: 'task-failed', message: 'CLEAN_UP failed for good: no such order' }]);
});

test('failed after maximum attempts and alerted: a task that calls outside is no longer struggling but failed, and people are told', async () => {
  answer = () => ({ kind: 'retry', why: 'down' });
  await enqueue('WEBHOOK_SUBSCRIPTIONS');
  await run(20);
  expect(await statusOf('WEBHOOK_SUBSCRIPTIONS')).toEqual([{ status: 'FAILED' }]);
  expect(await openKinds()).toEqual(['task-failed']);
  expect(await published('task.failed')).toMatchObject([{ failures: 20 }]);
  const asked = await db.sql.rows(z.object({ type: z.string() }))`
    SELECT e.type FROM retry_queue q JOIN event e ON e.id = (q.payload ->> 'event_id')::uuid WHERE q.type = 'ALERT' ORDER BY e.seq`;
  // The word that it struggles, the failure, and its item, which is the same cause told once (alerts.spec.ts).
  expect(asked.map((event) => event.type)).toEqual(['order.needs-attention', 'order.needs-attention', 'task.failed']);
});

test('what cannot be told is one item, is not told of without end, and is forgotten when somebody has seen to the last of it', async () => {
  answer = () => ({ kind: 'giveUp', why: 'x' });
  tell = () => ({ kind: 'retry', why: 'connection refused' });
  await enqueue('CLEAN_UP');
  await enqueue('CLEAN_UP');
  await run(45);
  expect(await published('task.failed')).toHaveLength(2);
  expect((await openKinds()).sort()).toEqual(['task-failed', 'task-failed', 'task-struggling']);
  // Two failed tasks and their two items, each told once; then the item about mail, told once.
  expect(await statusOf('ALERT')).toEqual(Array.from({ length: 5 }, () => ({ status: 'FAILED' })));
  tell = () => ({ kind: 'done' });
  await enqueue('CLEAN_UP');
  await processor.drained();
  await trouble.closeCured();
  expect(await openKinds()).toContain('task-struggling');
  await db.sql`UPDATE retry_queue SET status = 'DISCARDED' WHERE type = 'ALERT' AND status = 'FAILED'`;
  await trouble.closeCured();
  expect(await openKinds()).not.toContain('task-struggling');
});

test('at night completed tasks of a week ago go; younger, failed and other stores\' ones stay', async () => {
  const day = 86_400_000;
  const add = (status: string, age: number, of = storeId) => db.sql`
    INSERT INTO retry_queue (id, type, status, store_id, payload, max_attempts, due_at, finished_at)
    VALUES (${newId()}, 'CATCH_UP', ${status}, ${of}, '{}', 20, ${clock.now()}, ${new Date(clock.now().getTime() - age)})`;
  await add('COMPLETED', 7 * day + 1);
  await add('COMPLETED', 7 * day - 1_000);
  await add('FAILED', 30 * day);
  await add('COMPLETED', 30 * day, newId());
  const stores = { all: () => Promise.resolve([{ id: storeId }]) } as unknown as Stores;
  const cleanUp = new CleanUp(repository, new PerStore(db, stores, slots, events), { tasksKeptMs: 7 * day }, clock, logger);
  await cleanUp.handle({ storeId } as Task<'CLEAN_UP'>, new AbortController().signal);
  const left = await db.sql.rows(z.object({ status: z.string() }))`SELECT status FROM retry_queue WHERE store_id = ${storeId} ORDER BY status`;
  expect(left).toEqual([{ status: 'COMPLETED' }, { status: 'FAILED' }]);
  await cleanUp.nightly();
  await cleanUp.nightly();
  expect(await statusOf('CLEAN_UP')).toEqual([{ status: 'PENDING' }]);
});

test('a night that no process lived through is made up for at the next start, once', async () => {
  const stores = { all: () => Promise.resolve([{ id: storeId }]) } as unknown as Stores;
  const nights = new FakeClock(new Date('2026-11-03T03:00:00.000Z'));
  const cleanUp = new CleanUp(repository, new PerStore(db, stores, slots, events), { tasksKeptMs: 1 }, nights, logger);
  const finish = () => db.sql`UPDATE retry_queue SET status = 'COMPLETED' WHERE type = 'CLEAN_UP'`;
  await cleanUp.nightly();
  await finish();
  nights.set(new Date('2026-11-04T02:30:00.000Z'));
  await cleanUp.onApplicationBootstrap();
  expect(await statusOf('CLEAN_UP')).toEqual([{ status: 'COMPLETED' }]);
  nights.set(new Date('2026-11-04T08:00:00.000Z'));
  await cleanUp.onApplicationBootstrap();
  await cleanUp.onApplicationBootstrap();
  expect((await statusOf('CLEAN_UP')).map((task) => task.status).sort()).toEqual(['COMPLETED', 'PENDING']);
});

test('refused credentials are one attention item, until they are accepted', async () => {
  const troubles = new OutsideTroubles();
  new CredentialsRefused(troubles, attention).onModuleInit();
  const tell = (refused: boolean) => db.transaction('test', (tx) => troubles.tell(tx, { storeId, system: 'shopify', refused }));
  await tell(true);
  await tell(true);
  expect(await attention.list(storeId, 10)).toMatchObject([{ kind: 'credentials-refused', subject_id: 'shopify' }]);
  await tell(false);
  expect(await openKinds()).toEqual([]);
});

test('a shop that has uninstalled the app has no credentials to refuse: that is told in its own words', async () => {
  const troubles = new OutsideTroubles();
  new CredentialsRefused(troubles, attention).onModuleInit();
  const gone = newId();
  await db.sql`
    INSERT INTO store (id, handle, name, time_zone, currency, produce_orders_from, updated_at, uninstalled_at)
    VALUES (${gone}, ${gone}, 'Gone', 'UTC', 'EUR', now(), now(), now())`;
  for (const system of ['shopify', 'simplyprint'] as const) await db.transaction('test', (tx) => troubles.tell(tx, { storeId: gone, system, refused: true }));
  expect((await attention.list(gone, 10)).map((item) => item.subject_id)).toEqual(['simplyprint']);
});
