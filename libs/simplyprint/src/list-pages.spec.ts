import { outsideFailureOf as failureOf, recordingGate, startOutsideServer, type OutsideReply, type OutsideServer } from '@forma3d/testing';

import { createSimplyPrintClient } from './simplyprint-client';

let server: OutsideServer;
beforeAll(async () => {
  server = await startOutsideServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
});

const client = () =>
  createSimplyPrintClient({ storeId: 'store-1', baseUrl: server.url, companyId: '77', apiKey: 'key-of-test', auth: 'api-key', gate: recordingGate(), timeoutMs: 2_000 });
const answers = (...replies: OutsideReply[]): void => {
  let next = 0;
  server.reply = () => replies[Math.min(next++, replies.length - 1)] ?? 'drop';
};
const ok = (fields: Record<string, unknown>): OutsideReply => ({ body: { status: true, message: null, ...fields } });

describe('a page of a list', () => {
  test('that fails is asked for again, and what was read before is not lost', async () => {
    const page = (id: number): OutsideReply => ok({ data: [{ id, printer: { name: `P${String(id)}`, state: 'operational' }, job: null }], page_amount: 2 });
    answers(page(1), { status: 500, body: {} }, 'drop', page(2));
    expect((await client().listPrinters()).map((printer) => printer.id)).toEqual(['1', '2']);
    expect(server.requests.map((request) => (JSON.parse(request.body) as { page: number }).page)).toEqual([1, 2, 2, 2]);
  });

  test('that fails three times is given up', async () => {
    answers({ status: 500, body: {} });
    expect(await failureOf(client().listJobs({ page: 1, pageSize: 10 }))).toMatchObject({ failure: 'transient' });
    expect(server.requests).toHaveLength(3);
  });

  test('that is to wait for long is left to who asked for the list', async () => {
    answers({ status: 429, body: {}, headers: { 'retry-after': '30' } });
    expect(await failureOf(client().listJobs({ page: 1, pageSize: 10 }))).toMatchObject({ failure: 'throttled', retryAfterMs: 30_000 });
    expect(server.requests).toHaveLength(1);
  });

  test('is not asked for again by a caller that has ended', async () => {
    const ending = new AbortController();
    server.reply = () => {
      ending.abort();
      return { status: 500, body: {} };
    };
    await failureOf(client().listJobs({ page: 1, pageSize: 10 }, ending.signal));
    expect(server.requests).toHaveLength(1);
  });
});
