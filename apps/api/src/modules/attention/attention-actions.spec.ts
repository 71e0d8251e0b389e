import { ATTENTION_KINDS, cancelOrder, failedTasks, newProductMapping } from '@forma3d/contracts';
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

it('notifications that share an item are tried again, or discarded, together', () => {
  expect(calls('task-struggling', { order_id: null, subject_id: 'NOTIFICATION email', details: { task_id: 't-1' } })).toEqual([
    'POST /api/v1/retry-queue/retry-all',
    'POST /api/v1/retry-queue/discard-all',
    'GET /api/v1/retry-queue?type=NOTIFICATION',
  ]);
});

/** What has to be sent with the calls of an item that are no mere looking. */
const sent = (...args: Parameters<typeof item>) => item(...args).flatMap(({ method, label, body, needs }) => (method === 'GET' ? [] : [{ label, body, needs }]));

it('trying notifications again leaves other failed work alone', () => {
  const [again] = sent('task-struggling', { order_id: null, subject_id: 'NOTIFICATION email', details: { task_id: 't-1' } });
  expect(again).toEqual({ label: 'Try those that failed again', body: { type: 'NOTIFICATION' }, needs: undefined });
  expect(failedTasks.parse(again?.body)).toEqual({ type: 'NOTIFICATION' });
});

it('asking Shopify again asks Shopify, for a reason that a person gives', () => {
  const [again, seen] = sent('shopify-cancel-refused');
  expect(again).toEqual({ label: 'Ask Shopify again', body: { cancel_in_shopify: true }, needs: ['reason'] });
  expect(cancelOrder.parse({ ...again?.body, reason: 'Once more.' })).toEqual({ reason: 'Once more.', cancel_in_shopify: true });
  expect(seen).toEqual({ label: 'It is seen to', body: undefined, needs: undefined });
});

describe('an order that waits for mappings', () => {
  const line = (sku: string | null, variant_id: string | null) =>
    ({ line_item_id: '01a1fcc8-8dd0-7709-9da3-4eb71ac26108', title: 'Vase', sku, variant_id, reason: 'no mapping' });
  const waiting = (...lines: ReturnType<typeof line>[]) => sent('unmapped-lines', { details: { lines } });
  const parts = [{ name: 'pot', file_id: 'c'.repeat(32) }];

  it('has each product mapped once, by its SKU or its variant', () => {
    const links = waiting(line('VASE', '7'), line('VASE', '7'), line(null, '8'));
    expect(links).toEqual([
      { label: 'Say what VASE is printed from', body: { sku: 'VASE' }, needs: ['parts'] },
      { label: 'Say what Vase is printed from', body: { variant_id: '8' }, needs: ['parts'] },
    ]);
    for (const { body } of links) expect(newProductMapping.safeParse({ ...body, parts }).success).toBe(true);
  });

  it('names some of very many', () => {
    expect(waiting(...Array.from({ length: 50 }, (_, n) => line(`VASE-${String(n)}`, null)))).toHaveLength(5);
  });

  it('is forced or cancelled where a line can be mapped by nothing', () => {
    const links = item('unmapped-lines', { details: { lines: [line(null, null)] } });
    expect(links.map(({ method, href, needs }) => [`${method} ${href}`, needs])).toEqual([
      ['GET /api/v1/product-mappings/unmapped', undefined],
      ['POST /api/v1/fulfillments/order/o-1/force', undefined],
      ['POST /api/v1/cancellations/order/o-1', ['reason']],
      ['GET /api/v1/orders/o-1', undefined],
    ]);
  });
});

it('what it does not know leads to its order, or nowhere', () => {
  expect(calls('something-new')).toEqual(['GET /api/v1/orders/o-1']);
  expect(calls('toString', { order_id: null })).toEqual([]);
});
