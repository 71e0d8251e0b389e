import { OutsideError } from '@forma3d/kernel';
import type { SimplyPrintJob } from '@forma3d/simplyprint';
import { historyFromOldest, historySince } from './job-history';
import { aFarm } from './print-world.fixture';

const BEGAN = Date.parse('2026-11-02T09:00:00Z');
const MINUTE = 60_000;

/** A history of one job a minute, the newest first, `size` to a page. */
function history(jobs: number, size: number) {
  const all = Array.from({ length: jobs }, (_, n): SimplyPrintJob => ({
    id: String(jobs - n), uid: `u-${jobs - n}`, status: 'done', queueItemId: null, marker: null, printerId: null, printerName: null, filename: 'pot',
    filesystemId: null, startedAt: new Date(BEGAN + (jobs - n) * MINUTE), endedAt: null, percentage: 100, costCents: null,
  }));
  const pages = Math.max(1, Math.ceil(jobs / size));
  const asked: number[] = [];
  const client = aFarm({
    listJobs: ({ page }) => {
      asked.push(page);
      return Promise.resolve({ jobs: all.slice((page - 1) * size, page * size), pages });
    },
  });
  return { client, asked };
}

const firstsOf = async (pages: AsyncIterable<SimplyPrintJob[]>): Promise<string[]> => {
  const firsts: string[] = [];
  for await (const page of pages) firsts.push(page[0]?.id ?? 'none');
  return firsts;
};
const minute = (n: number): Date => new Date(BEGAN + n * MINUTE);

it('is read from the oldest page that is young enough to the newest', async () => {
  const { client } = history(40, 4);
  expect(await firstsOf(historyFromOldest(client, minute(19)))).toEqual(['20', '24', '28', '32', '36', '40']);
  expect(await firstsOf(historyFromOldest(client, minute(-9)))).toEqual(['4', '8', '12', '16', '20', '24', '28', '32', '36', '40']);
});

it.each([0, 1, 4, 5, 8, 9, 37, 40])('holds the same %s jobs in either order', async (jobs) => {
  for (const since of [-9, 0, 3, 17, 39, 80]) {
    const { client } = history(jobs, 4);
    const fromOldest: SimplyPrintJob[] = [];
    for await (const page of historyFromOldest(client, minute(since))) fromOldest.push(...page);
    const ids = (all: readonly SimplyPrintJob[]) => all.map((job) => Number(job.id)).sort((a, b) => a - b);
    expect(ids(fromOldest)).toEqual(ids(await historySince(client, minute(since))));
  }
});

it('costs one question when one page is enough, and few more than there are pages', async () => {
  const one = history(40, 4);
  await firstsOf(historyFromOldest(one.client, minute(39)));
  expect(one.asked).toEqual([1]);
  const all = history(400, 4);
  await firstsOf(historyFromOldest(all.client, minute(-9)));
  expect(all.asked.length).toBeLessThan(100 + 16);
});

it('a page that is not answered is asked for again, and one that never is ends the reading', async () => {
  const { client, asked } = history(4, 2);
  const lost = new OutsideError({ system: 'simplyprint', failure: 'transient', operation: 'jobs/GetPaginatedPrintJobs' }, 'no answer');
  let fails = 2;
  const shaky = { ...client, listJobs: (page: { page: number; pageSize: number }) => (page.page === 2 && fails-- > 0 ? Promise.reject(lost) : client.listJobs(page)) };
  expect(await historySince(shaky, new Date(BEGAN))).toHaveLength(4);
  expect(asked).toEqual([1, 2]);
  fails = 3;
  await expect(historySince(shaky, new Date(BEGAN))).rejects.toBe(lost);
});

it('a job that moves to the next page while the first is read is there once', async () => {
  const { client } = history(4, 2);
  let moved = 0;
  const moving = { ...client, listJobs: async (asked: { page: number; pageSize: number }) => {
    const { jobs } = await client.listJobs({ ...asked, page: Math.max(1, asked.page - moved) });
    moved = 1;
    return { jobs, pages: 3 };
  } };
  expect((await historySince(moving, new Date(BEGAN))).map((job) => job.id)).toEqual(['4', '3', '2', '1']);
});
