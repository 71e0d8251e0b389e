import { existsSync } from 'node:fs';
import path from 'node:path';
import { expect } from '@playwright/test';
import { type DataTable } from 'playwright-bdd';
import { type Place } from '../npm-start';
import { Given, Then, When } from '../scenario';
import { QUICK } from '../shared-product';

Given('a computer on which nothing is configured', async ({ scenario }) => {
  scenario.place = await scenario.ownPlace();
});

Given('another program has the port of {word}', async ({ scenario }, setting: keyof Place['ports']) => {
  scenario.place = await scenario.ownPlace();
  await scenario.occupy(scenario.place.ports[setting]);
});

When('I run "npm start"', ({ scenario }) => {
  scenario.run(scenario.place);
});

When('I run "npm start" again', async ({ scenario }) => {
  scenario.run(scenario.start.place, scenario.start.settings);
  await scenario.useIt();
});

Given('a product of my own that runs', async ({ scenario }) => {
  scenario.run(await scenario.ownPlace(), QUICK);
  await scenario.useIt();
});

Given('the product runs', async ({ scenario }) => {
  await scenario.product.orderNames();
});

When('I run "npm start" a second time for the same data', ({ scenario }) => {
  scenario.run(scenario.shared.place);
});

Then('the terminal tells, one after the other:', async ({ scenario }, table: DataTable) => {
  await scenario.useIt();
  const terminal = scenario.start.terminal();
  let from = 0;
  for (const [words = ''] of table.raw()) {
    const at = terminal.indexOf(words, from);
    expect(at, `“${words}” comes next in:\n${terminal}`).toBeGreaterThanOrEqual(0);
    from = at + words.length;
  }
});

Then('the terminal says {string}', ({ scenario }, words: string) => scenario.start.says(words));

Then('the terminal does not say {string}', ({ scenario }, words: string) => {
  expect(scenario.start.terminal()).not.toContain(words);
});

Then('the terminal names {word} and its port', ({ scenario }, setting: keyof Place['ports']) =>
  scenario.start.says(`${setting}: port ${scenario.place.ports[setting]} is taken`),
);

When('I press Ctrl-C', async ({ scenario }) => {
  expect(await scenario.start.interrupt(), 'a start that was stopped is no failure').toBe(0);
});

Then('it ends with a failure', async ({ scenario }) => {
  expect(await scenario.start.end()).toBe(1);
});

Then('everything that it started is gone', ({ scenario }) => scenario.expectNothingLeft());

Then('no database was made', ({ scenario }) => {
  expect(existsSync(path.join(scenario.start.place.data, 'postgres'))).toBe(false);
});

Then('the product still answers', async ({ scenario }) => {
  expect((await scenario.product.ask('GET', '/health/ready')).status).toBe(200);
});

Then('Shopify holds one order, {string}, fulfilled once', async ({ scenario }, name: string) => {
  const orders = await scenario.product.shopOrders();
  expect(orders.map((order) => order.name)).toEqual([name]);
  expect(orders[0]).toMatchObject({ display_financial_status: 'PAID', display_fulfillment_status: 'FULFILLED', fulfillments: [{ notified: true }] });
});

Then('order {string} is listed here, with its way from paid to fulfilled', async ({ scenario }, name: string) => {
  expect(await scenario.product.orderNames()).toEqual([name]);
  const order = await scenario.product.order(name);
  expect(order.fulfilled_at).not.toBeNull();
  expect(order.timeline.map(({ type }) => type)).toEqual(expect.arrayContaining(['order.created', 'order.paid', 'order.ready-for-fulfillment', 'fulfillment.created']));
});

Then('these products are still mapped:', async ({ scenario }, table: DataTable) => {
  expect((await scenario.product.mappedSkus()).sort()).toEqual(table.raw().flat().sort());
});

When("the API's process is killed", async ({ scenario }) => {
  await scenario.start.kill('api');
});

When('the start itself is killed', async ({ scenario }) => {
  await scenario.start.kill('launcher');
});
