import { expect } from '@playwright/test';
import { Given, Then, When, type Scenario } from '../scenario';

/** The order as it is here. */
export const ours = ({ product, order }: Scenario) => product.order(order.name);

When('a customer buys and pays {int} × {string}', async ({ scenario }, quantity: number, sku: string) => {
  scenario.order = await scenario.product.buy([{ sku, quantity }]);
});

Given('{string} is printed from {string}', async ({ scenario }, sku: string, part: string) => {
  expect((await scenario.product.map(sku, [{ name: part }])).status).toBe(201);
});

Given('{string} is printed from {string} and {string}', async ({ scenario }, sku: string, one: string, other: string) => {
  expect((await scenario.product.map(sku, [{ name: one }, { name: other }])).status).toBe(201);
});

Then("the order's production status becomes {string}", async ({ scenario }, status: string) => {
  await scenario.product.orderWhen(scenario.order.name, `to be ${status}`, (order) => order.production_status === status);
});

Then('the order is fulfilled', async ({ scenario }) => {
  await scenario.product.orderWhen(scenario.order.name, 'to be fulfilled', (order) => order.fulfilled_at !== null);
  expect((await scenario.product.shopOrder(scenario.order.id)).display_fulfillment_status).toBe('FULFILLED');
});

Then('the order is complete here, and its timeline tells once that it was ready and once that it was fulfilled', async ({ scenario }) => {
  const order = await scenario.product.orderWhen(scenario.order.name, 'to be fulfilled', (each) => each.fulfilled_at !== null);
  expect(order.production_status).toBe('COMPLETED');
  for (const type of ['order.ready-for-fulfillment', 'fulfillment.created']) {
    expect(order.timeline.filter((entry) => entry.type === type), type).toHaveLength(1);
  }
});

Then('the order waits for a person: {string}', async ({ scenario }, words: string) => {
  const order = await scenario.product.orderWhen(scenario.order.name, 'to need a person', (each) => each.attention.length > 0);
  expect(order.needs_attention).toBe(true);
  expect(order.attention.map(({ message }) => message).join('\n')).toContain(words);
});

Then('the order waits for nobody, and {string} is out of the inbox', async ({ scenario }, sku: string) => {
  const order = await ours(scenario);
  expect(order).toMatchObject({ needs_attention: false, attention: [] });
  expect((await scenario.product.unmapped()).map((line) => line.sku)).not.toContain(sku);
});

Then('{string} stands in the inbox of unmapped products', async ({ scenario }, sku: string) => {
  const line = (await scenario.product.unmapped()).find((each) => each.sku === sku);
  expect(line).toMatchObject({ order_name: scenario.order.name });
  expect(line?.reason).not.toBe('');
});

Then('the order waits for nobody any more', async ({ scenario }) => {
  await scenario.product.orderWhen(scenario.order.name, 'to need nobody', (order) => order.attention.length === 0);
});
