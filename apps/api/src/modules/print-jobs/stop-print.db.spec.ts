import { OutsideError } from '@forma3d/kernel';
import type { SimplyPrintClient, SimplyPrintPrinter } from '@forma3d/simplyprint';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const { db, prints, clock, operator } = world;
const signal = new AbortController().signal;
afterAll(() => db.close());

const kinds = z.object({ kind: z.string() });
const text = z.object({ text: z.string() });

/** A printer with one of our jobs on it, and a SimplyPrint that ends the job when the printer is told to. */
async function onPrinter(state: 'downloading' | 'printing') {
  const { storeId, orderId, id } = await world.queueItem();
  const jobId = id.slice(-6);
  const shown = { state, jobOnPrinter: jobId as string | null, ended: null as string | null, stopped: [] as string[] };
  const printer = (): SimplyPrintPrinter => ({
    id: '3', name: 'Alder', state: shown.state, online: true,
    job: shown.jobOnPrinter === null ? null : { id: shown.jobOnPrinter, uid: `u-${shown.jobOnPrinter}`, state: shown.state, percentage: 10 },
  });
  const cancelPrinterJob: SimplyPrintClient['cancelPrinterJob'] = (printerId) => {
    shown.stopped.push(printerId);
    shown.jobOnPrinter = null;
    shown.ended = 'cancelled';
    return Promise.resolve();
  };
  const does = {
    addItem: () => Promise.resolve({ queueItemId: jobId, noteFailure: null }),
    listQueue: () => Promise.resolve([]),
    listJobs: () =>
      Promise.resolve({
        jobs: [{
          id: jobId, uid: `u-${jobId}`, status: 'ongoing' as const, queueItemId: jobId, marker: id, printerId: '3', printerName: 'Alder', filename: 'pot',
          filesystemId: null, startedAt: clock.now(), endedAt: null, percentage: 0, costCents: null,
        }],
        pages: 1,
      }),
    listPrinters: () => Promise.resolve([printer()]),
    getJob: () =>
      Promise.resolve({
        id: jobId, uid: `u-${jobId}`, state: shown.ended ?? shown.state, percentage: 10, printerId: '3', printerName: 'Alder', failedReason: null, cancelReason: null,
        cancelComment: null, costCents: null,
      }),
    cancelPrinterJob,
  };
  const only = async () => {
    const [print] = await prints.ofQueueItem(db, id);
    if (!print) throw new Error('the item has no print');
    return print;
  };
  await world.adder(aFarm(does)).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  await world.sweeper(aFarm(does)).sweep(storeId, signal);
  expect(await only()).toMatchObject({ status: state === 'printing' ? 'PRINTING' : 'ASSIGNED', simplyprintJobId: jobId });
  const cancelOrder = () =>
    db.transaction('test.cancel', async (tx) => {
      const order = await world.orders.lock(tx, orderId);
      if (!order) throw new Error('the order is gone');
      await world.cancelProduction.of(tx, await world.orders.cancel(tx, order, { at: clock.now(), reason: 'changed their mind' }));
    });
  const stop = async (change: Partial<SimplyPrintClient> = {}) =>
    world.stopper(aFarm({ ...does, ...change })).handle(world.task('PRINT_STOP', storeId, { print_job_id: (await only()).id }), signal);
  const stopsAsked = async () => (await db.sql.rows(z.unknown())`SELECT 1 FROM retry_queue WHERE store_id = ${storeId} AND type = 'PRINT_STOP'`).length;
  const open = async () => (await db.sql.rows(kinds)`SELECT kind FROM attention WHERE store_id = ${storeId} AND closed_at IS NULL`).map(({ kind }) => kind);
  const told = async (type: string) => (await db.sql.rows(z.unknown())`SELECT 1 FROM event WHERE store_id = ${storeId} AND type = ${type}`).length;
  return { storeId, orderId, shown, only, cancelOrder, stop, stopsAsked, open, told, does };
}

it('flag printing: a print on a printer is flagged once when its order is cancelled, told, and not stopped by itself', async () => {
  const { cancelOrder, stopsAsked, only, open, told, stop, shown } = await onPrinter('printing');
  await cancelOrder();
  await cancelOrder();
  const print = await only();
  expect(print).toMatchObject({ status: 'PRINTING', wanted: false, needsReviewAt: clock.now(), stopRequestedAt: null });
  expect(await open()).toEqual(['cancellation-needs-review']);
  expect(await told('cancellation.needs-review')).toBe(1);
  expect(await stopsAsked()).toBe(0);
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual([]);
  expect(await db.sql.rows(text)`SELECT kind AS text FROM attention WHERE subject_id = ${print.id}`).toEqual([{ text: 'cancellation-needs-review' }]);
});

it('a print that was flagged and let finish for another reason is flagged anew when its order is cancelled', async () => {
  const { storeId, orderId, cancelOrder, only, open, told } = await onPrinter('printing');
  const { id } = await only();
  await db.transaction('test.flag', async (tx) => {
    const order = await world.orders.lock(tx, orderId);
    if (order) await world.review.unexpected(tx, order, id, 'a job too many');
  });
  await operator.letFinish(storeId, id);
  expect(await open()).toEqual([]);
  await cancelOrder();
  expect(await only()).toMatchObject({ status: 'PRINTING', keptAt: null });
  expect(await open()).toEqual(['cancellation-needs-review']);
  expect(await told('cancellation.needs-review')).toBe(1);
  await operator.letFinish(storeId, id);
  expect(await only()).toMatchObject({ keptAt: clock.now() });
});

it('a flagged print that an operator has stopped counts as cancelled only when SimplyPrint says so', async () => {
  const { storeId, cancelOrder, stopsAsked, only, open, stop, shown } = await onPrinter('printing');
  await cancelOrder();
  const { id } = await only();
  await Promise.all([operator.stop(storeId, id), operator.stop(storeId, id)]);
  expect(await only()).toMatchObject({ status: 'PRINTING', stopRequestedAt: clock.now() });
  expect(await stopsAsked()).toBe(1);
  expect(await open()).toEqual([]);
  const unheard = { cancelPrinterJob: () => Promise.resolve() };
  expect(await stop(unheard)).toMatchObject({ kind: 'retry' });
  expect(await only()).toMatchObject({ status: 'PRINTING' });
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual(['3']);
  expect(await only()).toMatchObject({ status: 'CANCELLED' });
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual(['3']);
});

it('a printer that has gone on to another job is not stopped', async () => {
  const { storeId, only, stop, shown } = await onPrinter('printing');
  await operator.stop(storeId, (await only()).id);
  shown.jobOnPrinter = 'of-somebody-else';
  shown.ended = 'done';
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual([]);
  expect(await only()).toMatchObject({ status: 'COMPLETED' });
});

it('a stop whose answer is lost, or that SimplyPrint refuses, is looked at before it is repeated', async () => {
  const { storeId, only, stop, shown, does } = await onPrinter('printing');
  await operator.stop(storeId, (await only()).id);
  const lost = async () => {
    await does.cancelPrinterJob('3', 2, '');
    throw new OutsideError({ system: 'simplyprint', failure: 'unknown', operation: 'printers/actions/Cancel' }, 'no answer');
  };
  await expect(stop({ cancelPrinterJob: lost })).rejects.toMatchObject({ failure: 'unknown' });
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual(['3']);
  expect(await only()).toMatchObject({ status: 'CANCELLED' });

  const other = await onPrinter('printing');
  await operator.stop(other.storeId, (await other.only()).id);
  const refuses = () => Promise.reject(new OutsideError({ system: 'simplyprint', failure: 'permanent', operation: 'printers/actions/Cancel' }, 'The printer is not printing.'));
  expect(await other.stop({ cancelPrinterJob: refuses })).toMatchObject({ kind: 'retry', why: 'The printer is not printing.' });
  expect(await other.only()).toMatchObject({ status: 'PRINTING' });
});

it('a print that a printer was given and has not begun is taken from it again when its order is cancelled', async () => {
  const { cancelOrder, stopsAsked, only, open, stop, shown } = await onPrinter('downloading');
  await cancelOrder();
  expect(await only()).toMatchObject({ status: 'ASSIGNED', cancelRequestedAt: clock.now() });
  expect(await stopsAsked()).toBe(1);
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual(['3']);
  expect(await only()).toMatchObject({ status: 'CANCELLED' });
  expect(await open()).toEqual([]);
});

it('one that begins before it is taken back goes on, and a person decides', async () => {
  const { cancelOrder, only, open, stop, shown, told } = await onPrinter('downloading');
  await cancelOrder();
  shown.state = 'printing';
  expect(await stop()).toEqual({ kind: 'done' });
  expect(shown.stopped).toEqual([]);
  expect(await only()).toMatchObject({ status: 'PRINTING' });
  expect(await open()).toEqual(['cancellation-needs-review']);
  expect(await told('cancellation.needs-review')).toBe(1);
});

it('a flagged print that an operator lets finish needs nobody any more, and may still be stopped', async () => {
  const { storeId, cancelOrder, only, open } = await onPrinter('printing');
  await expect(operator.letFinish(storeId, (await only()).id)).rejects.toMatchObject({ code: 'conflict' });
  await cancelOrder();
  const { id } = await only();
  await operator.letFinish(storeId, id);
  await operator.letFinish(storeId, id);
  expect(await only()).toMatchObject({ status: 'PRINTING', keptAt: clock.now() });
  expect(await open()).toEqual([]);
  await operator.stop(storeId, id);
  expect(await only()).toMatchObject({ keptAt: null, stopRequestedAt: clock.now() });
  await expect(operator.letFinish(storeId, id)).rejects.toMatchObject({ code: 'conflict' });
  const done = await db.sql.rows(text)`SELECT action AS text FROM audit_log WHERE entity_id = ${id} ORDER BY id`;
  expect(done.map((each) => each.text)).toEqual(['kept', 'stop-requested']);
});

it('a print that is not on a printer cannot be stopped there', async () => {
  const { storeId, id } = await world.queueItem();
  const [print] = await prints.ofQueueItem(db, id);
  await expect(operator.stop(storeId, print?.id ?? '')).rejects.toMatchObject({ code: 'conflict' });
  const { storeId: other, only, stop } = await onPrinter('printing');
  await expect(operator.cancel(other, (await only()).id)).rejects.toMatchObject({ code: 'conflict' });
  await operator.stop(other, (await only()).id);
  await stop();
  await expect(operator.stop(other, (await only()).id)).rejects.toMatchObject({ code: 'conflict' });
});
