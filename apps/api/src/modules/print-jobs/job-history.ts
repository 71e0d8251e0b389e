import { OutsideError } from '@forma3d/kernel';
import type { SimplyPrintClient, SimplyPrintJob } from '@forma3d/simplyprint';

export const PAGE_SIZE = 100;
/** A bound on history pages read in one go, so that a broken answer cannot make us read for ever. */
const MOST_PAGES = 200;
const READS_OF_A_PAGE = 3;
/** Clocks of SimplyPrint and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

interface Page {
  page: number;
  jobs: SimplyPrintJob[];
  /** No page behind it holds a job that is looked for. */
  last: boolean;
}

/** The job history, newest first, back to `since`, page by page: jobs that start meanwhile only move others to pages that are still to be read. */
export async function* historyPages(client: SimplyPrintClient, since: Date, signal?: AbortSignal): AsyncGenerator<SimplyPrintJob[], void> {
  for (let page = 1; ; page += 1) {
    const { jobs, last } = await read(client, page, since, signal);
    yield jobs;
    if (last) return;
  }
}

/**
 * The same pages with the oldest first, for who applies them one by one: a reading that is cut off, however soon, has got on with what
 * waited longest, and the next begins behind it. Jobs that start meanwhile may move one past the reading: it is in the next.
 */
export async function* historyFromOldest(client: SimplyPrintClient, since: Date, signal?: AbortSignal): AsyncGenerator<SimplyPrintJob[], void> {
  const oldest = await lastPage(client, since, signal);
  yield oldest.jobs;
  for (let page = oldest.page - 1; page >= 1; page -= 1) yield (await read(client, page, since, signal)).jobs;
}

/** All pages in one, each job once: jobs that start meanwhile move others to a page that is read after the one they were on. */
export async function historySince(client: SimplyPrintClient, since: Date, signal?: AbortSignal): Promise<SimplyPrintJob[]> {
  const jobs = new Map<string, SimplyPrintJob>();
  for await (const page of historyPages(client, since, signal)) for (const job of page) jobs.set(job.id, job);
  return [...jobs.values()];
}

/** Found by doubling and then halving: with the logarithm of as many questions as there are pages. */
async function lastPage(client: SimplyPrintClient, since: Date, signal: AbortSignal | undefined): Promise<Page> {
  let before = 0;
  let found = await read(client, 1, since, signal);
  while (!found.last) {
    before = found.page;
    found = await read(client, Math.min(before * 2, MOST_PAGES), since, signal);
  }
  while (found.page - before > 1) {
    const middle = await read(client, Math.floor((before + found.page) / 2), since, signal);
    if (middle.last) found = middle;
    else before = middle.page;
  }
  return found;
}

/** Of a long reading some page is likely to fail: it alone is read again. */
async function read(client: SimplyPrintClient, page: number, since: Date, signal: AbortSignal | undefined): Promise<Page> {
  for (let again = 1; ; again += 1) {
    try {
      return await readOnce(client, page, since, signal);
    } catch (error) {
      const passes = error instanceof OutsideError && (error.failure === 'transient' || error.failure === 'unknown');
      if (!passes || again === READS_OF_A_PAGE || signal?.aborted) throw error;
    }
  }
}

async function readOnce(client: SimplyPrintClient, page: number, since: Date, signal: AbortSignal | undefined): Promise<Page> {
  const { jobs, pages } = await client.listJobs({ page, pageSize: PAGE_SIZE }, signal);
  const oldest = jobs.at(-1);
  const farEnough = oldest?.startedAt ? oldest.startedAt.getTime() < since.getTime() - CLOCK_SKEW_MS : oldest === undefined;
  return { page, jobs, last: farEnough || page >= Math.min(pages, MOST_PAGES) };
}
