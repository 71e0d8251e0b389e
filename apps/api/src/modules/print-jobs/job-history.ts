import type { SimplyPrintClient, SimplyPrintJob } from '@forma3d/simplyprint';

export const PAGE_SIZE = 100;
/** A bound on history pages read in one go, so that a broken answer cannot make us read for ever. */
const MOST_PAGES = 200;
/** Clocks of SimplyPrint and ours may differ by this much. */
const CLOCK_SKEW_MS = 60_000;

/** The job history, newest first, back to `since`, page by page: who has what he looks for reads no further. */
export async function* historyPages(client: SimplyPrintClient, since: Date, signal?: AbortSignal): AsyncGenerator<SimplyPrintJob[], void> {
  const oldest = since.getTime() - CLOCK_SKEW_MS;
  for (let page = 1; page <= MOST_PAGES; page += 1) {
    const answer = await client.listJobs({ page, pageSize: PAGE_SIZE }, signal);
    yield answer.jobs;
    const last = answer.jobs.at(-1);
    if (!answer.hasMore || !last || (last.startedAt !== null && last.startedAt.getTime() < oldest)) break;
  }
}

/** The same in one. */
export async function historySince(client: SimplyPrintClient, since: Date, signal?: AbortSignal): Promise<SimplyPrintJob[]> {
  const jobs: SimplyPrintJob[] = [];
  for await (const page of historyPages(client, since, signal)) jobs.push(...page);
  return jobs;
}
