import { randomUUID } from 'node:crypto';
import { cancellationResult, type CancellationResult } from '@forma3d/contracts';
import { expect } from '@playwright/test';
import { eventually } from '../eventually';
import { fileOf } from '../product';
import { Given, Then, When, type Scenario } from '../scenario';
import { ours } from './orders';

const cancel = async ({ product }: Scenario, orderId: string, body: object = { reason: 'How far is it?' }) => product.ask('POST', `/api/v1/cancellations/order/${orderId}`, body);

When('the operator cancels the order because {string}', async ({ scenario }, reason: string) => {
  scenario.answer = await cancel(scenario, (await ours(scenario)).id, { reason });
});

When('the operator cancels the order here and in Shopify', async ({ scenario }) => {
  scenario.answer = await cancel(scenario, (await ours(scenario)).id, { reason: 'customer', cancel_in_shopify: true });
});

When('the operator cancels an order that does not exist', async ({ scenario }) => {
  scenario.answer = await cancel(scenario, randomUUID());
});

When('the merchant cancels the order in Shopify', async ({ scenario }) => {
  await scenario.product.control('POST', `/orders/${scenario.order.id}/cancel`);
});

Given('Shopify refuses to cancel orders: {string}', async ({ scenario }, words: string) => {
  await scenario.product.fault({ target: 'shopify', kind: 'error', operation: 'orderCancel', user_error: words });
});

/** Printers that are slow, until each has begun, and then stand still. */
Given('all its prints are on printers that stand still', async ({ scenario }) => {
  const { id } = await ours(scenario);
  await scenario.product.speed(10);
  await eventually('every print to be on a printer', async () => (await scenario.product.prints(id)).every((print) => print.status === 'PRINTING'));
  await scenario.product.speed(0);
});

When('the operator stops one of the prints and lets the other finish', async ({ scenario }) => {
  const [one, other] = await scenario.product.prints((await ours(scenario)).id);
  expect(await scenario.product.ask('POST', `/api/v1/print-jobs/${one?.id ?? ''}/stop`)).toMatchObject({ status: 200 });
  expect(await scenario.product.ask('POST', `/api/v1/print-jobs/${other?.id ?? ''}/let-finish`)).toMatchObject({ status: 200 });
});

Then('the answer is 200, and the order is cancelled', ({ scenario }) => {
  expect(scenario.answer.status, JSON.stringify(scenario.answer.body)).toBe(200);
  expect(cancellationResult.parse(scenario.answer.body)).toMatchObject({ status: 'cancelled', production_status: 'CANCELLED' });
});

Then(
  /^asked again, (\d+) prints? (?:is|are) cancelled, (\d+) are asked for, (\d+) run and (\d+) (?:was|were) done$/,
  async ({ scenario }, cancelled: string, requested: string, flagged: string, completed: string) => {
    const { id } = await ours(scenario);
    const wanted = [cancelled, requested, flagged, completed].map(Number).join();
    let last: CancellationResult | undefined;
    await eventually(
      'the prints to be where they should',
      async () => {
        last = cancellationResult.parse((await cancel(scenario, id)).body);
        return [last.cancelled_jobs, last.requested_jobs, last.flagged_jobs, last.already_completed_jobs].join() === wanted;
      },
      { describe: () => JSON.stringify(last) },
    );
  },
);

Then("nothing of {string} is left in SimplyPrint's queue", async ({ scenario }, part: string) => {
  const { queue } = await scenario.product.farm();
  expect(queue.filter((item) => item.filesystem_id === fileOf(part) && item.left > 0)).toEqual([]);
});

Then('the order is cancelled in Shopify', async ({ scenario }) => {
  await eventually('Shopify to have cancelled the order', async () => (await scenario.product.shopOrder(scenario.order.id)).cancelled_at !== null);
});
