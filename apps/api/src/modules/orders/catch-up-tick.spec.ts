import { FakeClock } from '@forma3d/testing';
import { CatchUpTick } from './catch-up';

const clock = new FakeClock();

test('the catch-up is started for each store in the slot of its minutes', async () => {
  const perStore = { enqueue: jest.fn().mockResolvedValue(true) };
  expect(await new CatchUpTick(perStore, { catchUpMinutes: 3 }, clock).tick()).toBe(true);
  const [name, slot, make] = perStore.enqueue.mock.calls[0] as [string, Date, (store: { id: string }) => unknown];
  expect([name, slot]).toEqual(['catch-up', clock.now()]);
  expect(make({ id: 's' })).toEqual({ type: 'CATCH_UP', storeId: 's', payload: {}, dedupeKey: 's' });
});

test('the catch-up is started at the start of a process too, in the slot that is open', async () => {
  const perStore = { enqueue: jest.fn().mockResolvedValue(true) };
  await new CatchUpTick(perStore, { catchUpMinutes: 3 }, clock).onApplicationBootstrap();
  expect(perStore.enqueue).toHaveBeenCalledWith('catch-up', clock.now(), expect.any(Function), expect.any(Function));
});

test('the catch-up asks nothing of a shop that has uninstalled the app', async () => {
  const perStore = { enqueue: jest.fn().mockResolvedValue(true) };
  await new CatchUpTick(perStore, { catchUpMinutes: 3 }, clock).tick();
  const [, , , which] = perStore.enqueue.mock.calls[0] as [string, Date, unknown, (store: { uninstalledAt: Date | null }) => boolean];
  expect([which({ uninstalledAt: null }), which({ uninstalledAt: clock.now() })]).toEqual([true, false]);
});
