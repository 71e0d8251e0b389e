import type { EventType } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import { alertOf, type AlertedEvent } from './alerts';

const order = newId();

function event(type: EventType, payload: Record<string, unknown>): AlertedEvent {
  const at = new Date('2026-11-02T09:00:00Z');
  return { id: newId(), type, severity: 'ERROR', occurred_at: at, store_id: newId(), order_id: order, payload: { order_id: order, ...payload } };
}

const printFailed = (again: boolean) => event('print-job.failed', { print_job_id: newId(), reason: null, will_reprint: again });
const attention = (kind: string) => event('order.needs-attention', { attention_id: newId(), kind, message: 'Look.' });
const taskFailed = (type: string) => event('task.failed', { task_id: newId(), task_type: type, failures: 20, reason: 'down' });

test('a fulfillment that failed for good is told with its reason', () => {
  const told = alertOf(event('fulfillment.failed', { fulfillment_id: newId(), reason: 'closed', will_retry: false }));
  expect(told).toMatchObject({ kind: 'fulfillment-failed', type: 'Fulfillment Failed', severity: 'ERROR' });
  expect(told?.details).toContainEqual({ label: 'Reason', value: 'closed' });
});

test('a print that is reprinted by itself is nobody’s business, one that failed for good is', () => {
  expect(alertOf(printFailed(true))).toBeNull();
  expect(alertOf(printFailed(false))).toMatchObject({ type: 'Print Failed' });
  expect(alertOf(event('print-job.needs-review', { print_job_id: newId(), reason: 'on a printer' }))).toMatchObject({ type: 'Print Needs Review' });
});

test('one cause is told once', () => {
  for (const kind of ['fulfillment-failed', 'print-failed', 'print-needs-review', 'task-failed']) expect(alertOf(attention(kind))).toBeNull();
  for (const type of ['FULFILLMENT', 'NOTIFICATION']) expect(alertOf(taskFailed(type))).toBeNull();
});

test('what needs attention is told under its name', () => {
  expect(alertOf(attention('unmapped-lines'))).toMatchObject({ type: 'Unmapped Product', message: 'Look.' });
  expect(alertOf(attention('something-new'))).toMatchObject({ type: 'Attention Needed', kind: 'something-new' });
  expect(alertOf(taskFailed('CATCH_UP'))).toMatchObject({ type: 'Task Failed' });
});

test('good news are no alert', () => {
  expect(alertOf(event('order.paid', {}))).toBeNull();
});
