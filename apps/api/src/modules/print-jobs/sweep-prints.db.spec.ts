import type { SimplyPrintJob } from '@forma3d/simplyprint';
import { useDatabase } from '@forma3d/testing';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, prints, clock } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

const MINUTE = 60_000;
const job = (id: string, status: SimplyPrintJob['status'] = 'ongoing'): SimplyPrintJob => ({
  id, uid: `u-${id}`, status, queueItemId: '70', marker: null, printerId: '3', printerName: 'Alder', filename: 'pot', filesystemId: null,
  startedAt: clock.now(), endedAt: null, percentage: 0, costCents: null,
});

/** A queue item that SimplyPrint has as number 70, and what SimplyPrint shows of it. */
async function added(amount: number) {
  const shown = { left: amount, jobs: [] as SimplyPrintJob[], details: null as string | null, away: null as string | null };
  const { storeId, id } = await world.queueItem(amount);
  const farm = aFarm({
    addItem: () => Promise.resolve({ queueItemId: '70', noteFailure: null }),
    listQueue: () => Promise.resolve(shown.left === 0 ? [] : [{ id: '70', filename: 'pot', filesystemId: null, left: shown.left, printed: 0, group: null, note: null, marker: id }]),
    listJobs: () => Promise.resolve({ jobs: shown.jobs, pages: 1 }),
    listPrinters: () => Promise.resolve([]),
    getJob: (uid) =>
      uid === shown.away ? Promise.reject(new Error('SimplyPrint is away')) : Promise.resolve(shown.details === null ? null : { id: uid.slice(2), state: shown.details, percentage: 0, printerId: null, printerName: null, failedReason: null, cancelReason: null, cancelComment: null, costCents: null }),
  });
  await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  const sweeper = world.sweeper(farm);
  const statuses = async () => (await prints.ofQueueItem(db, id)).map((print) => print.status);
  return { shown, id, statuses, sweep: () => sweeper.sweep(storeId, signal) };
}

it('a print that shows in no list for a moment, long after it was added, is not given up', async () => {
  const { shown, statuses, sweep } = await added(1);
  clock.advance(60 * MINUTE);
  await sweep();
  // A printer has just taken it, and the history does not know yet.
  shown.left = 0;
  await sweep();
  expect(await statuses()).toEqual(['QUEUED']);
  shown.jobs = [job('1')];
  await sweep();
  expect(await statuses()).toEqual(['ASSIGNED']);
});

it('a print whose job began long before its lost AddItem was found is bound, however much was printed since', async () => {
  const { storeId, id } = await world.queueItem(1);
  const jobs = [{ ...job('2'), queueItemId: '71' }, job('1', 'done')].map((each, n) => ({ ...each, startedAt: new Date(clock.now().getTime() + (2 - n) * MINUTE) }));
  clock.advance(10 * MINUTE);
  const farm = aFarm({
    addItem: () => Promise.resolve({ queueItemId: '70', noteFailure: null }),
    listQueue: () => Promise.resolve([]),
    listJobs: ({ page = 1 }) => Promise.resolve({ jobs: jobs.slice(page - 1, page), pages: jobs.length }),
  });
  await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  await world.sweeper(farm).sweep(storeId, signal);
  expect((await prints.ofQueueItem(db, id)).map((print) => print.status)).toEqual(['COMPLETED']);
});

it('time in which it was seen again does not count', async () => {
  const { shown, statuses, sweep } = await added(1);
  shown.left = 0;
  await sweep();
  shown.left = 1;
  clock.advance(3 * MINUTE);
  await sweep();
  shown.left = 0;
  await sweep();
  expect(await statuses()).toEqual(['QUEUED']);
});

it('prints taken out of the queue by hand end, one by one or all, so that a person decides', async () => {
  const { shown, statuses, sweep } = await added(3);
  shown.left = 2;
  await sweep();
  clock.advance(3 * MINUTE);
  await sweep();
  expect(await statuses()).toEqual(['QUEUED', 'QUEUED', 'CANCELLED']);
  shown.left = 0;
  await sweep();
  clock.advance(3 * MINUTE);
  await sweep();
  expect(await statuses()).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED']);
});

it('what is left of an item of which one print was taken out at our request is for the prints that are wanted', async () => {
  const { shown, id, statuses, sweep } = await added(2);
  await world.askBack(id, 1);
  shown.left = 1;
  await sweep();
  clock.advance(3 * MINUTE);
  await sweep();
  expect(await statuses()).toEqual(['CANCELLED', 'QUEUED']);
});

it.each([
  ['whose details are gone', null],
  ['whose details speak an unknown word', 'cleared'],
])('a finished job %s is found in the history', async (_what, details) => {
  const { shown, statuses, sweep } = await added(1);
  shown.left = 0;
  shown.jobs = [job('2')];
  await sweep();
  shown.details = details;
  shown.jobs = [job('2', 'done')];
  await sweep();
  expect(await statuses()).toEqual(['COMPLETED']);
});

it('what was learnt before a question failed is kept, so that a sweep over many prints comes to its end', async () => {
  const { shown, statuses, sweep } = await added(2);
  shown.left = 0;
  shown.jobs = [job('3'), job('4')];
  await sweep();
  Object.assign(shown, { details: 'done', jobs: [], away: 'u-4' });
  await expect(sweep()).rejects.toThrow('SimplyPrint is away');
  expect(await statuses()).toEqual(['COMPLETED', 'ASSIGNED']);
  shown.away = null;
  await sweep();
  expect(await statuses()).toEqual(['COMPLETED', 'COMPLETED']);
});
