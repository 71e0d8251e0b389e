import { OutsideError } from '@forma3d/kernel';
import { useDatabase } from '@forma3d/testing';
import { aFarm, printWorld } from './print-world.fixture';

const world = printWorld(useDatabase().url());
const signal = new AbortController().signal;
afterAll(() => world.db.close());

it('a job that nobody here knows wakes the sweep while a print waits for its job', async () => {
  const { storeId } = await world.queueItem();
  await world.told(storeId, 'job.started', '900');
  expect(await world.sweepsAsked(storeId)).toBe(1);
});

it('jobs of other people wake nothing while every print of ours has its job', async () => {
  const { storeId, id } = await world.queueItem();
  const farm = aFarm({ addItem: () => Promise.resolve({ queueItemId: '70', noteFailure: null }) });
  await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  await world.db.transaction('test.bind', (tx) => world.prints.bind(tx, id, { id: '901', uid: 'u-901' }));
  for (const event of ['job.started', 'job.done']) await world.told(storeId, event, '902');
  expect(await world.sweepsAsked(storeId)).toBe(0);
  await world.told(storeId, 'job.started', '901');
  expect((await world.prints.ofQueueItem(world.db, id)).map((print) => print.status)).toEqual(['PRINTING']);
});

it('a job that is faster than the answer to our AddItem is looked at again once the answer is there', async () => {
  const { storeId, id } = await world.queueItem();
  const farm = aFarm({
    addItem: async () => {
      // The printer starts, and says so, before SimplyPrint answers.
      expect(await world.told(storeId, 'job.started', '903')).toMatchObject({ kind: 'snooze', afterMs: 1_000 });
      return { queueItemId: '71', noteFailure: null };
    },
  });
  await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  expect(await world.told(storeId, 'job.started', '903')).toEqual({ kind: 'done' });
  expect(await world.sweepsAsked(storeId)).toBe(1);
});

it('a job is not looked at again for ever while the end of an AddItem is unknown', async () => {
  const { storeId, id } = await world.queueItem();
  const farm = aFarm({ addItem: () => Promise.reject(new OutsideError({ system: 'simplyprint', operation: 'queue/AddItem', failure: 'unknown' }, 'no answer')) });
  await world.adder(farm).handle(world.task('PRINT_JOB_CREATION', storeId, { queue_item_id: id }), signal);
  expect(await world.told(storeId, 'job.started', '904')).toMatchObject({ kind: 'snooze' });
  world.clock.advance(30_000);
  expect(await world.told(storeId, 'job.started', '904')).toEqual({ kind: 'done' });
});
