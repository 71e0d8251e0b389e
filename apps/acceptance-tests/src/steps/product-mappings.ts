import { productMappingImport } from '@forma3d/contracts';
import { expect } from '@playwright/test';
import type { DataTable } from 'playwright-bdd';
import { eventually } from '../eventually';
import { Then, When, type Scenario } from '../scenario';

const IMPORT = '/api/v1/product-mappings/import';

const told = ({ answer }: Scenario) => {
  expect(answer.status, JSON.stringify(answer.body)).toBe(200);
  return productMappingImport.parse(answer.body);
};

/** As a European spreadsheet saves it. */
const file = (table: DataTable): string => `\ufeff${table.raw().map((row) => row.map((cell) => `"${cell.replaceAll('"', '""')}"`).join(';')).join('\r\n')}\r\n`;

When('the operator tries a file of mappings:', async ({ scenario }, table: DataTable) => {
  scenario.file = file(table);
  scenario.answer = await scenario.product.sendCsv(`${IMPORT}?dry_run=true`, scenario.file);
});

When('the operator imports the file', async ({ scenario }) => {
  scenario.answer = await scenario.product.sendCsv(IMPORT, scenario.file);
});

When('the operator exports all mappings for a European spreadsheet, and imports them', async ({ scenario }) => {
  scenario.file = await scenario.product.download('/api/v1/product-mappings/export?separator=semicolon');
  scenario.answer = await scenario.product.sendCsv(IMPORT, scenario.file);
});

const isMapped = async ({ product }: Scenario, sku: string): Promise<boolean> => (await product.mappedSkus(sku)).includes(sku);

Then('it is told to {string}, and {string} is mapped', async ({ scenario }, actions: string, sku: string) => {
  expect(told(scenario).lines.map(({ action }) => action).join(', ')).toBe(actions);
  expect(await isMapped(scenario, sku)).toBe(true);
});

Then('it is told to {string}, and {string} is not mapped', async ({ scenario }, actions: string, sku: string) => {
  expect(told(scenario).lines.map(({ action }) => action).join(', ')).toBe(actions);
  expect(await isMapped(scenario, sku)).toBe(false);
});

Then('{string} is not mapped', async ({ scenario }, sku: string) => {
  expect(await isMapped(scenario, sku)).toBe(false);
});

Then('it is told that line {int} is wrong in {string}', ({ scenario }, line: number, column: string) => {
  const { lines, applied } = told(scenario);
  expect(applied).toBe(false);
  expect(lines.find((each) => each.line === line)?.errors.map(({ path }) => path)).toEqual([column]);
});

Then('every line of it is unchanged', ({ scenario }) => {
  const { lines, lines_with_errors } = told(scenario);
  expect(lines_with_errors).toBe(0);
  expect(lines.length).toBeGreaterThan(0);
  // Other scenarios map what is theirs meanwhile; nobody changes what is mapped.
  expect(new Set(lines.map(({ action }) => action))).toEqual(new Set(['unchanged']));
});

const suggested = ({ product }: Scenario, sku: string) =>
  eventually(`suggestions for ${sku}`, async () => (await product.unmapped()).find((line) => line.sku === sku)?.suggestions[0]);

Then('{string} stands in the inbox of unmapped products, suggested {string}: {string}', async ({ scenario }, sku: string, mapped: string, reason: string) => {
  expect(await suggested(scenario, sku)).toMatchObject({ sku: mapped, reason });
});

When('the operator copies what was suggested for {string}', async ({ scenario }, sku: string) => {
  const { mapping_id } = await suggested(scenario, sku);
  expect(await scenario.product.ask('POST', `/api/v1/product-mappings/${mapping_id}/copy`, { sku })).toMatchObject({ status: 201, body: { sku } });
});
