import { DomainError } from '@forma3d/kernel';

import { parseSimplyPrintWebhook, verifySimplyPrintSecret } from './simplyprint-webhook';

const body = (event: string, data: unknown): string => JSON.stringify({ webhook_id: 42, event, timestamp: 1_795_000_000, data });

test('a job event names the job, not its queue item', () => {
  const raw = Buffer.from(body('job.done', { job: { id: 456, uid: 'pj_1', printer_id: 123, state: 'completed', printer: { id: 123, name: 'Bed 1' } } }));
  expect(parseSimplyPrintWebhook(raw)).toEqual({
    webhookId: '42',
    event: 'job.done',
    timestamp: new Date(1_795_000_000_000),
    jobId: '456',
    jobUid: 'pj_1',
    queueItemId: null,
    printerId: '123',
    printerName: 'Bed 1',
    dedupeKey: '42:job.done:456:1795000000',
  });
});

test('a printer whose name cannot be shown is one without a name', () => {
  const { printerId, printerName } = parseSimplyPrintWebhook(body('job.done', { job: { id: 456, printer: { id: 1, name: 'x'.repeat(500) } } }));
  expect({ printerId, printerName }).toEqual({ printerId: '1', printerName: null });
});

test('a queue event names the queue item', () => {
  const delivery = parseSimplyPrintWebhook(body('queue.add_item', { queue_item: { id: 890, left: 5 }, user: { id: 7 } }));
  expect(delivery).toMatchObject({ jobId: null, queueItemId: '890', dedupeKey: '42:queue.add_item:890:1795000000' });
});

test.each([[[]], [{}], [null], [undefined]])('a test event with data %j is read', (data) => {
  expect(parseSimplyPrintWebhook(body('test', data))).toMatchObject({ event: 'test', jobId: null, queueItemId: null });
});

test.each([
  ['no JSON', 'private <text>'],
  ['a list', '[]'],
  ['no event', JSON.stringify({ webhook_id: 1, timestamp: 1 })],
])('%s is refused without repeating what it said', (_what, raw) => {
  let error: unknown;
  try {
    parseSimplyPrintWebhook(raw);
  } catch (thrown) {
    error = thrown;
  }
  expect(error).toBeInstanceOf(DomainError);
  expect(error).toMatchObject({ code: 'invalid-delivery' });
  expect(String(error)).not.toContain('private');
});

test('the secret is taken from the newer or the older header, in any case', () => {
  expect(verifySimplyPrintSecret({ 'x-sp-secret': 'abc' }, 'abc')).toBe(true);
  expect(verifySimplyPrintSecret({ 'X-SP-Token': 'abc' }, 'abc')).toBe(true);
});

test('a wrong, missing or empty secret is none', () => {
  expect(verifySimplyPrintSecret({ 'x-sp-secret': 'abd' }, 'abc')).toBe(false);
  expect(verifySimplyPrintSecret({ 'x-sp-secret': 'abcd' }, 'abc')).toBe(false);
  expect(verifySimplyPrintSecret({ authorization: 'abc' }, 'abc')).toBe(false);
  expect(verifySimplyPrintSecret({ 'x-sp-secret': '' }, '')).toBe(false);
});

test.each([
  ['an event with a character that no column takes', { event: 'job\0done' }],
  ['an event longer than any', { event: 'x'.repeat(101) }],
  ['a webhook id longer than any', { webhook_id: 'x'.repeat(101) }],
  ['a job id that is half a character', { data: { job: { id: '\ud83d' } } }],
  ['a time beyond the calendar', { timestamp: 253_402_300_800 }],
])('%s is none of SimplyPrint, and never reaches the database', (_what, wrong) => {
  const delivery = { webhook_id: 1, event: 'job.done', timestamp: 1_790_000_000, data: { job: { id: 7 } }, ...wrong };
  expect(() => parseSimplyPrintWebhook(JSON.stringify(delivery))).toThrow('SimplyPrint sent a body that cannot be read');
});
