import assert from 'node:assert/strict';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { test } from 'node:test';
import { inRoot } from '../launcher/place.mjs';
import { readOptions } from './options.mjs';
import { pageOf, recordRun } from './report.mjs';

const STRUCK = { 'webhooks duplicate': 4, 'webhooks drop': 2, 'webhooks late': 1, 'shopify lost-answer fulfillmentCreate': 1, 'simplyprint lost-answer': 2 };
const outcome = (problems = []) => ({
  results: [{ kind: 'lost', name: 'a rule', problems }],
  figures: { prints: { done: 10, failed: 1, cancelled: 0 }, fulfillments: 5, kills: 3, seconds: 61.4, struck: STRUCK },
});
const rows = (page) => page.split('\n').filter((line) => line.startsWith('| 2'));

test('runs gather in the table; the same seed again takes the place of its earlier run', () => {
  const file = path.join(fs.mkdtempSync(path.join(os.tmpdir(), 'soak-report-')), 'soak.md');
  recordRun(file, readOptions(['--seed', '1']), outcome(['#1001 is lost']));
  recordRun(file, readOptions(['--seed', '2', '--lost', '0.5']), outcome());
  recordRun(file, readOptions(['--seed', '1']), outcome());
  const found = rows(fs.readFileSync(file, 'utf8')).map((line) => line.split('|').slice(2, -1).map((cell) => cell.trim()));
  assert.deepEqual(found, [
    ['2000', '2', '3', '11 (1)', '5', '4, 2, 1, 0', '3, 0', '3', '61', '0', '0', '0', '0', 'lost 0.5'],
    ['2000', '1', '3', '11 (1)', '5', '4, 2, 1, 0', '3, 0', '3', '61', '0', '0', '0', '0', ''],
  ]);
  fs.rmSync(path.dirname(file), { recursive: true });
});

test('the page in docs is what the code says around its runs', () => {
  const page = fs.readFileSync(inRoot('docs/soak.md'), 'utf8');
  assert.equal(page, pageOf(rows(page)), 'write it anew: node -e "import(\'./apps/soak/report.mjs\').then(({ writePage }) => writePage(\'docs/soak.md\'))"');
});
