import { TestSandbox } from './test-client';

const FILE = 'd'.repeat(32);

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start({ speed: 0 });
});
afterEach(() => client.control('POST', 'reset', { everything: true }));
afterAll(() => client.stop());

const add = async (body: Record<string, unknown> = {}) => client.print<{ created_id: number }>('POST', 'queue/AddItem', { filesystem: FILE, ...body });
const refused = (message: string) => ({ status: false, message });

test.each([
  ['the key in its header', { 'x-api-key': 'sandbox-simplyprint-key' }, 200],
  ['HTTP Basic with the key as password', { 'x-api-key': '', authorization: `Basic ${btoa('1:sandbox-simplyprint-key')}` }, 200],
  ['a bearer token', { 'x-api-key': '', authorization: 'Bearer sandbox-simplyprint-key' }, 200],
  ['a wrong key', { 'x-api-key': 'other' }, 401],
  ['no key', { 'x-api-key': '' }, 401],
])('with %s', async (_name, headers, status) => {
  const answer = await client.printRaw('GET', 'account/Test', undefined, headers);
  expect(answer.status).toBe(status);
  if (status === 200) expect(await answer.json()).toEqual({ status: true, message: 'Your API key is valid!' });
});

test('another company is refused', async () => {
  const answer = await fetch(`${client.sandbox.url}/simplyprint/2/account/Test`, { headers: { 'x-api-key': 'sandbox-simplyprint-key' } });
  expect(answer.status).toBe(403);
});

test('an item without a file, with an unknown one or a bad amount is a logical error with HTTP 200', async () => {
  const answer = await client.printRaw('POST', 'queue/AddItem', { amount: 1 });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toEqual(refused('No file given: filesystem or fileId is needed.'));
  expect(await client.print('POST', 'queue/AddItem', { filesystem: '0'.repeat(32) })).toEqual(refused('File not found.'));
  expect(await add({ amount: 0 })).toEqual(refused('The amount field is invalid.'));
  expect((await client.farm()).calls).toEqual({});
});

test('fields in the query are not fields of the body, nor the other way round', async () => {
  expect(await client.print('POST', `queue/AddItem?filesystem=${FILE}`, {})).toMatchObject({ status: false });
  const { created_id: id } = await add();
  expect(await client.print('POST', 'queue/DeleteItem', { job: id })).toEqual(refused('Missing or invalid parameter "job".'));
  expect(await client.print('POST', `queue/DeleteItem?job=${id}`)).toMatchObject({ status: true });
  expect(await client.print('POST', `queue/DeleteItem?job=${id}`)).toEqual(refused('Queue item not found.'));
});

test('once there are queue groups, an item needs one', async () => {
  await client.control('POST', 'simplyprint/groups', { names: ['Orders'] });
  expect(await add()).toEqual(refused('Queue group not found.'));
  const { list } = await client.print<{ list: { id: number; name: string }[] }>('GET', 'queue/groups/Get');
  expect(list).toMatchObject([{ id: 1, name: 'Orders' }]);
  expect(await add({ group: list[0]?.id })).toMatchObject({ status: true });
});

test('the queue is shown in pages, compact without custom fields, and in its older form', async () => {
  await client.print('POST', 'custom_fields/Save', { fieldId: 'ref', fieldType: 'text', category: 'print', subCategory: ['print_queue'] });
  for (const value of ['one', 'two', 'three']) await add({ custom_fields: [{ customFieldId: 'ref', value: { string: value } }] });
  const page = await client.print<{ queue: Record<string, unknown>[]; total: number; page: number }>('POST', 'queue/GetItems', { page: 2, page_size: 2 });
  expect(page).toMatchObject({ total: 3, page: 2, queue: [{ left: 1, printed: 0, customFields: [{ id: 'ref', value: { string: 'three' } }] }] });
  const compact = await client.print<{ queue: Record<string, unknown>[] }>('POST', 'queue/GetItems', { compact: true, page: 1, page_size: 50 });
  expect(compact.queue).toHaveLength(3);
  expect(compact.queue[0]).not.toHaveProperty('customFields');
  expect(await client.print('GET', 'queue/GetItems?p=1')).toMatchObject({ queue: { fits: true, items: [{}, {}, {}] } });
  expect(await add({ custom_fields: [{ customFieldId: 'nope', value: 'x' }] })).toEqual(refused('Custom field nope not found.'));
  expect(await client.print('POST', 'custom_fields/Get', {})).toMatchObject({ total: 1, data: [{ fieldId: 'ref' }] });
});

test('a running print shows on its printer and is cancelled there, by printer', async () => {
  const { created_id: id } = await add({ for_printers: [302] });
  await client.control('POST', 'simplyprint/speed', { speed: 60 });
  await client.webhooks('job.started');
  await client.control('POST', 'simplyprint/speed', { speed: 0 });
  const { data } = await client.print<{ data: { id: number; job: { id: number; uid: string } | null }[] }>('POST', 'printers/Get', { page: 1, page_size: 100 });
  expect(data.map((printer) => printer.job !== null)).toEqual([false, true, false, false, false, false]);
  expect(await client.print('POST', 'printers/actions/Cancel?pid=301', { reason: 2 })).toEqual(refused('The printer is not printing.'));
  expect(await client.print('POST', 'printers/actions/Cancel?pid=302', { reason: 9 })).toMatchObject({ status: false });
  expect(await client.print('POST', 'printers/actions/Cancel?pid=302', { reason: 2, comment: 'regretted' })).toMatchObject({ status: true });
  expect((await client.webhooks('job.cancelled')).at(-1)?.body).not.toContain(String(id));
  const history = await client.print('POST', 'jobs/GetPaginatedPrintJobs', { page: 1, page_size: 10, status: ['cancelled'] });
  expect(history).toMatchObject({ data: [{ status: 'cancelled', queueItem: { id } }], page_amount: 1 });
  const uid = data[1]?.job?.uid ?? '';
  expect(await client.print('GET', `jobs/GetDetails?id=${uid}`)).toMatchObject({ job: { state: 'cancelled', cancelInfo: { comment: 'regretted' } } });
  expect(await client.print('POST', 'jobs/GetPaginatedPrintJobs', { page: 1, page_size: 10, status: ['done'] })).toMatchObject({ data: [] });
});

test('a printer fails, cancels and finishes what people say', async () => {
  await add({ amount: 3 });
  await client.control('POST', 'simplyprint/speed', { speed: 60 });
  const farm = await client.until(() => client.farm(), (view) => view.jobs.length === 3);
  const [first, second, third] = farm.jobs.map((job) => job.id);
  expect(await client.control('POST', `simplyprint/jobs/${first}/fail`)).toMatchObject({ status: 'failed' });
  expect(await client.control('POST', `simplyprint/jobs/${second}/cancel`)).toMatchObject({ status: 'cancelled' });
  expect(await client.control('POST', `simplyprint/jobs/${third}/finish`)).toMatchObject({ status: 'done' });
  expect((await client.raw('POST', `simplyprint/jobs/${third}/finish`)).status).toBe(409);
  expect((await client.raw('POST', 'simplyprint/jobs/1/finish')).status).toBe(404);
  const after = await client.farm();
  expect(after.queue).toEqual([]);
  expect(await client.control('POST', `simplyprint/queue/${after.jobs[0]?.queue_item_id}/revive`)).toMatchObject({ left: 1 });
  await client.webhooks('queue.revive_item');
  expect(await client.control('POST', `simplyprint/queue/${after.jobs[0]?.queue_item_id}/delete`)).toBeDefined();
});

test('webhooks that were made here go where they point, with their own secret and only for their events', async () => {
  const made = await client.print<{ webhook: { id: number } }>('POST', 'webhooks/Create', {
    name: 'test',
    url: `${client.receiverUrl}/own`,
    events: ['queue.add_item'],
    secret: 'hush',
    enabled: true,
  });
  await add();
  await client.until(() => Promise.resolve(client.received), (all) => all.some((each) => each.path === '/own'));
  const delivery = client.received.find((each) => each.path === '/own');
  expect(delivery?.headers).toMatchObject({ 'x-sp-secret': 'hush', 'x-sp-token': 'hush' });
  expect(JSON.parse(delivery?.body ?? '')).toMatchObject({ webhook_id: made.webhook.id, event: 'queue.add_item', data: { queue_item: { left: 1 } } });
  expect(await client.print('GET', 'webhooks/Get')).toMatchObject({ data: [{ id: made.webhook.id }] });
  await client.print('POST', 'webhooks/TriggerTestWebhook', { id: made.webhook.id });
  await client.webhooks('test');
  await client.print('POST', 'webhooks/SetEnabled', { id: made.webhook.id, enabled: false });
  await client.print('POST', 'webhooks/Delete', { id: made.webhook.id });
  expect(await client.print('GET', 'webhooks/Get')).toMatchObject({ data: [] });
});

test('a lost answer adds the item once; too many requests and outages add nothing', async () => {
  const fault = (body: Record<string, unknown>) => client.control('POST', 'faults', { target: 'simplyprint', operation: 'queue/AddItem', count: 1, ...body });
  await fault({ kind: 'lost-answer' });
  await expect(add()).rejects.toThrow();
  expect((await client.farm()).queue).toHaveLength(1);
  await fault({ kind: 'throttle', retry_after_s: 7 });
  const throttled = await client.printRaw('POST', 'queue/AddItem', { filesystem: FILE });
  expect([throttled.status, throttled.headers.get('retry-after')]).toEqual([429, '7']);
  await fault({ kind: 'error', user_error: 'Queue is full.' });
  expect(await add()).toEqual(refused('Queue is full.'));
  await fault({ kind: 'error', status: 503 });
  expect((await client.printRaw('POST', 'queue/AddItem', { filesystem: FILE })).status).toBe(503);
  await fault({ kind: 'outage' });
  await expect(add()).rejects.toThrow();
  await fault({ kind: 'slow', delay_ms: 30 });
  expect(await add()).toMatchObject({ status: true });
  expect((await client.farm()).calls).toEqual({ 'queue/AddItem': 2 });
});

test('unknown calls, wrong methods and broken bodies are refused', async () => {
  expect((await client.printRaw('GET', 'queue/AddItem')).status).toBe(405);
  expect((await client.printRaw('POST', 'queue/Nothing')).status).toBe(404);
  expect((await client.printRaw('POST', 'queue/AddItem', [1])).status).toBe(400);
});

test('a note is set with a second call', async () => {
  const { created_id: id } = await add();
  await client.print('POST', `queue/UpdateItem?job=${id}`, { note: 'order #1001', amount: 4, for_printers: [301] });
  expect((await client.farm()).queue).toMatchObject([{ id, note: 'order #1001', left: 4 }]);
  expect(await client.print('GET', `queue/GetItem?id=${id}`)).toMatchObject({ queue: { id, for: { printers: [301] } } });
  expect(await client.print('POST', `queue/ReviveItem?job=${id}`)).toMatchObject({ status: true });
  expect(await client.print('POST', 'queue/ReviveItem?job=7')).toEqual(refused('Queue item not found.'));
});
