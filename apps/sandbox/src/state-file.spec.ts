import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { loadState } from './state-file';
import { TestSandbox } from './test-client';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sandbox-state-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

test('orders, queue and history survive a restart, and what was under way goes on', async () => {
  const dataFile = join(folder, 'below', 'sandbox.json');
  const first = await TestSandbox.start({ dataFile, speed: 0 });
  const { id } = await first.order({ lines: [{ sku: 'A', quantity: 1 }] });
  const added = await first.print('POST', 'queue/AddItem', { filesystem: 'e'.repeat(32) });
  // Stopped before the order is routed.
  await first.stop();
  const second = await TestSandbox.start({ dataFile, speed: 6000 });
  await second.routed(id);
  const farm = await second.until(() => second.farm(), (view) => view.jobs[0]?.status === 'done');
  expect(farm.jobs).toMatchObject([{ queue_item_id: added.created_id }]);
  expect((await second.order({ lines: [{ sku: 'A', quantity: 1 }] })).name).not.toBe((await second.view(id)).name);
  await second.stop();
});

test('the state is written while it runs, so that a crash loses a moment at most', async () => {
  const dataFile = join(folder, 'sandbox.json');
  const client = await TestSandbox.start({ dataFile });
  const { name } = await client.order({ lines: [{ sku: 'A', quantity: 1 }] });
  await client.until(
    () => Promise.resolve(existsSync(dataFile) ? readFileSync(dataFile, 'utf8') : ''),
    (text) => text.includes(`"number":${name.slice(1)}`),
  );
  await client.stop();
});

test('a file that cannot be read is set aside', () => {
  const file = join(folder, 'sandbox.json');
  expect(loadState(file)).toBeNull();
  writeFileSync(file, '{"shape":0}');
  expect(loadState(file)).toBeNull();
  expect(existsSync(`${file}.unreadable`)).toBe(true);
});
