import { Injectable, Module, type DynamicModule, type Type } from '@nestjs/common';
import { TASK_TYPES, type TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { testSettings, until, useDatabase } from '@forma3d/testing';
import { CronSlots, createHttpApp, Disagreement, EventBus, Handles, PlatformModule, readConfig, slotOf, TaskFailures, type HttpApp } from './index';

const database = useDatabase();
const storeId = newId();
const seen: { process: string; task: Task }[] = [];
const apps: HttpApp[] = [];

/** A handler of one type that notes what it gets, and gives up where the payload of the test says so. */
function handlerOf(process: string, type: TaskType): Type {
  @Injectable()
  @Handles(type)
  class Handler implements TaskHandler {
    handle(task: Task): Promise<Outcome> {
      seen.push({ process, task });
      return Promise.resolve(task.type === 'MAPPING_RELEASE' ? { kind: 'giveUp', why: 'as the test wants' } : done);
    }
  }
  return Handler;
}

function root(handlers: Type[]): DynamicModule {
  @Module({})
  class Root {}
  const config = readConfig(testSettings({ DATABASE_URL: database.url() }));
  return { module: Root, imports: [PlatformModule.forRoot(config)], providers: handlers };
}

async function boot(process: string): Promise<HttpApp> {
  const app = await createHttpApp(root(TASK_TYPES.map((type) => handlerOf(process, type))));
  apps.push(app);
  return app;
}

beforeEach(() => {
  seen.length = 0;
});

afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

test('the start fails with everything on which handlers and contracts disagree', async () => {
  const [first, , ...others] = TASK_TYPES;
  const handlers = [first, first, ...others].map((type) => handlerOf('one', type));
  const error: unknown = await createHttpApp(root([...handlers, handlerOf('one', 'MAKE_COFFEE' as TaskType)])).catch((thrown: unknown) => thrown);
  expect(error).toBeInstanceOf(Disagreement);
  expect((error as Disagreement).problems).toEqual([
    `task type ${first} has 2 handlers`,
    expect.stringMatching(new RegExp(`^task type ${String(TASK_TYPES[1])} has no handler`)),
    'handler for MAKE_COFFEE, which is no task type',
  ]);
});

test('a task is run right after the commit that wrote it, and listeners hear of events', async () => {
  const app = await boot('one');
  const [db, events] = [app.get(Database), app.get(EventLog)];
  const heard: string[] = [];
  const stop = app.get(EventBus).on('product-mapping.saved', (event) => heard.push(event.aggregate_id));
  const mappingId = newId();
  await db.transaction('test.save', (tx) =>
    events.publish(tx, {
      type: 'product-mapping.saved',
      storeId,
      aggregateId: mappingId,
      payload: { product_mapping_id: mappingId, sku: 'A', variant_id: null },
    }),
  );
  expect(heard).toEqual([mappingId]);
  stop();
  await until(() => seen.find(({ task }) => task.type === 'MAPPING_RELEASE'), { timeoutMs: 900 });
});

test('another process is told of new tasks well before it would look for them', async () => {
  const worker = await boot('worker');
  await until(async () => {
    const { checks } = (await worker.inject({ url: '/health/ready' })).json<{ checks: { listener: { status: string } } }>();
    return checks.listener.status === 'ok';
  });
  @Module({})
  class Writer {}
  const config = readConfig(testSettings({ DATABASE_URL: database.url() }));
  // Runs no tasks itself, so that only the notification can bring it to the worker in time.
  const writer = await createHttpApp({ module: Writer, imports: [PlatformModule.forRoot(config, { runTasks: false })] });
  apps.push(writer);
  const startedAt = performance.now();
  await writer.get(Database).transaction('test.enqueue', (tx) => writer.get(EventLog).enqueue(tx, { type: 'CLEAN_UP', storeId, payload: {} }));
  await until(() => seen.find(({ task }) => task.type === 'CLEAN_UP' && task.storeId === storeId), { everyMs: 2 });
  expect(performance.now() - startedAt).toBeLessThan(900);
});

test('a failure is told to those who listen, with whether the handler gives it a meaning of its own', async () => {
  const app = await boot('one');
  const failed: unknown[] = [];
  app.get(TaskFailures).onFailed((_tx, { task, reason, final, handledByItsOwn }) => {
    failed.push({ type: task.type, reason, final, handledByItsOwn });
    return Promise.resolve();
  });
  await app.get(Database).transaction('test.enqueue', (tx) =>
    app.get(EventLog).enqueue(tx, { type: 'MAPPING_RELEASE', storeId, payload: {} }),
  );
  await until(() => failed[0]);
  expect(failed).toEqual([{ type: 'MAPPING_RELEASE', reason: 'as the test wants', final: true, handledByItsOwn: false }]);
});

test('a process that ends stops claiming and closes its connections', async () => {
  const app = await boot('one');
  const db = app.get(Database);
  await apps.pop()?.close();
  await expect(db.sql`SELECT 1`).rejects.toThrow('the database is away');
});

test('of many processes one takes a cron slot, and a taker that fails leaves it to the others', async () => {
  const databases = Array.from({ length: 3 }, () => new Database({ url: database.url(), max: 4 }));
  const slots = new CronSlots();
  const slot = slotOf(new Date('2026-11-02T09:00:17Z'), 30_000);
  expect(slot.toISOString()).toBe('2026-11-02T09:00:00.000Z');
  try {
    await expect(
      databases[0]?.transaction('cron.test', async (tx) => {
        await slots.take(tx, 'test', slot);
        throw new Error('crashed');
      }),
    ).rejects.toThrow('crashed');
    const take = (at: Date) =>
      Promise.all(Array.from({ length: 12 }, (_, index) => (databases[index % 3] as Database).transaction('cron.test', (tx) => slots.take(tx, 'test', at))));
    expect((await take(slot)).filter(Boolean)).toHaveLength(1);
    expect((await take(new Date(slot.getTime() + 30_000))).filter(Boolean)).toHaveLength(1);
    expect((await take(slot)).filter(Boolean)).toHaveLength(0);
  } finally {
    await Promise.all(databases.map((each) => each.close()));
  }
});
