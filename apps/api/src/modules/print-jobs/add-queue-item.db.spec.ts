import { OutsideError } from '@forma3d/kernel';
import type { SimplyPrintJob } from '@forma3d/simplyprint';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { items, clock } = world;
const signal = new AbortController().signal;
afterAll(() => world.db.close());

const empty = { listQueue: () => Promise.resolve([]), listJobs: () => Promise.resolve({ jobs: [], pages: 1 }) };
const lost = (): Promise<never> =>
  Promise.reject(new OutsideError({ system: 'simplyprint', failure: 'unknown', operation: 'queue/AddItem' }, 'no answer'));

it('an error that says nothing of what was sent leaves the intent, so that the item is looked for before it is added again', async () => {
  const { storeId, id } = await world.queueItem();
  const task = world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id });
  const broken = aFarm({ addItem: () => Promise.reject(new Error('Connection terminated unexpectedly')) });
  await expect(world.adder(broken).handle(task, signal)).rejects.toThrow('Connection terminated');
  expect((await items.get(id))?.intentUntil).not.toBeNull();
  const found = aFarm({
    ...empty,
    listQueue: () => Promise.resolve([{ id: '77', filename: 'a', filesystemId: null, left: 1, printed: 0, group: null, note: null, marker: id }]),
  });
  expect(await world.adder(found).handle(task, signal)).toMatchObject({ kind: 'snooze' });
  clock.advance(60_000);
  expect(await world.adder(found).handle(task, signal)).toEqual({ kind: 'done' });
  expect(await items.get(id)).toMatchObject({ state: 'ADDED', simplyprintId: '77' });
});

it('a refusal says that nothing was added: the way is free at once', async () => {
  const { storeId, id } = await world.queueItem();
  const refused = aFarm({
    addItem: () => Promise.reject(new OutsideError({ system: 'simplyprint', failure: 'transient', operation: 'queue/AddItem' }, 'not sent')),
  });
  await expect(world.adder(refused).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal)).rejects.toThrow('not sent');
  expect(await items.get(id)).toMatchObject({ state: 'PENDING', intentUntil: null });
});

it('a runner that lost its lease cannot take away the intent of the one that took over', async () => {
  const { storeId, id } = await world.queueItem();
  const task = world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id });
  let goOn = (): void => undefined;
  let stalled = (): void => undefined;
  const isStalled = new Promise<void>((resolve) => { stalled = resolve; });
  const stall = new Promise<void>((resolve) => { goOn = resolve; });
  const slow = world.adder(aFarm({
    addItem: async () => {
      stalled();
      await stall;
      throw new OutsideError({ system: 'simplyprint', failure: 'transient', operation: 'queue/AddItem' }, 'not sent: the lease is over');
    },
  })).handle(task, signal);
  await isStalled;
  clock.advance(60_000);
  let added = 0;
  const quick = aFarm({ ...empty, addItem: () => { added += 1; return lost(); } });
  expect(await world.adder(quick).handle(task, signal)).toMatchObject({ kind: 'retry' });
  const intent = (await items.get(id))?.intentUntil;
  goOn();
  await expect(slow).rejects.toThrow('the lease is over');
  expect((await items.get(id))?.intentUntil).toEqual(intent);
  expect(added).toBe(1);
});

it('who finds another runner adding the item waits for it, and does not call the work done', async () => {
  const { storeId, id } = await world.queueItem();
  const task = world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id });
  // The other one announces its AddItem after this one has looked at the item.
  const late = aFarm({
    ensureMarkerField: async () => {
      await world.db.transaction('test.other', (tx) =>
        items.intend(tx, id, { until: new Date(clock.now().getTime() + 9_000), amount: 1, highestBefore: null }),
      );
      return true;
    },
  });
  expect(await world.adder(late).handle(task, signal)).toMatchObject({ kind: 'snooze' });
});

it('a farm that takes no marker field is not asked for it again before each item', async () => {
  const { storeId, id } = await world.queueItem();
  let asked = 0;
  const plain = aFarm({ ...empty, ensureMarkerField: () => { asked += 1; return Promise.resolve(false); }, addItem: lost });
  const adder = world.adder(plain);
  const task = world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id });
  expect(await adder.handle(task, signal)).toMatchObject({ kind: 'retry' });
  clock.advance(60_000);
  expect(await adder.handle(task, signal)).toMatchObject({ kind: 'retry' });
  expect(asked).toBe(1);
});

describe('an item that could not be added for good, when a person has it tried again', () => {
  const refuse = aFarm({
    ...empty,
    addItem: () => Promise.reject(new OutsideError({ system: 'simplyprint', failure: 'permanent', operation: 'queue/AddItem' }, 'there is no such file')),
  });
  const replay = (task: Parameters<ReturnType<typeof world.adder>['replayed']>[1]) => world.db.transaction('test.replay', (tx) => world.adder(refuse).replayed(tx, task));

  async function failed(amount = 2) {
    const { storeId, orderId, id } = await world.queueItem(amount);
    const task = world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id });
    await expect(world.adder(refuse).handle(task, signal)).rejects.toThrow('no such file');
    await world.db.transaction('test.fail', (tx) => world.adder(refuse).failed(tx, task, 'there is no such file'));
    return { task, orderId, id };
  }
  const statuses = async (orderId: string) =>
    (await world.db.sql.rows(z.object({ status: z.string(), replaced: z.boolean() }))`
      SELECT status, replaced FROM print_job WHERE order_id = ${orderId} ORDER BY status`).map((row) => `${row.status}${row.replaced ? ' replaced' : ''}`);

  it('has each of its prints made anew, once', async () => {
    const { task, orderId } = await failed();
    expect(await statuses(orderId)).toEqual(['FAILED', 'FAILED']);
    await replay(task);
    expect(await statuses(orderId)).toEqual(['FAILED replaced', 'FAILED replaced', 'PENDING', 'PENDING']);
    await expect(replay(task)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is left to a look at SimplyPrint when it may stand there', async () => {
    const { task, id } = await failed(1);
    await world.db.sql`UPDATE queue_item SET intent_until = now() WHERE id = ${id}`;
    await expect(replay(task)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is nothing that a cancelled order wants', async () => {
    const { task, orderId } = await failed(1);
    await world.db.sql`UPDATE orders SET cancelled_at = now() WHERE id = ${orderId}`;
    await expect(replay(task)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('that has been added meanwhile needs nothing more', async () => {
    const { task, id } = await failed(1);
    await world.db.sql`UPDATE queue_item SET state = 'ADDED' WHERE id = ${id}`;
    await replay(task);
  });
});

it('a reprint that is asked back while the revived item is found in its place is taken out of that item', async () => {
  const { storeId, id } = await world.queueItem();
  const shown = { left: 0, jobs: [] as SimplyPrintJob[] };
  const farm = aFarm({
    addItem: () => Promise.resolve({ queueItemId: '70', noteFailure: null }),
    listQueue: () => Promise.resolve(shown.left === 0 ? [] : [{ id: '70', filename: 'pot', filesystemId: null, left: shown.left, printed: 0, group: null, note: null, marker: id }]),
    listJobs: () => Promise.resolve({ jobs: shown.jobs, pages: 1 }),
    listPrinters: () => Promise.resolve([]),
  });
  await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  shown.jobs = [{
    id: '5', uid: 'u-5', status: 'failed', queueItemId: '70', marker: null, printerId: '3', printerName: 'Alder', filename: 'pot', filesystemId: null,
    startedAt: clock.now(), endedAt: clock.now(), percentage: 10, costCents: null,
  }];
  await world.sweeper(farm).sweep(storeId, signal);
  const [reprint] = await world.db.sql.rows(z.object({ id: z.string() }))`SELECT id FROM queue_item WHERE reprint_of_id = ${id}`;
  const reprintId = reprint?.id ?? '';
  await world.db.sql`DELETE FROM retry_queue WHERE store_id = ${storeId}`;

  shown.left = 1;
  const askedMeanwhile = { ...farm, listQueue: async () => { await world.askBack(reprintId); return farm.listQueue(); } };
  expect(await world.adder(askedMeanwhile).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: reprintId }), signal)).toEqual({ kind: 'done' });
  expect(await items.get(reprintId)).toMatchObject({ state: 'REPLACED' });
  const trims = await world.db.sql.rows(z.object({ item: z.string() }))`SELECT payload ->> 'queue_item_id' AS item FROM retry_queue WHERE store_id = ${storeId} AND type = 'CANCELLATION'`;
  expect(trims.map((trim) => trim.item)).toContain(id);
});
