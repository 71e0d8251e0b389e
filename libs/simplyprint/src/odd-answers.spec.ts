import { openGate } from '@forma3d/kernel';
import { outsideFailureOf, startOutsideServer, type OutsideServer } from '@forma3d/testing';

import { createSimplyPrintClient } from './simplyprint-client';
import type { SimplyPrintClient } from './simplyprint-types';

let server: OutsideServer;
let client: SimplyPrintClient;

beforeAll(async () => {
  server = await startOutsideServer();
  client = createSimplyPrintClient({ storeId: 'store-1', baseUrl: server.url, companyId: '77', apiKey: 'key', auth: 'api-key', gate: openGate, timeoutMs: 5_000 });
});
afterAll(() => server.close());

const answers = (fields: Record<string, unknown>): void => {
  server.requests.length = 0;
  server.reply = () => ({ body: { status: true, message: null, ...fields } });
};
const printer = { id: 1, printer: { name: 'Bed\0 1\ud800', state: 'printing', online: true }, job: { id: 2, uid: 'u', state: 'printing', percentage: 1_000_000 } };
const job = { id: 3, uid: 'j', status: 'done', filename: 'a\0.gcode', startDate: '+275760-09-13T00:00:00Z', endDate: 8.64e12, currentPercentage: -5 };

test('names lose what a database has no room for', async () => {
  answers({ data: [printer] });
  expect(await client.listPrinters()).toMatchObject([{ name: 'Bed 1\ufffd', job: { percentage: 100 } }]);
});

test('a job of the year 275760 is one without times, and no percentage is below zero', async () => {
  answers({ data: [job] });
  expect((await client.listJobs({ page: 1, pageSize: 10 })).jobs).toMatchObject([{ filename: 'a.gcode', startedAt: null, endedAt: null, percentage: 0 }]);
});

test('numbers of prints are whole and fit', async () => {
  answers({ queue: [{ id: 1, left: 1e15, printed: 2.7 }, { id: 2, left: -1, printed: '3' }] });
  expect(await client.listQueue()).toMatchObject([{ left: 2_147_483_647, printed: 2 }, { left: 0, printed: 3 }]);
});

test('an id of thousands of letters is none', async () => {
  answers({ queue: [{ id: 'x'.repeat(5_000), left: 1 }] });
  expect(await outsideFailureOf(client.listQueue())).toMatchObject({ operation: 'queue/GetItems' });
});

test.each([
  ['a queue of a million millions', { queue: [{ id: 1, left: 1 }], total: 1e12 }, () => client.listQueue()],
  ['a million million pages of printers', { data: [printer], page_amount: 1e12 }, () => client.listPrinters()],
  ['a million million pages of fields', { data: [{ id: 1, fieldId: 'other' }], page_amount: 1e12 }, () => client.ensureMarkerField()],
])('%s is not read to its end', async (_what, answer, ask) => {
  answers(answer);
  expect(await outsideFailureOf(ask())).toMatchObject({ failure: 'transient' });
  expect(server.requests.length).toBeLessThanOrEqual(1_001);
}, 30_000);
