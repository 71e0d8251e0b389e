import { ALERT_KINDS, ALERTS, EVENT_TYPES, SUBSCRIPTIONS, type EventType } from '@forma3d/contracts';
import { newId } from '@forma3d/kernel';
import { alertOf } from './alerts';

const order = newId();

const event = (type: EventType, payload: Record<string, unknown>) => ({ type, payload: { order_id: order, ...payload } });
const attention = (kind: string) => event('order.needs-attention', { attention_id: newId(), kind, message: 'Look.' });
const taskFailed = (type: string) => event('task.failed', { task_id: newId(), task_type: type, failures: 20, reason: 'down' });

const TOLD = [
  event('fulfillment.failed', { fulfillment_id: newId(), reason: 'closed', will_retry: false }),
  event('print-job.needs-review', { print_job_id: newId(), reason: 'on a printer' }),
  event('cancellation.needs-review', { print_job_ids: [newId(), newId()], reason: 'the customer changed their mind' }),
  taskFailed('CATCH_UP'),
  attention('print-failed'),
  attention('task-struggling'),
  attention('unmapped-lines'),
  attention('queue-item-unclear'),
  attention('credentials-refused'),
  attention('cancelled-but-fulfilled'),
  attention('shopify-cancel-refused'),
  attention('api-version-drift'),
  attention('data-request'),
  attention('something-new'),
  event('sync.failed', { run_id: newId(), reason: 'the file ended early' }),
  event('metrics.drift-corrected', { start_date: '2026-11-01', end_date: '2026-11-03', cells_corrected: 4 }),
  event('webhook-subscription.lost', { system: 'shopify', topics: ['orders/create', 'orders/paid'] }),
  event('store.uninstalled', { shop_domain: 'shop.myshopify.com' }),
  event('notifications.tested', { batch_id: newId() }),
];

test('every kind of alert has an event that asks for it', () => {
  expect(TOLD.map((each) => alertOf(each)?.kind).sort()).toEqual([...ALERT_KINDS].sort());
});

test.each([
  ['fulfillment-failed', 'Fulfillment Failed', true],
  ['print-failed', 'Print Failed', false],
  ['cancellation-needs-review', 'Cancellation Needs Review', false],
  ['task-failed', 'Task Failed', true],
  ['unmapped-product', 'Unmapped Product', false],
  ['sync-failed', 'Sync Failed', true],
  ['metrics-drift', 'Metrics Drift', true],
  ['webhook-subscription-lost', 'Webhook Subscription Lost', true],
  ['credentials-refused', 'Credentials Refused', true],
  ['shop-uninstalled', 'Shop Uninstalled', true],
  ['api-version-drift', 'Shopify API Version', true],
  ['data-requested', 'Customer Data Request', true],
] as const)('%s is called %s, and is serious: %s', (kind, type, serious) => {
  expect(ALERTS[kind]).toMatchObject({ type, serious });
});

test('an alert says what is known of its cause', () => {
  expect(TOLD.map((each) => alertOf(each)?.details.map(({ label, value }) => (value.length === 36 ? label : `${label}: ${value}`)).join(', '))).toEqual([
    'Reason: closed',
    'Reason: on a printer, Print job',
    'Reason: the customer changed their mind, Prints: 2',
    'Task: CATCH_UP, Attempts: 20, Reason: down',
    '', '', '', '', '', '', '', '', '', '',
    'Reason: the file ended early, Run',
    'From: 2026-11-01, To: 2026-11-03, Figures corrected: 4',
    'System: Shopify, Topics: orders/create, orders/paid',
    'Shop: shop.myshopify.com',
    '',
  ]);
  expect(alertOf(attention('unmapped-lines'))?.message).toBe('Look.');
});

test('one cause is told once', () => {
  for (const kind of ['fulfillment-failed', 'print-needs-review', 'cancellation-needs-review', 'task-failed', 'shop-uninstalled']) expect(alertOf(attention(kind))).toBeNull();
  expect(alertOf(event('print-job.failed', { print_job_id: newId(), reason: null, will_reprint: false }))).toBeNull();
  for (const type of ['FULFILLMENT', 'PRINT_JOB_CREATION', 'SHOPIFY_CANCELLATION']) expect(alertOf(taskFailed(type))).toBeNull();
});

test('exactly the events that may ask for an alert make the task of one', () => {
  const asking = new Set<EventType>(TOLD.map(({ type }) => type));
  // A test writes its own tasks.
  asking.delete('notifications.tested');
  const subscribed = EVENT_TYPES.filter((type) => (SUBSCRIPTIONS[type] as readonly string[]).includes('ALERT'));
  expect(subscribed.sort()).toEqual([...asking].sort());
  expect(alertOf(event('order.paid', {}))).toBeNull();
});
