import { OutsideError } from '@forma3d/kernel';
import type { SimplyPrintClient, SimplyPrintJob } from '@forma3d/simplyprint';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, prints, clock } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

const job: SimplyPrintJob = {
  id: '5', uid: 'u-5', status: 'ongoing', queueItemId: '70', marker: null, printerId: '3', printerName: 'Alder', filename: 'pot', filesystemId: null,
  startedAt: clock.now(), endedAt: null, percentage: 0, costCents: null,
};

/** An item of one print that SimplyPrint has as number 70 and that is asked back. */
async function askedBack() {
  const shown = { left: 1, jobs: [] as SimplyPrintJob[] };
  const { storeId, id } = await world.queueItem();
  const does = {
    addItem: () => Promise.resolve({ queueItemId: '70', noteFailure: null }),
    listQueue: () => Promise.resolve(shown.left === 0 ? [] : [{ id: '70', filename: 'pot', filesystemId: null, left: shown.left, printed: 0, group: null, note: null, marker: id }]),
    listJobs: () => Promise.resolve({ jobs: shown.jobs, pages: 1 }),
    listPrinters: () => Promise.resolve([]),
    getJob: () => Promise.resolve(null),
  };
  await world.adder(aFarm(does)).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  await world.askBack(id);
  const trim = (deleteItem: SimplyPrintClient['deleteItem']) =>
    world.trimmer(aFarm({ ...does, deleteItem })).handle(world.task('CANCELLATION', storeId, { queue_item_id: id }), signal);
  const only = async () => (await prints.ofQueueItem(db, id))[0];
  const review = async () => (await db.sql.rows(z.unknown())`SELECT 1 FROM attention WHERE kind = 'cancellation-needs-review' AND closed_at IS NULL AND store_id = ${storeId}`).length;
  return { shown, storeId, trim, only, review };
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
