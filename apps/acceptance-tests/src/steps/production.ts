import { randomUUID } from 'node:crypto';
import { printJob, type PrintJobView } from '@forma3d/contracts';
import { expect } from '@playwright/test';
import { eventually } from '../eventually';
import { fileOf } from '../product';
import { Given, Then, When, type Scenario } from '../scenario';
import { QUICK } from '../shared-product';
import { ours } from './orders';

const prints = async (scenario: Scenario) => scenario.product.prints((await ours(scenario)).id);
const withStatus = (all: PrintJobView[], status: PrintJobView['status']) => all.filter((print) => print.status === status);

Given('the printers stand still', async ({ scenario }) => {
  await scenario.product.speed(0);
});

/** A print that is over in milliseconds may be seen only when it is done. */
Given('the printers take their time', async ({ scenario }) => {
  await scenario.product.speed(1);
});

When('the printers go on', async ({ scenario }) => {
  await scenario.product.speed(Number(QUICK.SANDBOX_SPEED));
});

Given('the next print fails', async ({ scenario }) => {
  await scenario.product.fault({ target: 'simplyprint', kind: 'fail-prints', count: 1 });
});

Given('the next {int} prints fail', async ({ scenario }, count: number) => {
  await scenario.product.fault({ target: 'simplyprint', kind: 'fail-prints', count });
});

When('somebody maps {string} to the file {string}, of which {int} pieces come off one print', async ({ scenario }, sku: string, name: string, pieces: number) => {
  expect((await scenario.product.map(sku, [{ name, pieces_per_print: pieces }])).status).toBe(201);
});

Then('nothing of the order is printed', async ({ scenario }) => {
  expect(await prints(scenario)).toEqual([]);
});

const IN_WORDS = {
  'all completed': (print: PrintJobView) => print.status === 'COMPLETED',
  // Its printer's name is told by the next look at the farm.
  'each on a printer': (print: PrintJobView) => print.status === 'PRINTING' && print.printer !== null,
};

Then(/^the order has (\d+) prints?, (all completed|each on a printer)$/, async ({ scenario }, count: string, words: keyof typeof IN_WORDS) => {
  const { id } = await ours(scenario);
  let last: PrintJobView[] = [];
  await eventually(
    `${count} prints, ${words}`,
    async () => {
      last = await scenario.product.prints(id);
      return last.length === Number(count) && last.every(IN_WORDS[words]);
    },
    { describe: () => JSON.stringify(last, null, 1) },
  );
});

Then("the order's print is still in production", async ({ scenario }) => {
  const statuses = (await prints(scenario)).map(({ status }) => status);
  expect(statuses).toHaveLength(1);
  expect(['QUEUED', 'ASSIGNED', 'PRINTING']).toContain(statuses[0]);
});

Then('{int} of its prints are completed and {int} failed, which was printed again', async ({ scenario }, completed: number, failed: number) => {
  const all = await prints(scenario);
  expect(withStatus(all, 'COMPLETED')).toHaveLength(completed);
  const broken = withStatus(all, 'FAILED');
  expect(broken).toHaveLength(failed);
  expect(all.filter((print) => print.reprint_of !== null).map((print) => print.reprint_of)).toEqual(broken.map(({ id }) => id));
});

/** The print that nobody prints again by itself. */
const failedLast = async (scenario: Scenario) => {
  const print = withStatus(await prints(scenario), 'FAILED').at(-1);
  if (!print) throw new Error('No print of the order has failed.');
  return print;
};

When(/^the operator retries (?:the print that failed last|the same print again)$/, async ({ scenario }) => {
  const { id } = await failedLast(scenario);
  scenario.answer = await scenario.product.ask('POST', `/api/v1/print-jobs/${id}/retry`);
});

Then('the answer is 200, a new print of the same part', async ({ scenario }) => {
  const failed = await failedLast(scenario);
  expect(scenario.answer.status).toBe(200);
  const print = printJob.parse(scenario.answer.body);
  expect(print).toMatchObject({ reprint_of: failed.id, part_name: failed.part_name, file_id: failed.file_id });
  expect(print.id).not.toBe(failed.id);
});

Then('each of its prints tells its file, its printer and when it began and ended', async ({ scenario }) => {
  for (const listed of await prints(scenario)) {
    const print = await scenario.product.print(listed.id);
    expect(print).toEqual(listed);
    expect(print).toMatchObject({ order_name: scenario.order.name, file_name: `${print.part_name}.gcode` });
    for (const told of [print.printer, print.started_at, print.ended_at, print.simplyprint_job_id]) expect(told).not.toBeNull();
  }
});

Then('a print that does not exist is answered {int}, {string}', async ({ scenario }, status: number, code: string) => {
  expect(await scenario.product.ask('GET', `/api/v1/print-jobs/${randomUUID()}`)).toMatchObject({ status, body: { code } });
});

Then('SimplyPrint has printed {string} {int} times, and nothing of it is left to print', async ({ scenario }, part: string, times: number) => {
  const { jobs, queue } = await scenario.product.farm();
  const file = fileOf(part);
  expect(jobs.filter((job) => job['filesystem_id'] === file).map(({ status }) => status)).toEqual(Array.from({ length: times }, () => 'done'));
  expect(queue.filter((item) => item.filesystem_id === file && item.left > 0)).toEqual([]);
});
