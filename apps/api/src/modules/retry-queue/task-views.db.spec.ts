import { retryQueueDetail, retryQueuePage, retryQueueQuery, retryQueueStats } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { ReplayWorld } from './replay-world.fixture';

const world = new ReplayWorld(useDatabase().url());
beforeEach(() => world.reset());
afterAll(() => world.close());

const list = async (query: Record<string, unknown> = {}) => retryQueuePage.parse(await world.controller.list(world.storeId, retryQueueQuery.parse(query)));
const ids = async (query: Record<string, unknown>) => (await list(query)).data.map((task) => task.id);

it('lists the tasks of the store, newest first, page by page', async () => {
  // Ids of one millisecond are in no order: what waits is put last for sure.
  const all = [await world.leave(), await world.leave({ status: 'COMPLETED' })].sort();
  await until(() => newId().slice(0, 13) > (all[1] ?? '').slice(0, 13));
  all.push(await world.leave({ status: 'PENDING', snoozed: true }));
  const first = await list({ limit: 2 });
  expect(first.data.map((task) => task.id)).toEqual(all.slice(1).reverse());
  expect(first.data[0]).toMatchObject({ status: 'PENDING', waiting: true, last_error: 'Shopify answered 503' });
  const second = await list({ limit: 2, cursor: first.pagination.next_cursor });
  expect(second).toMatchObject({ data: [{ id: all[0] }], pagination: { has_more: false } });
  expect((await world.controller.list(newId(), { limit: 10 })).data).toEqual([]);
});

it('filters by type, status, order and time', async () => {
  const orderId = newId();
  const failed = await world.leave({ type: 'FULFILLMENT', orderId, endedAgo: 3_600_000 });
  const done = await world.leave({ status: 'COMPLETED' });
  expect(await ids({ type: 'FULFILLMENT' })).toEqual([failed]);
  expect(await ids({ status: 'COMPLETED' })).toEqual([done]);
  expect(await ids({ order_id: orderId })).toEqual([failed]);
  expect((await ids({ from: '2026-11-02', to: '2026-11-02' })).sort()).toEqual([done, failed].sort());
  expect(await ids({ to: '2026-11-01' })).toEqual([]);
  expect(await ids({ from: '2026-11-02T08:30:00Z' })).toEqual([]);
  expect(await ids({ failed_from: '2026-11-02T07:59:00Z', failed_to: '2026-11-02T08:01:00Z' })).toEqual([failed]);
  expect(await ids({ failed_from: '2026-11-02T08:01:00Z' })).toEqual([]);
});

it('refuses a filter that it does not know', () => {
  for (const query of [{ type: 'NOTHING' }, { status: 'LOST' }, { order: 'x' }, { from: 'yesterday' }]) expect(retryQueueQuery.safeParse(query).success).toBe(false);
});

it('tells of one task what it is about, without secrets, how its attempts went, and what can be done', async () => {
  const id = await world.leave({ status: 'PENDING', failures: 0, payload: { order_id: 'o-1', token: 'hush' } });
  let took = 0;
  world.answer = () => {
    took += 1_000;
    world.clock.advance(took);
    return took < 3_000 ? { kind: 'retry', why: `Shopify answered 503, time ${String(took)}` } : { kind: 'done' };
  };
  for (let attempt = 0; attempt < 3; attempt += 1) {
    await world.processor.drained();
    world.clock.advance(60_000);
  }
  const task = retryQueueDetail.parse(await world.controller.get(world.storeId, id));
  expect(task.payload).toEqual({ order_id: 'o-1', token: '[not shown]' });
  expect(task.attempts.map(({ duration_ms: ms, error }) => ({ ms, error }))).toEqual([
    { ms: 3_000, error: null },
    { ms: 2_000, error: 'Shopify answered 503, time 2000' },
    { ms: 1_000, error: 'Shopify answered 503, time 1000' },
  ]);
  expect(task).toMatchObject({ status: 'COMPLETED', attempts_total: 3, actions: [] });
});

it('shows the attempt that runs, and offers only what is allowed', async () => {
  const running = await world.controller.get(world.storeId, await world.leave({ status: 'PROCESSING' }));
  expect(running).toMatchObject({ attempts: [{ ended_at: null, duration_ms: null, error: null }], actions: [] });
  const failed = await world.controller.get(world.storeId, await world.leave());
  expect(failed.actions.map(({ href }) => href)).toEqual([`/api/v1/retry-queue/${failed.id}/retry`, `/api/v1/retry-queue/${failed.id}/discard`]);
  const waiting = await world.controller.get(world.storeId, await world.leave({ status: 'PENDING', failures: 0 }));
  expect(waiting.actions.map(({ label }) => label)).toEqual(['Try now']);
});

it('shows the latest hundred of many attempts, and how many there were', async () => {
  const id = await world.leave({ status: 'PENDING', failures: 150 });
  await world.db.sql`
    INSERT INTO task_attempt (task_id, attempt, store_id, started_at, ended_at, error)
    SELECT ${id}, n, ${world.storeId}, now(), now(), 'failure ' || n FROM generate_series(1, 150) AS n`;
  const task = await world.controller.get(world.storeId, id);
  expect(task.attempts).toHaveLength(100);
  expect(task).toMatchObject({ attempts_total: 150, attempts: expect.arrayContaining([expect.objectContaining({ error: 'failure 150' })]) as unknown });
});

it('counts what waits, runs, failed and was done, by type, and how late it is', async () => {
  await world.leave({ type: 'FULFILLMENT', status: 'PENDING', failures: 0, dueIn: -5_000 });
  await world.leave({ type: 'FULFILLMENT', status: 'PENDING', failures: 2, dueIn: 30_000 });
  await world.leave({ type: 'FULFILLMENT', status: 'PROCESSING' });
  await world.leave({ status: 'DISCARDED' });
  await world.leave();
  await world.leave({ status: 'COMPLETED', endedAgo: 3_599_000 });
  await world.leave({ status: 'COMPLETED', endedAgo: 3_601_000 });
  const stats = retryQueueStats.parse(await world.controller.stats(world.storeId));
  expect(stats).toMatchObject({ pending: 2, due: 1, retrying: 1, processing: 1, failed: 1, discarded: 1, completed_last_hour: 1, lag_seconds: 5 });
  expect(stats.next_due_at).toBe(new Date(world.clock.now().getTime() + 30_000).toISOString());
  expect(stats.types.map(({ type, pending, failed }) => ({ type, pending, failed }))).toEqual([
    { type: 'FULFILLMENT', pending: 2, failed: 0 },
    { type: 'WEBHOOK_SUBSCRIPTIONS', pending: 0, failed: 1 },
  ]);
  expect(await world.controller.stats(newId())).toMatchObject({ pending: 0, types: [], lag_seconds: 0, next_due_at: null });
});
