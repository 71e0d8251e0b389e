import { withScope } from '@forma3d/database';
import { DomainError, newId } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { ReplayWorld } from './replay-world.fixture';

const world = new ReplayWorld(useDatabase().url());
beforeEach(() => world.reset());
afterAll(() => world.close());

const retry = (id: string) => world.controller.retry(world.storeId, id);
const discard = (id: string) => world.controller.discard(world.storeId, id);

describe('trying again', () => {
  it('has a failed task run from the start with all attempts before it, and says who wanted it', async () => {
    const id = await world.leave({ failures: 20 });
    const answer = await withScope({ actor: 'jo@example.org' }, () => retry(id));
    expect(answer).toMatchObject({ status: 'PENDING', failures: 0, replays: 1, finished_at: null, due_at: world.clock.now().toISOString() });
    expect(await world.audits()).toMatchObject([
      { entity_id: id, action: 'retried', actor: 'jo@example.org', meta: { task_type: 'WEBHOOK_SUBSCRIPTIONS', old_status: 'FAILED', failures: 20 } },
    ]);
    await world.processor.drained();
    expect(await world.task(id)).toMatchObject({ status: 'COMPLETED', replays: 1 });
  });

  it('of what failed leaves the attention item open until it succeeds', async () => {
    world.answer = () => ({ kind: 'giveUp', why: 'no such thing' });
    const id = await world.leave({ status: 'PENDING', failures: 0 });
    await world.processor.drained();
    expect(await world.openKinds()).toEqual(['task-failed']);
    await retry(id);
    await world.processor.drained();
    expect(await world.openKinds()).toEqual(['task-failed']);
    world.answer = () => ({ kind: 'done' });
    await retry(id);
    expect(await world.openKinds()).toEqual(['task-failed']);
    await world.processor.drained();
    await until(async () => (await world.openKinds()).length === 0);
    expect((await world.controller.get(world.storeId, id)).attempts.map((each) => each.error)).toEqual([null, 'no such thing', 'no such thing']);
  });

  it('of what waits has it run now', async () => {
    const id = await world.leave({ status: 'PENDING', failures: 4, dueIn: 3_600_000 });
    expect(await retry(id)).toMatchObject({ status: 'PENDING', failures: 4, due_at: world.clock.now().toISOString() });
    expect(await world.audits()).toHaveLength(1);
    await retry(id);
    expect(await world.audits()).toHaveLength(1);
  });

  it.each([
    ['PROCESSING', 'runs'],
    ['COMPLETED', 'done'],
  ] as const)('of a task that is %s is refused with its state', async (status, word) => {
    const id = await world.leave({ status });
    await expect(retry(id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(word) as unknown, details: { task_status: status } });
    expect(await world.audits()).toEqual([]);
  });

  it('is refused while the same work is open as another task', async () => {
    const id = await world.leave({ dedupeKey: 'one' });
    const open = await world.leave({ dedupeKey: 'one', status: 'PENDING' });
    await expect(retry(id)).rejects.toMatchObject({ code: 'conflict', details: { task_status: 'FAILED', open_task_id: open } });
  });

  it('by many people at once happens once', async () => {
    const id = await world.leave();
    await Promise.allSettled(Array.from({ length: 8 }, () => retry(id)));
    expect(await world.task(id)).toMatchObject({ status: 'PENDING', replays: 1 });
  });

  it('and discarding at the same moment end in one of the two', async () => {
    const id = await world.leave();
    const [retried, discarded] = await Promise.allSettled([retry(id), discard(id)]);
    const { status, replays } = await world.task(id);
    // Whoever came second was either refused, or undid the first with the first in sight.
    expect([retried.status, discarded.status]).toContain('fulfilled');
    expect(status === 'DISCARDED' ? replays === 0 : replays === 1).toBe(true);
  });

  it('tells the handler first, which may say that it cannot help', async () => {
    const told: string[] = [];
    world.replayed.FULFILLMENT = (tx, task) => { told.push(`${tx.name} ${task.id}`); return Promise.resolve(); };
    world.replayed.CLEAN_UP = () => Promise.reject(new DomainError('conflict', 'The order is cancelled.'));
    const [helps, helpsNot] = [await world.leave({ type: 'FULFILLMENT' }), await world.leave({ type: 'CLEAN_UP' })];
    await retry(helps);
    expect(told).toEqual([`retry-queue.retry ${helps}`]);
    await expect(retry(helpsNot)).rejects.toMatchObject({ code: 'conflict' });
    expect(await world.task(helpsNot)).toMatchObject({ status: 'FAILED', replays: 0 });
  });

  it('of another store’s task, or of none, is not found', async () => {
    const id = await world.leave();
    await expect(world.controller.retry(newId(), id)).rejects.toMatchObject({ code: 'task-not-found' });
    await expect(world.controller.get(newId(), id)).rejects.toMatchObject({ code: 'task-not-found' });
    await expect(discard(newId())).rejects.toMatchObject({ code: 'task-not-found' });
  });
});

describe('discarding', () => {
  it('ends a failed task, closes its attention item, and says who did it', async () => {
    world.answer = () => ({ kind: 'giveUp', why: 'no such thing' });
    const id = await world.leave({ status: 'PENDING', failures: 0 });
    await world.processor.drained();
    expect(await world.openKinds()).toEqual(['task-failed']);
    expect(await discard(id)).toMatchObject({ status: 'DISCARDED' });
    expect(await world.openKinds()).toEqual([]);
    expect(await world.audits()).toMatchObject([{ action: 'discarded', meta: { old_status: 'FAILED' } }]);
  });

  it('ends one that keeps failing, which does not come back', async () => {
    const id = await world.leave({ status: 'PENDING', failures: 6 });
    await world.db.transaction('test', (tx) => world.attention.open(tx, { storeId: world.storeId, kind: 'task-struggling', subjectId: id, message: 'x' }));
    await discard(id);
    await world.processor.drained();
    expect(await world.task(id)).toMatchObject({ status: 'DISCARDED' });
    expect(await world.openKinds()).toEqual([]);
  });

  it('tells the handler of one that was still tried, and nobody that a task failed; one that had failed was told of before', async () => {
    const told: string[] = [];
    world.failed.FULFILLMENT = (tx, task, reason) => { told.push(`${tx.name} ${task.id} ${reason}`); return Promise.resolve(); };
    const [tried, failed] = [await world.leave({ type: 'FULFILLMENT', status: 'PENDING', failures: 6 }), await world.leave({ type: 'FULFILLMENT' })];
    await discard(tried);
    await discard(failed);
    expect(told).toEqual([`retry-queue.discard ${tried} it was discarded (Shopify answered 503)`]);
    expect(await world.openKinds()).toEqual([]);
    expect(await world.db.sql`SELECT FROM event`).toBe(0);
  });

  it.each([
    [{ status: 'PROCESSING' }, 'runs'],
    [{ status: 'COMPLETED' }, 'done'],
    [{ status: 'DISCARDED' }, 'already'],
    [{ status: 'PENDING', failures: 0 }, 'has not failed'],
  ] as const)('%j is refused', async (what, word) => {
    const id = await world.leave(what);
    await expect(discard(id)).rejects.toMatchObject({ code: 'conflict', message: expect.stringContaining(word) as unknown });
  });

  it('one of many mails that cannot be sent leaves the word that they cannot', async () => {
    const [one, other] = [await world.leave({ type: 'NOTIFICATION', payload: { channel: 'email' } }), await world.leave({ type: 'NOTIFICATION', payload: { channel: 'email' } })];
    await world.db.transaction('test', (tx) =>
      world.attention.open(tx, { storeId: world.storeId, kind: 'task-struggling', subjectId: 'NOTIFICATION email', message: 'x' }));
    await discard(one);
    expect(await world.openKinds()).toEqual(['task-struggling']);
    await discard(other);
    expect(await world.openKinds()).toEqual([]);
  });

  it('can be undone', async () => {
    const id = await world.leave({ status: 'DISCARDED' });
    expect(await retry(id)).toMatchObject({ status: 'PENDING', replays: 1 });
  });
});

describe('trying many again', () => {
  const all = (which: Parameters<typeof world.controller.retryAll>[1] = {}) => world.controller.retryAll(world.storeId, which);

  it('spreads them out, those that failed first first', async () => {
    const ids: string[] = [];
    for (let ago = 250; ago > 0; ago -= 1) ids.push(await world.leave({ endedAgo: ago * 1_000 }));
    const answer = await all();
    const start = world.clock.now().getTime();
    expect(answer).toMatchObject({ retried: 250, skipped: 0, remaining: 0, first_due_at: new Date(start).toISOString() });
    const due = await Promise.all(ids.map(async (id) => (await world.task(id)).due_at.getTime()));
    expect(due).toEqual(ids.map((_, place) => start + place * 250));
    expect(answer.last_due_at).toBe(new Date(start + 249 * 250).toISOString());
    expect(await world.audits()).toHaveLength(250);
  });

  it('takes those of a type and of a time alone, and no other store’s', async () => {
    const inside = await world.leave({ type: 'FULFILLMENT', endedAgo: 3_600_000 });
    const left = [
      await world.leave({ type: 'FULFILLMENT', endedAgo: 3 * 3_600_000 }),
      await world.leave({ type: 'FULFILLMENT', endedAgo: 0 }),
      await world.leave({ type: 'CLEAN_UP', endedAgo: 3_600_000 }),
      await world.leave({ type: 'FULFILLMENT', status: 'DISCARDED', endedAgo: 3_600_000 }),
    ];
    // 09:00 UTC is 10:00 in the store.
    const answer = await all({ type: 'FULFILLMENT', failed_from: '2026-11-02T08:30:00+01:00', failed_to: '2026-11-02T08:30:00Z' });
    expect(answer).toMatchObject({ retried: 1, skipped: 0 });
    expect(await world.task(inside)).toMatchObject({ status: 'PENDING' });
    for (const id of left) expect((await world.task(id)).replays).toBe(0);
    expect(await world.controller.retryAll(newId(), {})).toMatchObject({ retried: 0, first_due_at: null });
  });

  it('knows days as the store has them', async () => {
    await world.leave({ endedAgo: 9.5 * 3_600_000 });
    // 23:30 UTC on the first of November is half past midnight on the second, there.
    expect(await all({ failed_from: '2026-11-01', failed_to: '2026-11-01' })).toMatchObject({ retried: 0 });
    expect(await all({ failed_from: '2026-11-02', failed_to: '2026-11-02' })).toMatchObject({ retried: 1 });
  });

  it('skips what is open already, also as another of them, and what it cannot help', async () => {
    world.replayed.CLEAN_UP = () => Promise.reject(new DomainError('conflict', 'It is over.'));
    await world.leave({ dedupeKey: 'open', status: 'PENDING', dueIn: 1_000 });
    await world.leave({ dedupeKey: 'open' });
    await world.leave({ dedupeKey: 'twice', endedAgo: 2_000 });
    await world.leave({ dedupeKey: 'twice', endedAgo: 1_000 });
    await world.leave({ type: 'CLEAN_UP' });
    expect(await all()).toMatchObject({ retried: 1, skipped: 3, remaining: 0 });
  });

  it('by two people at once has each run once', async () => {
    for (let n = 0; n < 150; n += 1) await world.leave({ endedAgo: n });
    const [one, other] = await Promise.all([all(), all()]);
    expect(one.retried + other.retried).toBe(150);
    let runs = 0;
    world.answer = () => { runs += 1; return { kind: 'done' }; };
    world.clock.advance(3_600_000);
    await world.processor.drained();
    expect(runs).toBe(150);
  });

  it('tries each again once, also what fails again meanwhile', async () => {
    const ids: string[] = [];
    for (let ago = 250; ago > 0; ago -= 1) ids.push(await world.leave({ endedAgo: ago * 1_000, ...(ago === 100 && { type: 'CLEAN_UP' }) }));
    const [first = ''] = ids;
    // As the second hundred is looked at, the first of the first has run and failed.
    world.replayed.CLEAN_UP = async () => {
      world.clock.advance(1);
      await withScope({ transaction: null }, () => world.db.sql`UPDATE retry_queue SET status = 'FAILED', finished_at = ${world.clock.now()} WHERE id = ${first}`);
    };
    expect(await all()).toMatchObject({ retried: 250, remaining: 0 });
    expect(await world.task(first)).toMatchObject({ status: 'FAILED', replays: 1 });
  });

  it('comes to a thousand, and says how many are left', async () => {
    await world.db.sql`
      INSERT INTO retry_queue (id, type, status, store_id, payload, max_attempts, due_at, finished_at)
      SELECT gen_random_uuid(), 'CLEAN_UP', 'FAILED', ${world.storeId}, '{}', 5, now(), ${world.clock.now()}::timestamptz - n * interval '1 s' FROM generate_series(1, 1050) AS n`;
    expect(await all()).toMatchObject({ retried: 1_000, remaining: 50 });
    expect(await all()).toMatchObject({ retried: 50, remaining: 0 });
  });

  it('discards many with their attention items', async () => {
    const id = await world.leave();
    for (let n = 0; n < 120; n += 1) await world.leave();
    await world.db.transaction('test', (tx) => world.attention.open(tx, { storeId: world.storeId, kind: 'task-failed', subjectId: id, message: 'x' }));
    expect(await world.controller.discardAll(world.storeId, { type: 'FULFILLMENT' })).toEqual({ discarded: 0, remaining: 0 });
    expect(await world.controller.discardAll(world.storeId, {})).toEqual({ discarded: 121, remaining: 0 });
    expect(await world.openKinds()).toEqual([]);
    expect(await world.audits()).toHaveLength(121);
  });
});

it('what a later task about the same has done needs nobody any more', async () => {
  const old = await world.leave({ dedupeKey: 'same', endedAgo: 60_000 });
  const other = await world.leave({ dedupeKey: 'other', endedAgo: 60_000 });
  for (const subjectId of [old, other]) {
    await world.db.transaction('test', (tx) => world.attention.open(tx, { storeId: world.storeId, kind: 'task-failed', subjectId, message: 'x' }));
  }
  await world.leave({ dedupeKey: 'other', status: 'COMPLETED', endedAgo: 120_000 });
  await world.trouble.closeCured();
  expect(await world.openKinds()).toEqual(['task-failed', 'task-failed']);
  await world.leave({ dedupeKey: 'same', status: 'COMPLETED', endedAgo: 1_000 });
  await world.trouble.closeCured();
  expect(await world.attention.list(world.storeId, 10)).toMatchObject([{ subject_id: other }]);
});
