import { attentionPage, personalDataExport, privacyRequestPage, type PrivacyRequestView } from '@forma3d/contracts';
import { expect } from '@playwright/test';
import { eventually } from '../eventually';
import { Given, Then, When, type Scenario } from '../scenario';

const REQUESTS = '/api/v1/privacy/requests';
/** Several scenarios ask at the same time: each looks for the request about its own order. */
const ofOrder = (scenario: Scenario, kind: string) => (each: PrivacyRequestView): boolean =>
  each.kind === kind && each.shopify_order_ids.includes(scenario.order.id);

async function request(scenario: Scenario, kind: string): Promise<PrivacyRequestView> {
  return eventually(`a ${kind} of the order`, async () => (await scenario.product.get(privacyRequestPage, `${REQUESTS}?limit=100`)).data.find(ofOrder(scenario, kind)));
}

Given('{string} buys and pays {int} × {string}, with the note {string}', async ({ scenario }, name: string, quantity: number, sku: string, note: string) => {
  const [first = '', last = ''] = name.split(' ');
  const customer = { first_name: first, last_name: last, email: `${first}.${sku}@example.org`.toLowerCase(), phone: '+32479445566' };
  scenario.order = await scenario.product.buy([{ sku, quantity }], { customer, note });
});

When('Shopify passes on that the customer wants to be forgotten', async ({ scenario }) => {
  await scenario.product.control('POST', '/webhooks', { topic: 'customers/redact', order_id: scenario.order.id });
});

When('Shopify passes on that the customer wants their data', async ({ scenario }) => {
  await scenario.product.control('POST', '/webhooks', { topic: 'customers/data_request', order_id: scenario.order.id });
});

Then('the request is done, and {int} order was redacted', async ({ scenario }, orders: number) => {
  await eventually('the redaction', async () => (await request(scenario, 'customer_redact')).completed_at);
  expect(await request(scenario, 'customer_redact')).toMatchObject({ redacted_orders: orders });
});

Then('nothing that the API answers of the order names {string}, {string} or {string}', async ({ scenario }, first: string, last: string, neighbour: string) => {
  const { id } = await scenario.product.order(scenario.order.name);
  const paths = [`/api/v1/orders/${id}`, `/api/v1/print-jobs?order_id=${id}`, `/api/v1/fulfillments?order_id=${id}`, `${REQUESTS}?limit=100`];
  for (const path of paths) {
    const answer = await scenario.product.ask('GET', path);
    expect(answer.status, path).toBe(200);
    for (const word of [first, last, neighbour]) expect(JSON.stringify(answer.body), path).not.toContain(word);
  }
});

const waiting = async (scenario: Scenario, id: string) =>
  (await scenario.product.get(attentionPage, '/api/v1/attention?limit=100')).data.find((item) => item.kind === 'data-request' && item.subject_id === id);

Then('the operator is told that a customer asks for their data, in words that name nobody', async ({ scenario }) => {
  const { id } = await request(scenario, 'data_request');
  const mail = await eventually('the mail', async () => (await scenario.product.mails()).find(({ text }) => text.includes(id)));
  expect(mail.subject).toContain('Customer Data Request');
  expect(`${mail.text}${mail.html ?? ''}`).not.toMatch(/Leopold|Anschütz|example\.org/);
  expect(await waiting(scenario, id)).toBeDefined();
});

Then('the export holds the order, {string} and {string}', async ({ scenario }, name: string, note: string) => {
  const { id } = await request(scenario, 'data_request');
  const held = await scenario.product.get(personalDataExport, `${REQUESTS}/${id}/export`);
  expect(held.orders).toEqual([expect.objectContaining({ name: scenario.order.name, note, customer: expect.objectContaining({ name }) })]);
});

When('the operator says that the customer has them', async ({ scenario }) => {
  const { id } = await request(scenario, 'data_request');
  expect(await scenario.product.ask('POST', `${REQUESTS}/${id}/answered`)).toMatchObject({ status: 200 });
});

Then('nobody is told any more that a customer waits for their data', async ({ scenario }) => {
  const { id } = await request(scenario, 'data_request');
  expect(await waiting(scenario, id)).toBeUndefined();
});
