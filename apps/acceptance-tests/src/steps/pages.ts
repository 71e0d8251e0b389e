import { expect, type Page } from '@playwright/test';
import { type DataTable } from 'playwright-bdd';
import { Then, When, type Scenario } from '../scenario';

/** Opens an address; what the browser complains of from then on is noted. */
async function open(page: Page, scenario: Scenario, address: string): Promise<void> {
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') scenario.complaints.push(`${message.type()}: ${message.text()}`);
  });
  page.on('pageerror', (error) => scenario.complaints.push(`exception: ${error.message}`));
  page.on('requestfailed', (request) => scenario.complaints.push(`failed: ${request.url()} ${request.failure()?.errorText ?? ''}`));
  page.on('response', (response) => {
    if (response.status() >= 400) scenario.complaints.push(`${response.status()}: ${response.url()}`);
  });
  await page.goto(address);
}

When("I open the API's documentation", async ({ page, scenario }) => {
  await open(page, scenario, `${scenario.product.api}/api/docs`);
});

When("I open the sandbox's page", async ({ page, scenario }) => {
  await open(page, scenario, `${scenario.product.sandbox}/`);
});

Then('I see the groups:', async ({ page }, table: DataTable) => {
  for (const group of table.raw().flat()) await expect(page.getByRole('heading', { name: group, exact: true }).or(page.locator(`[data-tag="${group}"]`)).first()).toBeVisible();
});

Then('I can open {string} and read {string}', async ({ page }, operation: string, words: string) => {
  const [method = '', path = ''] = operation.split(' ');
  const block = page.locator('.opblock', { has: page.locator(`.opblock-summary-method:text-is("${method}")`) }).filter({ has: page.locator(`[data-path="${path}"]`) });
  await expect(block).toContainText(words);
  await block.locator('.opblock-summary-control').click();
  await expect(block.getByRole('heading', { name: 'Responses' })).toBeVisible();
});

const orderRows = (page: Page) => page.locator('#orders tr');

Then('I see order {string}, paid and fulfilled', async ({ page }, name: string) => {
  const row = orderRows(page).filter({ hasText: name });
  await expect(row).toContainText('PAID');
  await expect(row).toContainText('FULFILLED');
});

Then('I see the printers', async ({ page, scenario }) => {
  for (const printer of (await scenario.product.farm()).printers) await expect(page.locator('#printers')).toContainText(printer.name);
});

When('I press {string}', async ({ page, scenario }, name: string) => {
  const before = new Set((await scenario.product.shopOrders()).map((order) => order.name));
  await page.getByRole('button', { name }).click();
  await expect(async () => {
    const fresh = (await scenario.product.shopOrders()).filter((order) => !before.has(order.name));
    expect(fresh).toHaveLength(1);
    scenario.order = { id: fresh[0]?.id ?? '', name: fresh[0]?.name ?? '' };
  }).toPass({ timeout: 10_000 });
});

Then('I see one order more', async ({ page, scenario }) => {
  await expect(orderRows(page).filter({ hasText: scenario.order.name })).toHaveCount(1);
});

Then('the browser has nothing to complain of', ({ scenario }) => {
  expect(scenario.complaints).toEqual([]);
});
