import { ATTENTION_KINDS } from '@forma3d/contracts';
import { actionsFor } from './attention-actions';

const item = (kind: string, change: { order_id?: string | null; subject_id?: string; details?: Record<string, unknown> } = {}) =>
  actionsFor({ kind, subject_id: 's-1', order_id: 'o-1', details: {}, ...change });
const calls = (...args: Parameters<typeof item>) => item(...args).map(({ method, href }) => `${method} ${href}`);

it.each(ATTENTION_KINDS)('offers something to do about %s', (kind) => {
  for (const link of item(kind)) {
    expect(link.href).toMatch(/^\/api\/v1\/[a-z]/);
    expect(link.label).not.toBe('');
  }
  expect(item(kind).length).toBeGreaterThan(0);
});

it('a failed print can be printed again, or called done', () => {
  expect(calls('print-failed')).toEqual([
    'POST /api/v1/print-jobs/s-1/retry',
    'POST /api/v1/print-jobs/s-1/force-status',
    'GET /api/v1/print-jobs/s-1',
    'GET /api/v1/orders/o-1',
  ]);
});

it('a failed task can be tried again or discarded', () => {
  expect(calls('task-failed', { order_id: null, details: { task_id: 's-1' } })).toEqual([
    'POST /api/v1/retry-queue/s-1/retry',
    'POST /api/v1/retry-queue/s-1/discard',
    'GET /api/v1/retry-queue/s-1',
  ]);
});

it('notifications that share an item are tried again together', () => {
  expect(calls('task-struggling', { order_id: null, subject_id: 'NOTIFICATION email', details: { task_id: 't-1' } })).toEqual([
    'GET /api/v1/retry-queue?type=NOTIFICATION',
    'POST /api/v1/retry-queue/retry-all',
  ]);
});

it('what it does not know leads to its order, or nowhere', () => {
  expect(calls('something-new')).toEqual(['GET /api/v1/orders/o-1']);
  expect(calls('toString', { order_id: null })).toEqual([]);
});
