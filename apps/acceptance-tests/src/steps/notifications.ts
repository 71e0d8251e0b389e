import { createHmac } from 'node:crypto';
import { notificationSettings } from '@forma3d/contracts';
import { startOutsideServer, type OutsideServer } from '@forma3d/testing';
import { expect } from '@playwright/test';
import { z } from 'zod';
import { eventually } from '../eventually';
import { Given, Then, When, type Scenario } from '../scenario';

const SECRET = 'a-secret-of-this-scenario';
const faultList = z.object({ faults: z.array(z.object({ target: z.string(), struck: z.number() })) });
const SETTINGS = '/api/v1/notifications/settings';

/** What a scenario knows beside the others: who listens, and what nobody has mapped. */
interface Told {
  outside?: OutsideServer;
  skus: string[];
}
const known = new WeakMap<Scenario, Told>();

function told(scenario: Scenario): Told {
  const found = known.get(scenario) ?? { skus: [] };
  known.set(scenario, found);
  return found;
}

Then('the mail has a button that leads to the order', async ({ scenario }) => {
  const { id } = await scenario.product.order(scenario.order.name);
  const mail = (await scenario.product.mails()).find(({ text }) => text.includes(id));
  expect(mail?.html).toContain('View in Dashboard');
  expect(mail?.html).toContain(`/app/orders/${id}`);
});

When('customers buy {int} products that nobody has mapped', async ({ scenario }, count: number) => {
  const run = String(process.hrtime.bigint());
  for (let index = 0; index < count; index += 1) {
    const sku = `NOTIFY-${run}-${String(index)}-`;
    told(scenario).skus.push(sku);
    await scenario.product.buy([{ sku, quantity: 1 }]);
  }
});

/** The mails that name what nobody has mapped, with how often each product is named in all of them. */
async function namings(scenario: Scenario): Promise<{ mails: number; times: number[] }> {
  const { skus } = told(scenario);
  const mails = (await scenario.product.mails()).filter(({ text }) => skus.some((sku) => text.includes(sku)));
  return { mails: mails.length, times: skus.map((sku) => mails.reduce((sum, { text }) => sum + text.split(sku).length - 1, 0)) };
}

Then('the operator is told of each of them once, in at most {int} mails', async ({ scenario }, most: number) => {
  await eventually('a mail about each', async () => (await namings(scenario)).times.every((times) => times >= 1));
  const { mails, times } = await namings(scenario);
  expect(times).toEqual(told(scenario).skus.map(() => 1));
  expect(mails).toBeLessThanOrEqual(most);
});

Then('the operator is told of none of them', async ({ scenario }) => {
  expect((await namings(scenario)).mails).toBe(0);
});

Given('the mail server is away', async ({ scenario }) => {
  await scenario.product.fault({ target: 'smtp', kind: 'outage' });
});

Then('mails fail, and are tried again', async ({ scenario }) => {
  await eventually('two refused mails', async () => {
    const { faults } = faultList.parse(await scenario.product.control('GET', '/faults'));
    return faults.some(({ target, struck }) => target === 'smtp' && struck >= 2);
  });
});

Given('a chat and a program that listen', async ({ scenario }) => {
  const outside = await startOutsideServer();
  outside.reply = () => ({ status: 200, body: 'ok' });
  told(scenario).outside = outside;
});

When('the operator chooses them for alerts', async ({ scenario }) => {
  const { outside } = told(scenario);
  scenario.answer = await scenario.product.ask('PUT', SETTINGS, {
    chat: { url: `${String(outside?.url)}/very-secret`, format: 'slack', kinds: null },
    webhook: { url: `${String(outside?.url)}/hook`, secret: SECRET, kinds: ['fulfillment-failed'] },
  });
});

Then('the answer shows where they are, but neither their addresses nor the secret', ({ scenario }) => {
  expect(scenario.answer.status).toBe(200);
  const host = new URL(String(told(scenario).outside?.url)).host;
  expect(notificationSettings.parse(scenario.answer.body)).toMatchObject({ chat: { host }, webhook: { host, kinds: ['fulfillment-failed'] } });
  expect(JSON.stringify(scenario.answer.body)).not.toMatch(/very-secret|a-secret-of/);
});

When('the operator asks for a test', async ({ scenario }) => {
  expect(await scenario.product.ask('POST', '/api/v1/notifications/test')).toMatchObject({ status: 202, body: { channels: ['email', 'chat', 'webhook'] } });
});

Then('the chat is told in a text, and the program in JSON with a signature that holds', async ({ scenario }) => {
  const { outside } = told(scenario);
  if (!outside) throw new Error('Nobody listens in this scenario.');
  const arrived = (path: string) => eventually(`a request to ${path}`, () => outside.requests.find((each) => each.path === path));
  const [chat, program] = [await arrived('/very-secret'), await arrived('/hook')];
  await scenario.product.ask('PUT', SETTINGS, { chat: null, webhook: null });
  await outside.close();
  expect(JSON.parse(chat.body)).toMatchObject({ text: expect.stringContaining('Test Notification') });
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = program.headers;
  const expected = createHmac('sha256', SECRET).update(`${String(id)}.${String(at)}.${program.body}`).digest('base64');
  expect(signature).toBe(`v1,${expected}`);
});

When('the operator chooses {string} for a chat', async ({ scenario }, url: string) => {
  scenario.answer = await scenario.product.ask('PUT', SETTINGS, { chat: { url }, webhook: null });
});
