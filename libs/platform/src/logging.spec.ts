import { withScope } from '@forma3d/database';
import type { Task } from '@forma3d/tasks';
import { makeLogger } from './logging';
import { processorLog } from './processor-log';
import { TaskFailures } from './task-failures';

let lines: Record<string, unknown>[];
const logger = (level = 'info') => makeLogger(level, { write: (line: string) => void lines.push(JSON.parse(line) as Record<string, unknown>) });

beforeEach(() => {
  lines = [];
});

const task: Task<'FULFILLMENT'> = {
  id: 'task-1', type: 'FULFILLMENT', storeId: 'store-1', orderId: 'order-1', eventId: null,
  payload: { order_id: 'order-1' }, attempt: 3, failures: 2, replays: 0, maxAttempts: 20, correlationId: null,
};

test('every line carries the correlation id and the task of its work', () => {
  const signal = new AbortController().signal;
  withScope({ correlationId: 'journey-1', task: { id: 't1', type: 'FULFILLMENT', signal, leaseUntil: () => 0 } }, () => {
    logger().info('hello');
  });
  expect(lines).toEqual([expect.objectContaining({ level: 'info', msg: 'hello', correlation_id: 'journey-1', task: 'FULFILLMENT', task_id: 't1' })]);
});

test('secrets are blotted out wherever they usually stand', () => {
  logger().info({
    authorization: 'hunter2', req: { headers: { authorization: 'hunter2', cookie: 'hunter2', 'x-api-key': 'hunter2' } },
    config: { adminToken: 'hunter2', apiKey: 'hunter2', accessToken: 'hunter2' }, smtp: { pass: 'hunter2' },
  });
  expect(JSON.stringify(lines)).not.toContain('hunter2');
  expect(JSON.stringify(lines)).toContain('[redacted]');
});

test('an error of the database is logged without the row that it is about', () => {
  const error = Object.assign(new Error('duplicate key value'), { code: '23505', detail: 'Key (email)=(zoe@example.com) already exists.', where: '$1 = Zoe' });
  logger().error({ err: error }, 'a request failed unexpectedly');
  expect(lines).toEqual([expect.objectContaining({ err: expect.objectContaining({ type: 'Error', message: 'duplicate key value', code: '23505', stack: expect.any(String) as unknown }) as unknown })]);
  expect(JSON.stringify(lines)).not.toMatch(/zoe/i);
});

test('a task that is done is a debug line, one that failed a warning with its reason', () => {
  const log = processorLog(logger('debug'), new TaskFailures());
  log.outcome(task, { kind: 'done' }, 12.4);
  log.outcome(task, { kind: 'retry', why: 'Shopify answered 503' }, 3);
  log.outcome(task, { kind: 'snooze', why: 'on hold', afterMs: 60_000 }, 3);
  log.outcome(task, { kind: 'giveUp', why: 'no such order' }, 3);
  expect(lines).toEqual([
    expect.objectContaining({ level: 'debug', msg: 'FULFILLMENT is done', ms: 12 }),
    expect.objectContaining({ level: 'warn', msg: 'FULFILLMENT failed and will be tried again', why: 'Shopify answered 503', order_id: 'order-1', failures: 3, max_attempts: 20 }),
    expect.objectContaining({ level: 'info', msg: 'FULFILLMENT waits', why: 'on hold', after_ms: 60_000 }),
    expect.objectContaining({ level: 'warn', msg: 'FULFILLMENT failed for good', why: 'no such order', store_id: 'store-1' }),
  ]);
});

test('trouble of the processor is an error with its cause', () => {
  processorLog(logger(), new TaskFailures()).trouble('the queue could not be read', new Error('gone'));
  expect(lines).toEqual([expect.objectContaining({ level: 'error', msg: 'the queue could not be read', err: expect.objectContaining({ message: 'gone' }) as unknown })]);
});
