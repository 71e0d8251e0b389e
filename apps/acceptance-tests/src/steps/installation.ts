import { attentionPage, installation } from '@forma3d/contracts';
import { expect } from '@playwright/test';
import { eventually } from '../eventually';
import { Then, When, type Scenario } from '../scenario';

const INSTALLATION = '/api/v1/installation';
const now = ({ product }: Scenario) => product.get(installation, INSTALLATION);
const check = async ({ product }: Scenario): Promise<void> => {
  expect(await product.ask('POST', `${INSTALLATION}/check`)).toMatchObject({ status: 202 });
};

When('Shopify drops our webhook subscriptions', async ({ scenario }) => {
  await eventually('the subscriptions of the start', async () => ((await now(scenario)).subscriptions.length > 1 ? true : undefined));
  await scenario.product.control('DELETE', '/webhooks');
});

When('the operator has the installation looked at', ({ scenario }) => check(scenario));

When('the operator has the installation looked at until it is installed', async ({ scenario }) => {
  await eventually('the shop to let us in', async () => {
    await check(scenario);
    return (await now(scenario)).installed ? true : undefined;
  });
});

Then('the operator gets a mail {string}', async ({ scenario }, subject: string) => {
  await eventually(`the mail ${subject}`, async () => (await scenario.product.mails()).find((mail) => mail.subject.includes(subject)));
});

Then('every subscription is there again', async ({ scenario }) => {
  // What is shown is written when all are made: while they are made, one by one, the two differ.
  await eventually('the subscriptions, and what is shown of them, to be the same', async () => {
    const held = (await scenario.product.control('GET', '/webhooks')) as { subscriptions: { topic: string }[] };
    const shown = (await now(scenario)).subscriptions.filter(({ system }) => system === 'shopify');
    return held.subscriptions.length > 0 && held.subscriptions.length === shown.length ? true : undefined;
  });
});

When('the app is uninstalled from the shop', async ({ scenario }) => {
  await scenario.product.control('POST', '/webhooks', { topic: 'app/uninstalled' });
});

Then('the installation is shown as uninstalled, with what to do', async ({ scenario }) => {
  expect(await now(scenario)).toMatchObject({ installed: false, uninstalled_at: expect.any(String) });
  const { data } = await scenario.product.get(attentionPage, '/api/v1/attention');
  expect(data.find((item) => item.kind === 'shop-uninstalled')?.message).toContain('Install it again');
});

When('the app is installed again', async ({ scenario }) => {
  await scenario.product.control('POST', '/install');
});
