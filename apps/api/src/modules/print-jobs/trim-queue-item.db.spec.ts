import { OutsideError } from '@forma3d/kernel';
import type { SimplyPrintClient, SimplyPrintJob } from '@forma3d/simplyprint';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, prints, items, clock } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

const job: SimplyPrintJob = {
  id: '5', uid: 'u-5', status: 'ongoing', queueItemId: '70', marker: null, printerId: '3', printerName: 'Alder', filename: 'pot', filesystemId: null,
  startedAt: clock.now(), endedAt: null, percentage: 0, costCents: null,
};

/** An item that SimplyPrint has as number 70 and of which the first so many prints are asked back, or all. */
async function askedBack(amount = 1, back?: number) {
  const shown = { left: amount, jobs: [] as SimplyPrintJob[], slipping: (_page: number): { jobs: SimplyPrintJob[]; pages: number } | undefined => undefined };
  const { storeId, id } = await world.queueItem(amount);
  const does = {
    addItem: () => Promise.resolve({ queueItemId: '70', noteFailure: null }),
    listQueue: () => Promise.resolve(shown.left === 0 ? [] : [{ id: '70', filename: 'pot', filesystemId: null, left: shown.left, printed: 0, group: null, note: null, marker: id }]),
    listJobs: ({ page = 1 }: { page?: number }) => Promise.resolve(shown.slipping(page) ?? { jobs: shown.jobs, pages: 1 }),
    listPrinters: () => Promise.resolve([]),
    getJob: () => Promise.resolve(null),
  };
  await world.adder(aFarm(does)).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  await world.askBack(id, back);
  const trim = (deleteItem: SimplyPrintClient['deleteItem'], updateItem?: (amount: number) => void | Promise<void>) => {
    const setsAmount: SimplyPrintClient['updateItem'] = async (_id, { amount: left = 0 }) => {
      shown.left = left;
      await updateItem?.(left);
    };
    return world.trimmer(aFarm({ ...does, deleteItem, updateItem: setsAmount })).handle(world.task('CANCELLATION', storeId, { queue_item_id: id }), signal);
  };
  const all = async () => (await prints.ofQueueItem(db, id)).map((print) => print.status);
  const only = async () => (await prints.ofQueueItem(db, id))[0];
  const review = async () => (await db.sql.rows(z.unknown())`SELECT 1 FROM attention WHERE kind = 'cancellation-needs-review' AND closed_at IS NULL AND store_id = ${storeId}`).length;
  return { shown, storeId, id, trim, only, all, review };
}

it('a print that is taken out of the queue counts as cancelled once SimplyPrint has confirmed', async () => {
  const { shown, trim, only } = await askedBack();
  expect(await only()).toMatchObject({ status: 'QUEUED' });
  expect(await trim(() => { shown.left = 0; return Promise.resolve(); })).toEqual({ kind: 'done' });
  expect(await only()).toMatchObject({ status: 'CANCELLED' });
});

it('a print that a printer takes in the last moment is not called cancelled, and a person is told when it prints', async () => {
  const { shown, storeId, trim, only, review } = await askedBack();
  await trim(() => { shown.left = 0; shown.jobs = [job]; return Promise.resolve(); });
  expect(await only()).toMatchObject({ status: 'ASSIGNED', simplyprintJobId: '5' });
  await world.told(storeId, 'job.started', '5');
  expect(await only()).toMatchObject({ status: 'PRINTING' });
  expect(await review()).toBe(1);
});

it('a print whose job slips by a reading of the history, because others start meanwhile, is not called cancelled', async () => {
  const { shown, trim, only } = await askedBack();
  shown.left = 0;
  const others = (id: string) => ({ jobs: [{ ...job, id, uid: `u-${id}`, queueItemId: '71' }], pages: 2 });
  let firstPages = 0;
  // It is on the first page until the second was read, and on the second when the first is read again.
  shown.slipping = (page) => (page === 1 && ++firstPages === 1 ? { jobs: [job], pages: 2 } : others(String(page)));
  await trim(() => Promise.reject(new Error('nothing is to be deleted')));
  expect(await only()).toMatchObject({ status: 'ASSIGNED', simplyprintJobId: '5' });
});

it('an item that is gone when it is to be removed is looked at again, not given up', async () => {
  const { shown, trim, only } = await askedBack();
  const gone = () => {
    shown.left = 0;
    return Promise.reject(new OutsideError({ system: 'simplyprint', failure: 'permanent', operation: 'queue/DeleteItem' }, 'Queue item not found.'));
  };
  expect(await trim(gone)).toMatchObject({ kind: 'retry' });
  expect(await trim(gone)).toEqual({ kind: 'done' });
  expect(await only()).toMatchObject({ status: 'CANCELLED' });
});

const deletes = (shown: { left: number }) => () => {
  shown.left = 0;
  return Promise.resolve();
};
const mayNotDelete = () => Promise.reject(new Error('nothing is to be deleted'));

it('prints asked back while others of their item are taken out count as cancelled when they are taken out too', async () => {
  const { shown, id, trim, all } = await askedBack(3, 1);
  await trim(mayNotDelete, () => world.askBack(id));
  expect(await all()).toEqual(['CANCELLED', 'QUEUED', 'QUEUED']);
  await trim(deletes(shown));
  expect(await all()).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
});

it('an amount that was set too high, because a printer took a print meanwhile, is set right', async () => {
  const { shown, trim, all } = await askedBack(3, 1);
  const amounts: number[] = [];
  await trim(mayNotDelete, (amount) => {
    amounts.push(amount);
    shown.jobs = [job];
  });
  expect(amounts).toEqual([2, 1]);
  expect(await all()).toEqual(['CANCELLED', 'ASSIGNED', 'QUEUED']);
});

it('an item of which SimplyPrint keeps more than is wanted is not called trimmed', async () => {
  const { shown, trim, all } = await askedBack(2, 1);
  expect(await trim(mayNotDelete, () => { shown.left = 2; })).toMatchObject({ kind: 'retry' });
  expect(await all()).toEqual(['QUEUED', 'QUEUED']);
});

it('an item that begins to be added while its removal is confirmed is trimmed once it is there', async () => {
  const { id, storeId } = await world.queueItem(1);
  await world.askBack(id);
  const read = items.get.bind(items);
  jest.spyOn(items, 'get').mockImplementationOnce(async (itemId, ...rest) => {
    const before = await read(itemId, ...rest);
    await db.transaction('test.intend', (tx) => items.intend(tx, itemId, { until: new Date(clock.now().getTime() + 1_000), amount: 1, highestBefore: null }));
    return before;
  });
  const run = () => world.trimmer(aFarm({})).handle(world.task('CANCELLATION', storeId, { queue_item_id: id }), signal);
  expect(await run()).toMatchObject({ kind: 'snooze' });
  expect(await items.get(id)).toMatchObject({ state: 'PENDING' });
  expect(await run()).toMatchObject({ kind: 'snooze' });
});
