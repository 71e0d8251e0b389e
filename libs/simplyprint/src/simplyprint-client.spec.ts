import type { OutsideBill } from '@forma3d/kernel';
import { outsideFailureOf as failureOf, recordingGate, startOutsideServer, type OutsideReply, type OutsideServer } from '@forma3d/testing';

import { createSimplyPrintClient } from './simplyprint-client';
import type { SimplyPrintClient } from './simplyprint-types';
import { WEBHOOK_EVENTS } from './simplyprint-webhook';

let server: OutsideServer;
const gate = recordingGate();
const { calls, bills } = gate;

beforeAll(async () => {
  server = await startOutsideServer();
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  gate.clear();
});

function client(change: { auth?: 'basic'; timeoutMs?: number; baseUrl?: string } = {}): SimplyPrintClient {
  return createSimplyPrintClient({
    storeId: 'store-1',
    baseUrl: `${server.url}/simplyprint/`,
    companyId: '77',
    apiKey: 'key-of-test',
    auth: 'api-key',
    gate,
    timeoutMs: 2_000,
    ...change,
  });
}

const answers = (...replies: OutsideReply[]): void => {
  let next = 0;
  server.reply = () => replies[Math.min(next++, replies.length - 1)] ?? 'drop';
};
const ok = (fields: Record<string, unknown> = {}): OutsideReply => ({ body: { status: true, message: null, ...fields } });

const item = { filesystem: 'a'.repeat(32), amount: 2, marker: 'row-1' };

test('an item is added with its file, amount, group and marker in the body and the key in its header', async () => {
  answers(ok({ created_id: 1337 }));

  expect(await client().addItem({ ...item, group: '3', forPrinters: ['12'] })).toEqual({ queueItemId: '1337', noteFailure: null });

  const [request] = server.requests;
  expect(request).toMatchObject({ method: 'POST', path: '/simplyprint/77/queue/AddItem' });
  expect(request?.headers['x-api-key']).toBe('key-of-test');
  expect(JSON.parse(request?.body ?? '')).toEqual({
    filesystem: item.filesystem,
    amount: 2,
    group: 3,
    for_printers: [12],
    custom_fields: [{ customFieldId: 'forma3d_queue_item', value: { string: 'row-1' } }],
  });
  expect(calls).toEqual([{ storeId: 'store-1', system: 'simplyprint', operation: 'queue/AddItem', timeoutMs: 2_000, cost: 1 }]);
  expect(bills).toEqual([{ refused: false }]);
});

test('with basic authentication the key is the password', async () => {
  answers(ok());
  await client({ auth: 'basic' }).test();
  expect(server.requests[0]?.headers.authorization).toBe(`Basic ${Buffer.from('77:key-of-test').toString('base64')}`);
});

test('a note that could not be set does not undo the item', async () => {
  answers(ok({ created_id: 5 }), { status: 500, body: {} });

  const added = await client().addItem({ ...item, note: 'Order #1001' });

  expect(added.queueItemId).toBe('5');
  expect(added.noteFailure?.operation).toBe('queue/UpdateItem');
});

describe('an item whose answer got lost may be in the queue', () => {
  test.each<[string, OutsideReply]>([
    ['the connection dropped after the work', 'drop'],
    ['a server error', { status: 502, body: '<html>Bad gateway</html>' }],
    ['an answer that is no JSON', { body: 'created' }],
    ['an answer without the id', ok()],
  ])('%s', async (_what, reply) => {
    answers(reply);
    expect((await failureOf(client().addItem(item))).failure).toBe('unknown');
    expect(bills).toHaveLength(1);
  });

  test('no answer in time', async () => {
    answers('hang');
    expect((await failureOf(client({ timeoutMs: 50 }).addItem(item))).failure).toBe('unknown');
  });
});

test('an item is certainly not added where no connection is made', async () => {
  const gone = await startOutsideServer();
  await gone.close();
  expect((await failureOf(client({ baseUrl: gone.url }).addItem(item))).failure).toBe('transient');
});

test.each<[string, OutsideReply, string, OutsideBill]>([
  ['a dropped connection', 'drop', 'transient', {}],
  ['a server error', { status: 500, body: {} }, 'transient', {}],
  ['too many requests', { status: 429, headers: { 'retry-after': '3' }, body: {} }, 'throttled', { blockedForMs: 3_000 }],
  ['too many requests for an unsaid time', { status: 429, body: {} }, 'throttled', { blockedForMs: 1_000 }],
  ['a refused key', { status: 401, body: { status: false, message: 'Invalid key' } }, 'refused', { refused: true }],
  ['a refused key behind HTTP 200', { body: { status: false, message: 'Invalid key', code: 401 } }, 'refused', { refused: true }],
  ['an unknown endpoint', { status: 404, body: {} }, 'permanent', { refused: false }],
])('a read that met %s', async (_what, reply, failure, bill) => {
  answers(reply);
  expect((await failureOf(client().findFiles('vase'))).failure).toBe(failure);
  expect(bills).toEqual([bill]);
});

test('a refusal with HTTP 200 is a failure and tells its message', async () => {
  answers({ body: { status: false, message: 'The file does not exist' } });

  const error = await failureOf(client().addItem(item));

  expect(error.failure).toBe('permanent');
  expect(error.userErrors).toEqual([{ field: null, message: 'The file does not exist' }]);
});

test('errors never carry the key', async () => {
  answers({ status: 401, body: { status: false, message: 'no' } });
  const error = await failureOf(client().test());
  expect(JSON.stringify({ ...error, message: error.message, stack: error.stack })).not.toContain('key-of-test');
});

const queuePage = (ids: number[], total: number) =>
  ok({ queue: ids.map((id) => ({ id, filename: `${String(id)}.gcode`, left: 1, printed: 0, filesystem_id: 'f', group: 2 })), total });
const pagesAsked = () => server.requests.map((request) => (JSON.parse(request.body) as { page: number }).page);
const idsOf = (items: { id: string }[]) => items.map((each) => each.id).sort();

test('an item that moves up over the edge of a page while the queue is read is not overlooked', async () => {
  // Item 1 goes to a printer after the first answer: 3 moves up to page 1, where it was not before.
  answers(queuePage([1, 2], 4), queuePage([4], 3), queuePage([2, 3], 3));

  expect(idsOf(await client().listQueue())).toEqual(['2', '3', '4']);
  expect(pagesAsked()).toEqual([1, 2, 1]);
});

test('a queue that was read shorter than it says to be is read again', async () => {
  // Somebody moves item 3 to the front between the pages.
  const overlooked = [queuePage([1, 2], 3), queuePage([2], 3), queuePage([1, 2], 3)];
  answers(...overlooked, queuePage([3, 1], 3), queuePage([2], 3), queuePage([3, 1], 3));

  expect(idsOf(await client().listQueue())).toEqual(['1', '2', '3']);
  expect(pagesAsked()).toEqual([1, 2, 1, 1, 2, 1]);
});

test('the older shape of the queue is read too, with the marker', async () => {
  const custom = [{ id: 'other', value: { number: 4 } }, { id: 'forma3d_queue_item', value: { string: 'row-9' } }];
  answers(ok({ queue: { fits: true, items: [{ id: 9, filename: 'a.gcode', left: 2, printed: 1, customFields: custom }] } }));

  expect(await client().listQueue()).toEqual([
    { id: '9', filename: 'a.gcode', filesystemId: null, left: 2, printed: 1, group: null, note: null, marker: 'row-9' },
  ]);
  expect(server.requests).toHaveLength(1);
});

test('a marker field that exists is left alone', async () => {
  answers(ok({ data: [{ id: 7, fieldId: 'forma3d_queue_item', enabled: true }], page_amount: 1 }));
  expect(await client().ensureMarkerField()).toBe(true);
  expect(server.requests).toHaveLength(1);
});

test('a missing marker field is made, and looked at again', async () => {
  answers(ok({ data: [], page_amount: 1 }), ok(), ok({ data: [{ id: 8, fieldId: 'forma3d_queue_item' }], page_amount: 1 }));
  expect(await client().ensureMarkerField()).toBe(true);
  expect(server.requests.map((request) => request.path)).toEqual([
    '/simplyprint/77/custom_fields/Get',
    '/simplyprint/77/custom_fields/Save',
    '/simplyprint/77/custom_fields/Get',
  ]);
});

test('an account that may not have custom fields is told apart from one that did not answer', async () => {
  answers(ok({ data: [] }), { body: { status: false, message: 'Not in your plan' } });
  expect(await client().ensureMarkerField()).toBe(false);

  answers(ok({ data: [] }), 'drop');
  expect((await failureOf(client().ensureMarkerField())).failure).toBe('unknown');
});

test('printers say what is on them', async () => {
  const printer = { name: 'MK4', state: 'printing', online: true };
  answers(
    ok({ page_amount: 2, data: [{ id: 385, printer, job: { id: 5, uid: 'u-5', state: 'printing', percentage: 50 } }] }),
    ok({ page_amount: 2, data: [{ id: 386, printer: { ...printer, online: 0, state: 'offline' }, job: null }] }),
  );

  expect(await client().listPrinters()).toEqual([
    { id: '385', name: 'MK4', state: 'printing', online: true, job: { id: '5', uid: 'u-5', state: 'printing', percentage: 50 } },
    { id: '386', name: 'MK4', state: 'offline', online: false, job: null },
  ]);
});

test('the job history ties jobs to queue items', async () => {
  const data = [
    {
      id: 10,
      uid: 'u-10',
      status: 'done',
      filename: 'a.gcode',
      startDate: '2026-11-20T10:00:00+00:00',
      endDate: '2026-11-20T11:00:00+00:00',
      printer: 385,
      currentPercentage: 100,
      cost: { total_cost: 1.5 },
      queueItem: { id: 1234 },
      customFields: [{ id: 'forma3d_queue_item', value: { string: 'row-1' } }],
    },
    { id: 11, uid: 'u-11', status: 'ongoing', filename: 'b.gcode', printer: { id: 386, name: 'XL' }, queueItem: null },
  ];
  answers(ok({ data, page_amount: 3 }));

  const page = await client().listJobs({ page: 1, pageSize: 500, status: ['done'] });

  expect(JSON.parse(server.requests[0]?.body ?? '')).toEqual({ page: 1, page_size: 100, status: ['done'] });
  expect(page.pages).toBeGreaterThan(1);
  expect(page.jobs).toMatchObject([
    { id: '10', status: 'done', queueItemId: '1234', marker: 'row-1', printerId: '385', printerName: null, costCents: 150 },
    { id: '11', status: 'ongoing', queueItemId: null, marker: null, printerId: '386', printerName: 'XL', startedAt: null },
  ]);
  expect(page.jobs[0]?.endedAt).toEqual(new Date('2026-11-20T11:00:00Z'));
});

test('details of a job, and none for one that SimplyPrint does not know', async () => {
  answers(ok({ job: { id: 3, state: 'failed', percentage: 40, failedReason: 'clog', cost: 0.42, printer: { id: 1, name: 'A' } } }));
  expect(await client().getJob('u-3')).toMatchObject({ id: '3', state: 'failed', failedReason: 'clog', costCents: 42, printerName: 'A' });
  expect(server.requests[0]?.path).toBe('/simplyprint/77/jobs/GetDetails?id=u-3');

  answers({ body: { status: false, message: 'Job not found' } });
  expect(await client().getJob('u-4')).toBeNull();

  answers({ status: 500, body: {} });
  expect((await failureOf(client().getJob('u-5'))).failure).toBe('transient');
});

test('changes to a queue item name it in the query', async () => {
  answers(ok());
  const simplyPrint = client();
  await simplyPrint.deleteItem('5');
  await simplyPrint.updateItem('5', { amount: 3 });
  await simplyPrint.reviveItem('5');
  await simplyPrint.cancelPrinterJob('385', 2, 'order cancelled');

  expect(server.requests.map(({ path, body }) => [path.replace('/simplyprint/77/', ''), body && (JSON.parse(body) as unknown)])).toEqual([
    ['queue/DeleteItem?job=5', ''],
    ['queue/UpdateItem?job=5', { amount: 3 }],
    ['queue/ReviveItem?job=5', ''],
    ['printers/actions/Cancel?pid=385', { reason: 2, comment: 'order cancelled' }],
  ]);
});

test('groups and files are listed', async () => {
  answers(ok({ list: [{ id: 1, name: 'PLA' }] }), ok({ files: [{ id: 'd'.repeat(32), name: 'Benchy', ext: 'gcode' }] }));
  expect(await client().listGroups()).toEqual([{ id: '1', name: 'PLA' }]);
  expect(await client().findFiles('benchy & co')).toEqual([{ id: 'd'.repeat(32), name: 'Benchy', ext: 'gcode' }]);
  expect(server.requests[1]?.path).toBe('/simplyprint/77/files/GetFiles?f=0&search=benchy+%26+co');
});

test('a webhook is made once, and renewed when its events, secret or switch differ', async () => {
  const url = 'https://shop.example/webhooks/simplyprint';
  const good = { id: 11, url, events: [...WEBHOOK_EVENTS, 'printer.online'], secret: 's3', enabled: true };

  answers(ok({ data: [good] }));
  expect(await client().ensureWebhook(url, 's3')).toBe('11');
  expect(server.requests).toHaveLength(1);

  for (const other of [{ ...good, enabled: false }, { ...good, secret: null }, { ...good, events: ['job.done'] }]) {
    answers(ok({ data: [other] }), ok({ webhook: { id: 11 } }));
    server.requests.length = 0;
    expect(await client().ensureWebhook(url, 's3')).toBe('11');
    expect(JSON.parse(server.requests[1]?.body ?? '')).toMatchObject({ id: 11, url, secret: 's3', enabled: true });
  }

  answers(ok({ data: [] }), ok({ webhook: { id: 12 } }));
  expect(await client().ensureWebhook(url, 's3')).toBe('12');
});
