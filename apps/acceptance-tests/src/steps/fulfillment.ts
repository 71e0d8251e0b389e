import { randomUUID } from 'node:crypto';
import { expect } from '@playwright/test';
import { eventually } from '../eventually';
import { successfully } from '../product';
import { Given, Then, When } from '../scenario';
import { ours } from './orders';

Given('Shopify refuses fulfillments for good: {string}', async ({ scenario }, words: string) => {
  await scenario.product.fault({ target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', user_error: words });
});

When('the cause is gone', async ({ scenario }) => {
  await scenario.product.control('DELETE', '/faults');
});

When('the operator fulfills the order by hand', async ({ scenario }) => {
  scenario.answer = await scenario.product.fulfill((await ours(scenario)).id);
});

When("the operator forces the order's fulfillment", async ({ scenario }) => {
  scenario.answer = await scenario.product.fulfill((await ours(scenario)).id, '/force');
});

When('the operator fulfills an order that does not exist', async ({ scenario }) => {
  scenario.answer = await scenario.product.fulfill(randomUUID());
});

Then('the answer is 200, a success', ({ scenario }) => {
  expect(scenario.answer.status, JSON.stringify(scenario.answer.body)).toBe(200);
  expect(successfully.parse(scenario.answer.body).fulfillment).toMatchObject({ phase: 'succeeded', provider: 'shopify' });
});

Then('the fulfillment endpoint is accessible: the answer is not 404', ({ scenario }) => {
  expect(scenario.answer.status).not.toBe(404);
  expect([200, 409]).toContain(scenario.answer.status);
});

Then('the answer says {string}', ({ scenario }, words: string) => {
  expect(scenario.answer.body).toMatchObject({ message: words });
});

Then('the answer is {int}, {string}', ({ scenario }, status: number, code: string) => {
  expect(scenario.answer).toMatchObject({ status, body: { code, status } });
});

Then('Shopify holds one fulfillment, of {int} × {string}', async ({ scenario }, quantity: number, sku: string) => {
  const order = await eventually('the order to be fulfilled in Shopify', async () => {
    const found = await scenario.product.shopOrder(scenario.order.id);
    return found.display_fulfillment_status === 'FULFILLED' ? found : undefined;
  });
  expect(order.fulfillments).toMatchObject([{ status: 'SUCCESS', lines: [{ sku, quantity }] }]);
});

Then('Shopify holds no fulfillment', async ({ scenario }) => {
  expect((await scenario.product.shopOrder(scenario.order.id)).fulfillments).toEqual([]);
});

Then('Shopify has made the fulfillment', async ({ scenario }) => {
  await eventually('a fulfillment in Shopify', async () => (await scenario.product.shopOrder(scenario.order.id)).fulfillments.length);
});

Then('Shopify has told the customer', async ({ scenario }) => {
  expect((await scenario.product.shopOrder(scenario.order.id)).fulfillments).toMatchObject([{ notified: true }]);
});

Then('the operator gets a mail about the order that names {string}', async ({ scenario }, reason: string) => {
  const mail = await eventually(`a mail about ${scenario.order.name}`, async () => (await scenario.product.mails()).find(({ text }) => text.includes(`${scenario.order.name}`)));
  expect(mail.subject).toMatch(/^\[Forma3D\.Connect\] .+: Action Required$/);
  expect(mail.text).toContain(reason);
});
