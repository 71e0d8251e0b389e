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
