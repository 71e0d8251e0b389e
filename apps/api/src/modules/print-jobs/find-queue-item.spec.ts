import type { SimplyPrintClient, SimplyPrintJob, SimplyPrintQueueItem } from '@forma3d/simplyprint';
import { FakeClock } from '@forma3d/testing';
import { FarmReadings } from './farm-readings';
import { findQueueItem, highestQueueItemId } from './find-queue-item';
import { historySince } from './job-history';
import { isRevived } from './revived';
import type { PrintRow } from './print-jobs.repository';
import type { QueueItem } from './queue-items.repository';

const FILE = 'a'.repeat(32);
const ours = {
  id: 'marker-1', fileId: FILE, fileName: 'pot.gcode', amount: 3, highestBefore: null, simplyprintId: '10',
  createdAt: new Date('2026-11-02T09:00:00Z'),
} as unknown as QueueItem;
const queued = (id: string, more: Partial<SimplyPrintQueueItem> = {}): SimplyPrintQueueItem => ({
  id, filename: 'pot.gcode', filesystemId: FILE, left: 3, printed: 0, group: null, note: null, marker: null, ...more,
});
const job = (id: string, queueItemId: string | null, more: Partial<SimplyPrintJob> = {}): SimplyPrintJob => ({
  id, uid: null, status: 'ongoing', queueItemId, marker: null, printerId: null, printerName: null, filename: 'pot.gcode', filesystemId: null,
  startedAt: new Date('2026-11-02T09:01:00Z'), endedAt: null, percentage: 0, costCents: null, ...more,
});
const farm = (queue: SimplyPrintQueueItem[], ...pages: SimplyPrintJob[][]) => {
  const listJobs = jest.fn(({ page }: { page: number }) => Promise.resolve({ jobs: pages[page - 1] ?? [], pages: pages.length }));
  return { listQueue: () => Promise.resolve(queue), listJobs } as unknown as SimplyPrintClient & { listJobs: typeof listJobs };
};
const lookIn = async (client: SimplyPrintClient, item: QueueItem, claimed: Parameters<typeof findQueueItem>[2]) =>
  findQueueItem({ queue: await client.listQueue(), history: await historySince(client, item.createdAt) }, item, claimed);
const nobody = (): Promise<Set<string>> => Promise.resolve(new Set());

describe('looking for an item whose answer was lost', () => {
  it('finds it in the queue by our marker', async () => {
    expect(await lookIn(farm([queued('7'), queued('8', { marker: 'marker-1' })]), ours, nobody)).toEqual({ kind: 'found', simplyprintId: '8' });
  });

  it('finds it in the job history when printers have taken all of it', async () => {
    expect(await lookIn(farm([], [job('1', '8', { marker: 'marker-1' })]), ours, nobody)).toEqual({ kind: 'found', simplyprintId: '8' });
  });

  it('knows that it is absent when nothing carries the marker', async () => {
    expect(await lookIn(farm([queued('9')], [job('1', '9')]), ours, nobody)).toEqual({ kind: 'absent' });
  });
});

describe('readings of a farm', () => {
  const clock = new FakeClock();
  const ago = (ms: number) => new Date(clock.now().getTime() - ms);
  const about = (notBefore: Date, since = ago(60_000)) => ({ storeId: 'store', notBefore, since });

  it('are shared by all who look for what was settled before, while they run and afterwards', async () => {
    const client = farm([queued('7')], [job('1', '8')]);
    const readings = new FarmReadings(clock);
    const [one, other] = await Promise.all([readings.get(client, about(ago(0))), readings.get(client, about(ago(500)))]);
    expect(one).toEqual({ queue: [queued('7')], history: [job('1', '8')] });
    expect(other).toBe(one);
    clock.advance(600_000);
    expect(await readings.get(client, about(ago(600_000), ago(600_000)))).toBe(one);
    expect(client.listJobs).toHaveBeenCalledTimes(1);
  });

  it('are read anew for what was settled later or may lie further back, though not in quick succession', async () => {
    const client = farm([], [job('1', '8')]);
    const readings = new FarmReadings(clock);
    const first = await readings.get(client, about(ago(0)));
    clock.advance(1_000);
    expect(await readings.get(client, about(ago(0)))).toBe(2_000);
    expect(await readings.get(client, about(ago(5_000), ago(120_000)))).toBe(2_000);
    clock.advance(2_000);
    expect(await readings.get(client, about(ago(0)))).not.toBe(first);
    expect(client.listJobs).toHaveBeenCalledTimes(2);
  });

  it('read of the history only what came since the last one, and keep the rest', async () => {
    const started = (id: string, msAgo: number) => job(id, null, { startedAt: ago(msAgo) });
    const readings = new FarmReadings(clock);
    const old = started('1', 300_000);
    await readings.get(farm([], [old]), about(ago(0), ago(600_000)));
    clock.advance(200_000);
    const later = farm([], [started('2', 1_000), { ...old, status: 'done' }], [old]);
    expect(await readings.get(later, about(ago(0), ago(700_000)))).toMatchObject({ history: [{ id: '2' }, { id: '1', status: 'done' }] });
    expect(later.listJobs).toHaveBeenCalledTimes(1);
  });

  it('that failed serve nobody', async () => {
    const readings = new FarmReadings(clock);
    const broken = { listQueue: () => Promise.reject(new Error('cut off')) } as unknown as SimplyPrintClient;
    await expect(readings.get(broken, about(ago(0)))).rejects.toThrow('cut off');
    expect(await readings.get(farm([queued('7')]), about(ago(0)))).toMatchObject({ queue: [queued('7')] });
  });
});

describe('looking without a marker', () => {
  const unmarked = { ...ours, highestBefore: '10' };

  it('takes the one newer item with our file and amount', async () => {
    expect(await lookIn(farm([queued('9'), queued('11')]), unmarked, nobody)).toEqual({ kind: 'found', simplyprintId: '11' });
    expect(await lookIn(farm([queued('11', { left: 2, printed: 1 })]), unmarked, nobody)).toMatchObject({ kind: 'found' });
  });

  it('takes the one newer item that printers have taken already', async () => {
    expect(await lookIn(farm([], [job('1', '12'), job('2', '12')]), unmarked, nobody)).toEqual({ kind: 'found', simplyprintId: '12' });
  });

  it('leaves what is older, of another file or amount, or claimed by another of ours', async () => {
    const others = [queued('10'), queued('11', { filesystemId: 'b'.repeat(32) }), queued('12', { left: 1 }), queued('13')];
    expect(await lookIn(farm(others), unmarked, () => Promise.resolve(new Set(['13'])))).toEqual({ kind: 'absent' });
  });

  it('goes by the file of a started job where the history tells it, whatever name a person gave it', async () => {
    const renamed = job('1', '12', { filename: 'pot (2).gcode', filesystemId: FILE });
    expect(await lookIn(farm([], [renamed]), unmarked, nobody)).toEqual({ kind: 'found', simplyprintId: '12' });
    const namesake = job('1', '12', { filesystemId: 'b'.repeat(32) });
    expect(await lookIn(farm([], [namesake]), unmarked, nobody)).toEqual({ kind: 'absent' });
  });

  it('leaves it to a person whether a started job of another name is it, rather than print it twice', async () => {
    const renamed = job('1', '12', { filename: 'pot (2).gcode' });
    expect(await lookIn(farm([], [renamed]), unmarked, nobody)).toMatchObject({ kind: 'unclear', why: expect.stringContaining('12') });
    expect(await lookIn(farm([], [renamed]), unmarked, () => Promise.resolve(new Set(['12'])))).toEqual({ kind: 'absent' });
    expect(await lookIn(farm([queued('11')], [renamed]), unmarked, nobody)).toEqual({ kind: 'found', simplyprintId: '11' });
  });

  it('leaves two candidates to a person', async () => {
    expect(await lookIn(farm([queued('11'), queued('12')]), unmarked, nobody)).toMatchObject({ kind: 'unclear', why: expect.stringContaining('11, 12') });
  });
});

describe('reading the history', () => {
  it('stops at the page that is older than what is looked for', async () => {
    const old = job('2', null, { startedAt: new Date('2026-11-02T08:00:00Z') });
    const client = farm([], [job('3', null), old], [job('1', null)]);
    expect((await historySince(client, ours.createdAt)).map((each) => each.id)).toEqual(['3', '2']);
    expect(client.listJobs).toHaveBeenCalledTimes(1);
  });

  it('goes on while pages are young enough', async () => {
    expect(await historySince(farm([], [job('3', null)], [job('2', null)]), ours.createdAt)).toHaveLength(2);
  });

  it('tells the highest queue item id, also of ids beyond exact numbers', async () => {
    expect(await highestQueueItemId(farm([queued('9007199254740993')], [job('1', '9007199254740992')]))).toBe('9007199254740993');
    expect(await highestQueueItemId(farm([], []))).toBe('0');
  });
});

describe('a failed item that somebody revived', () => {
  const revivedIn = async (client: SimplyPrintClient, prints: PrintRow[]) =>
    isRevived({ queue: await client.listQueue(), history: await historySince(client, ours.createdAt) }, ours, prints);
  const print = (status: string, jobId: string | null) => ({ status, simplyprintJobId: jobId }) as PrintRow;

  it('has more waiting than our prints', async () => {
    expect(await revivedIn(farm([queued('10', { left: 1 })], []), [print('FAILED', '1')])).toBe(true);
    expect(await revivedIn(farm([queued('10', { left: 1 })], []), [print('FAILED', '1'), print('QUEUED', null)])).toBe(false);
  });

  it('or has a job that we do not know', async () => {
    expect(await revivedIn(farm([], [job('2', '10'), job('1', '10')]), [print('FAILED', '1')])).toBe(true);
    expect(await revivedIn(farm([], [job('1', '10')]), [print('FAILED', '1')])).toBe(false);
  });
});
