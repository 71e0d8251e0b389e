import type { AttentionKind } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { ReplayWorld } from './replay-world.fixture';

const HOUR_MS = 3_600_000;
const DOWN = { kind: 'retry', why: 'Shopify answered 503' } as const;

const world = new ReplayWorld(useDatabase().url());
beforeEach(() => world.reset());
afterAll(() => world.close());

const open = (kind: AttentionKind, subjectId: string) =>
  world.db.transaction('test', (tx) => world.attention.open(tx, { storeId: world.storeId, kind, subjectId, message: 'x' }));
const subjects = async () => (await world.attention.list(world.storeId, 100)).map((item) => item.subject_id).sort();
const messages = async () => (await world.attention.list(world.storeId, 100)).map((item) => item.message);
const notification = (channel: string) => ({ type: 'NOTIFICATION', status: 'PENDING', failures: 0, payload: { batch_id: newId(), channel } }) as const;

async function sweeps(): Promise<string[]> {
  const transactions: string[] = [];
  world.db.watcher = (point, name) => { if (point === 'after-commit') transactions.push(name); };
  await world.trouble.closeCured();
  world.db.watcher = undefined;
  return transactions;
}

describe('a task that struggles', () => {
  it('says how often it has failed by now, and is told once', async () => {
    world.answer = () => DOWN;
    await world.leave({ status: 'PENDING', failures: 4 });
    for (const failures of [5, 6, 7]) {
      await world.processor.drained();
      world.clock.advance(2 * HOUR_MS);
      expect(await messages()).toEqual([`WEBHOOK_SUBSCRIPTIONS has failed ${String(failures)} times and is still being tried: Shopify answered 503`]);
    }
    expect(await world.db.sql`SELECT FROM event WHERE type = 'order.needs-attention'`).toBe(1);
  });

  it('is shown no longer when it was asked for again as it failed for good, and begins anew', async () => {
    world.answer = () => DOWN;
    const id = await world.leave({ status: 'PENDING', failures: 4 });
    await world.processor.drained();
    expect(await subjects()).toEqual([id]);
    world.clock.advance(2 * HOUR_MS);
    const answers = [{ kind: 'giveUp', why: 'no such thing' } as const];
    world.answer = async () => {
      const answer = answers.shift();
      if (answer) await world.db.sql`UPDATE retry_queue SET again = true WHERE id = ${id}`;
      return answer ?? { kind: 'done' };
    };
    await world.processor.drained();
    expect(await world.task(id)).toMatchObject({ status: 'COMPLETED', failures: 0, replays: 0 });
    world.clock.advance(3 * HOUR_MS);
    await sweeps();
    expect(await subjects()).toEqual([]);
  });
});

it('whatever a task has come to, however long ago, its item goes when it is over and stays while it is not', async () => {
  const over = [
    await world.leave({ status: 'COMPLETED', failures: 7, endedAgo: 30 * HOUR_MS }),
    await world.leave({ status: 'DISCARDED', failures: 7, endedAgo: 30 * HOUR_MS }),
    await world.leave({ status: 'PENDING', failures: 4 }),
    newId(),
  ];
  const standing = [await world.leave({ status: 'PENDING', failures: 5 }), await world.leave({ status: 'PROCESSING', failures: 19 })].sort();
  for (const id of [...over, ...standing]) await open('task-struggling', id);
  expect(await sweeps()).toEqual(['retry-queue.cured']);
  expect(await subjects()).toEqual(standing);
  for (const id of over.slice(0, 2)) await open('task-failed', id);
  const failed = [await world.leave({ status: 'FAILED' }), await world.leave({ status: 'PENDING', failures: 0 })];
  for (const id of failed) await open('task-failed', id);
  await sweeps();
  expect(await subjects()).toEqual([...standing, ...failed].sort());
});

it('costs nothing for tasks that got well and of which nothing is open', async () => {
  for (let n = 0; n < 3; n += 1) await world.leave({ status: 'COMPLETED', failures: 7 });
  expect(await sweeps()).toEqual([]);
});

it('what a later task of the same order has done needs nobody any more, however long ago', async () => {
  const orderId = newId();
  const id = await world.leave({ orderId, dedupeKey: orderId, endedAgo: 30 * HOUR_MS });
  const other = await world.leave({ orderId, dedupeKey: 'other', endedAgo: 30 * HOUR_MS });
  await open('task-failed', id);
  await open('task-failed', other);
  await world.leave({ orderId, dedupeKey: orderId, status: 'COMPLETED', endedAgo: 20 * HOUR_MS });
  await sweeps();
  expect(await subjects()).toEqual([other]);
});

describe('notifications that never went out', () => {
  it('stay before people’s eyes until the last of them is sent after all or discarded, whatever goes out meanwhile', async () => {
    world.answer = () => ({ kind: 'giveUp', why: 'the mail server is away' });
    const [again, gone] = [await world.leave(notification('email')), await world.leave(notification('email'))];
    await world.processor.drained();
    world.answer = () => ({ kind: 'done' });
    const late = await world.leave({ ...notification('email'), failures: 6 });
    await world.processor.drained();
    expect(await world.task(late)).toMatchObject({ status: 'COMPLETED' });
    await sweeps();
    expect(await subjects()).toEqual(['NOTIFICATION email']);
    await world.controller.discard(world.storeId, gone);
    await world.controller.retry(world.storeId, again);
    await sweeps();
    expect(await subjects()).toEqual(['NOTIFICATION email']);
    await world.processor.drained();
    await until(async () => (await subjects()).length === 0);
  });

  it('are not hidden by another that is still being tried', async () => {
    world.answer = () => ({ kind: 'giveUp', why: 'the mail server is away' });
    await world.leave(notification('email'));
    await world.processor.drained();
    world.answer = () => DOWN;
    await world.leave({ ...notification('email'), failures: 6 });
    await world.processor.drained();
    expect(await messages()).toEqual(['NOTIFICATION failed for good: the mail server is away']);
  });

  it('by one channel say nothing of another, and nothing of an order', async () => {
    const orderId = newId();
    world.answer = () => ({ kind: 'giveUp', why: 'no such chat' });
    await world.leave(notification('chat'));
    await world.processor.drained();
    world.answer = () => DOWN;
    const mail = await world.leave({ ...notification('email'), failures: 4, orderId });
    await world.processor.drained();
    expect(await subjects()).toEqual(['NOTIFICATION chat', 'NOTIFICATION email']);
    expect(await world.attention.ofOrder(world.storeId, orderId)).toEqual([]);
    world.answer = () => ({ kind: 'done' });
    world.clock.advance(2 * HOUR_MS);
    await world.processor.drained();
    expect(await world.task(mail)).toMatchObject({ status: 'COMPLETED' });
    await until(async () => (await subjects()).length === 1);
    expect(await subjects()).toEqual(['NOTIFICATION chat']);
  });
});
