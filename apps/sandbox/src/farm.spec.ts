import { Farm, type FarmEvent } from './farm';
import { minutesOf } from './farm-stock';
import { Faults } from './faults';
import { ManualScheduler } from './scheduler';

const FILE = 'c'.repeat(32);

function setUp(speed = 60) {
  const scheduler = new ManualScheduler();
  const faults = new Faults(scheduler);
  const farm = new Farm(scheduler, faults, speed);
  const events: FarmEvent[] = [];
  farm.onEvent((event) => events.push(event));
  const add = (amount: number, extra: { forPrinters?: number[]; file?: string } = {}) => {
    const file = farm.file(extra.file ?? FILE);
    if (!file) throw new Error('no file');
    return farm.addItem(
      {
        fileId: file.id,
        group: null,
        note: null,
        left: amount,
        forPrinters: extra.forPrinters ?? [],
        forModels: [],
        forGroups: [],
        tags: null,
        customFields: {},
      },
      file,
    );
  };
  const minutes = (count: number) => scheduler.advance((count * 1000) / speed + 1);
  const happened = () => events.map((each) => each.event);
  return { scheduler, faults, farm, events, add, minutes, happened };
}

test('a print waits, is fetched, is printed and is done, in the time its file takes', () => {
  const { farm, add, minutes, happened } = setUp();
  const item = add(1);
  expect(farm.ongoing()).toEqual([]);
  minutes(1);
  expect(farm.data.jobs).toMatchObject([{ queueItemId: item.id, status: 'ongoing', state: 'downloading' }]);
  expect(farm.data.printers[0]).toMatchObject({ state: 'downloading', jobId: farm.data.jobs[0]?.id });
  expect(item).toMatchObject({ left: 0, printed: 0 });
  minutes(1.5);
  expect(happened()).toEqual(['queue.add_item', 'job.started']);
  minutes(minutesOf(FILE) - 2);
  expect(farm.ongoing()).toHaveLength(1);
  minutes(2);
  expect(happened()).toEqual(['queue.add_item', 'job.started', 'job.done']);
  expect(farm.data.jobs).toMatchObject([{ status: 'done', state: 'done' }]);
});

test('an amount of N makes N jobs with ids of their own, and the item leaves the queue with the last', () => {
  const { farm, add, minutes } = setUp();
  const item = add(8);
  minutes(3);
  // Six printers: six at once.
  expect(farm.ongoing()).toHaveLength(6);
  expect(item).toMatchObject({ left: 2, printed: 0 });
  minutes(minutesOf(FILE) + 3);
  expect(item).toMatchObject({ left: 0, printed: 6 });
  expect(farm.data.queue).toEqual([item]);
  minutes(minutesOf(FILE) + 5);
  expect(farm.data.queue).toEqual([]);
  expect(farm.data.jobs.map((job) => [job.queueItemId, job.status])).toEqual(Array.from({ length: 8 }, () => [item.id, 'done']));
  expect(new Set(farm.data.jobs.map((job) => job.id)).size).toBe(8);
  expect(farm.data.printers.every((printer) => printer.jobId === null && printer.state === 'operational')).toBe(true);
});

test('a failed print does not come back by itself; revived, it prints once more', () => {
  const { farm, add, minutes, happened } = setUp();
  const item = add(1);
  minutes(3);
  const job = farm.ongoing()[0];
  if (!job) throw new Error('no job');
  expect(farm.endJob(job, 'failed')).toBe(true);
  expect(farm.endJob(job, 'done')).toBe(false);
  expect(farm.data.queue).toEqual([]);
  expect(farm.reviveItem(item.id)).toMatchObject({ left: 1 });
  minutes(minutesOf(FILE) + 5);
  expect(farm.data.jobs.map((each) => each.status)).toEqual(['failed', 'done']);
  expect(happened()).toEqual(['queue.add_item', 'job.started', 'job.failed', 'queue.revive_item', 'job.started', 'job.done']);
  expect(farm.reviveItem(1)).toBeNull();
});

test('an item that is deleted stops waiting, and its running print goes on', () => {
  const { farm, add, minutes } = setUp();
  const item = add(2, { forPrinters: [301] });
  minutes(3);
  expect(farm.deleteItem(item.id)).toBe(true);
  expect(farm.deleteItem(item.id)).toBe(false);
  minutes(200);
  expect(farm.data.jobs.map((job) => job.status)).toEqual(['done']);
});

test('printers take only what is meant for them', () => {
  const { farm, add, minutes } = setUp();
  add(2, { forPrinters: [304] });
  minutes(3);
  expect(farm.ongoing().map((job) => job.printerId)).toEqual([304]);
});

test('a stream of new items does not put off the printing', () => {
  const { farm, scheduler, add } = setUp();
  for (let times = 0; times < 5; times += 1) {
    add(1, { forPrinters: [301] });
    scheduler.advance(10);
  }
  expect(farm.ongoing()).toHaveLength(1);
});

test('prints go on at a new speed from where they are', () => {
  const { farm, add, minutes, scheduler } = setUp();
  add(1);
  minutes(3);
  farm.setSpeed(0);
  scheduler.advance(3_600_000);
  expect(farm.ongoing()).toHaveLength(1);
  farm.setSpeed(600);
  scheduler.advance(((minutesOf(FILE) + 2) * 1000) / 600);
  expect(farm.ongoing()).toEqual([]);
});

test('prints that would have ended while the sandbox was away end after its return', () => {
  const { farm, add, minutes, scheduler, faults } = setUp();
  add(1);
  minutes(3);
  const saved = structuredClone(farm.data);
  farm.setSpeed(0);
  scheduler.advance(600_000);
  const again = new Farm(scheduler, faults, 60, saved);
  scheduler.advance(1);
  expect(again.data.jobs).toMatchObject([{ status: 'done' }]);
});

test('the fault fail-prints fails as many prints as it says', () => {
  const { farm, faults, add, minutes } = setUp();
  faults.add({ target: 'simplyprint', kind: 'fail-prints', rate: 1, seed: 1, count: 2 });
  add(5);
  minutes(200);
  expect(farm.data.jobs.map((job) => job.status).sort()).toEqual(['done', 'done', 'done', 'failed', 'failed']);
});

test('every file takes 20 to 90 minutes, always the same', () => {
  const times = Array.from({ length: 300 }, (_, index) => minutesOf(`file ${index}`));
  expect(Math.min(...times)).toBeGreaterThanOrEqual(20);
  expect(Math.max(...times)).toBeLessThanOrEqual(90);
  expect(minutesOf('file 7')).toBe(times[7]);
});

test('what is no file id is no file', () => {
  const { farm } = setUp();
  expect(farm.file('dragon')).toBeNull();
  expect(farm.file('0'.repeat(32))).toBeNull();
});
