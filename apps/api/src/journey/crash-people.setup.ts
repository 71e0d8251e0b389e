import { z } from 'zod';
import { ending, MAPPED_ONE } from './crash-orders.setup';
import type { CrashJourney, CrashWorld } from './crash-world.setup';

const DAY_MS = 86_400_000;
const TEN_MINUTES_S = 600;
const ALERTS_KEPT_S = (32 * DAY_MS) / 1_000;

/** Tasks of each type that failed a while ago; answers their ids. */
async function leaveFailed(world: CrashWorld, ...types: readonly string[]): Promise<string[]> {
  const rows = await world.product.db.sql.rows(z.object({ id: z.string() }))`
    INSERT INTO retry_queue (id, type, status, store_id, payload, attempt, failures, max_attempts, due_at, finished_at, last_error)
    SELECT gen_random_uuid(), type, 'FAILED', store.id, '{}', 5, 5, 5, now(), now() - n * interval '1 s', 'failed a while ago'
    FROM store, unnest(${types}::text[]) WITH ORDINALITY AS left_behind (type, n) RETURNING id`;
  return rows.map(({ id }) => id);
}

/** What people do in our own product. */
export const peopleJourneys: readonly CrashJourney[] = [
  {
    name: 'prints that an operator cancels, retries and calls done',
    travel: async (world) => {
      await world.map('RING');
      await world.printersRun(false);
      const id = await world.order('RING', 12);
      const order = await world.produced(id);
      const queued = (await world.prints(order.id)).filter((print) => print.status === 'QUEUED');
      const [first, last] = [queued.at(-2)?.id ?? '', queued.at(-1)?.id ?? ''];
      const status = async (print: string): Promise<string | undefined> => (await world.prints(order.id)).find((each) => each.id === print)?.status;
      await world.act('POST', `/api/v1/print-jobs/${last}/cancel`);
      await world.until('the cancellation', async () => (await status(last)) === 'CANCELLED');
      await world.act('POST', `/api/v1/print-jobs/${last}/retry`);
      // A copy that is called done while the other is not in the queue yet would be printed in its place: as good, but another way.
      await world.until('it to be queued again', async () => (await world.prints(order.id)).filter((print) => print.status === 'QUEUED').length === queued.length);
      await world.act('POST', `/api/v1/print-jobs/${first}/force-status`, { status: 'COMPLETED', reason: 'printed by hand' });
      await world.settled();
      await world.printersRun(true);
      await world.fulfilled(id);
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 12 }],
      farm: { added: 2, left: 0, prints: 11 },
      prints: { CANCELLED: 1, COMPLETED: 12 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 2, 'print-job.completed': 12, 'fulfillment.created': 1 },
      done: { ...MAPPED_ONE, 'print_job cancel-requested': 1, 'print_job retried': 1, 'print_job status-forced': 1 },
    }),
  },
  {
    name: 'an order that an operator cancels here and in Shopify, one print of which is stopped and one let finish',
    travel: async (world) => {
      await world.map('DISH');
      await world.printersRun(false);
      const order = await world.produced(await world.order('DISH', 2));
      await world.printing(order);
      const [first, last] = await world.prints(order.id);
      const status = async (id: string | undefined): Promise<string | undefined> => (await world.prints(order.id)).find((each) => each.id === id)?.status;
      await world.act('POST', `/api/v1/cancellations/order/${order.id}`, { reason: 'customer', cancel_in_shopify: true });
      await world.until('Shopify to have cancelled it', async () => (await world.tasks('SHOPIFY_CANCELLATION')).every((task) => task.status === 'COMPLETED'));
      await world.mail('Cancellation Needs Review');
      await world.act('POST', `/api/v1/print-jobs/${last?.id ?? ''}/let-finish`);
      await world.act('POST', `/api/v1/print-jobs/${first?.id ?? ''}/stop`);
      await world.until('the stop', async () => (await status(first?.id)) === 'CANCELLED');
      await world.printersRun(true);
      await world.until('the end of the other print', async () => (await status(last?.id)) === 'COMPLETED');
    },
    ending: ending({
      shopify: [{ status: 'UNFULFILLED', fulfillments: 0, units: 0 }],
      farm: { added: 1, left: 0, prints: 2 },
      prints: { CANCELLED: 1, COMPLETED: 1 },
      told: { 'order.created': 1, 'order.cancelled': 1, 'print-job.completed': 1, 'queue-item.added': 1 },
      mails: ['[Forma3D.Connect] Cancellation Needs Review: Action Required'],
      done: { ...MAPPED_ONE, 'order cancelled': 1, 'order cancel-in-shopify-requested': 1, 'order status-changed': 1, 'print_job kept': 1, 'print_job stop-requested': 1 },
    }),
  },
  {
    name: 'an order that an operator cancels and Shopify does not',
    travel: async (world) => {
      await world.map('PLATE');
      await world.printersRun(false);
      const order = await world.produced(await world.order('PLATE', 1));
      await world.fault({ target: 'shopify', kind: 'error', operation: 'orderCancel', user_error: 'Cannot cancel an order that has outstanding fulfillments' });
      await world.act('POST', `/api/v1/cancellations/order/${order.id}`, { reason: 'customer', cancel_in_shopify: true });
      await world.mail('Shopify Did Not Cancel');
      await world.until('its print to be taken back', async () => (await world.prints(order.id)).every((print) => print.status === 'CANCELLED'));
      await world.act('POST', `/api/v1/cancellations/order/${order.id}/acknowledge`);
    },
    ending: ending({
      shopify: [{ status: 'UNFULFILLED', fulfillments: 0, units: 0 }],
      farm: { added: 1, left: 0, prints: 0 },
      prints: { CANCELLED: 1 },
      told: { 'order.created': 1, 'order.cancelled': 1, 'queue-item.added': 1, 'task.failed': 1 },
      mails: ['[Forma3D.Connect] Shopify Did Not Cancel: Action Required'],
      done: { ...MAPPED_ONE, 'order cancelled': 1, 'order cancel-in-shopify-requested': 1, 'order cancellation-acknowledged': 1, 'order status-changed': 1 },
      failed: ['SHOPIFY_CANCELLATION: Shopify, orderCancel: Cannot cancel an order that has outstanding fulfillments'],
    }),
  },
  {
    name: 'an order that an operator fulfills by force, with what remains of it taken back',
    travel: async (world) => {
      await world.map('JAR');
      await world.printersRun(false);
      const order = await world.produced(await world.order('JAR', 2));
      await world.act('POST', `/api/v1/fulfillments/order/${order.id}/force`, { cancel_remaining: true });
      await world.until('its prints to be taken back', async () => (await world.prints(order.id)).every((print) => print.status === 'CANCELLED'));
      await world.until('its production to be over', async () => (await world.product.api('GET', `/api/v1/orders/${order.id}`).then(({ body }) => JSON.stringify(body))).includes('"production_status":"COMPLETED"'));
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 2 }],
      farm: { added: 1, left: 0, prints: 0 },
      prints: { CANCELLED: 2 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 1, 'fulfillment.created': 1 },
      done: { ...MAPPED_ONE, 'order fulfillment-forced': 1 },
    }),
  },
  {
    name: 'mappings that are changed, deleted, copied and imported, an order that is imported, and a pickup',
    travel: async (world) => {
      await world.map('OLD');
      await world.map('GONE');
      const [old, gone] = await world.product.db.sql.rows(z.object({ id: z.string() }))`SELECT id FROM product_mapping ORDER BY sku DESC`;
      await world.act('PATCH', `/api/v1/product-mappings/${old?.id ?? ''}`, { title: 'An old planter' });
      await world.act('DELETE', `/api/v1/product-mappings/${gone?.id ?? ''}`);
      await world.act('POST', `/api/v1/product-mappings/${old?.id ?? ''}/copy`, { sku: 'OLD-BLK' });
      await world.importMappings('sku,kind\nOLD-BLK,none\nOLD-RED,none\n');
      const imported = await world.order('OLD', 1, { placed_at: new Date(Date.now() - DAY_MS).toISOString(), fulfilment_type: 'pickup' });
      await world.settled();
      await world.act('POST', `/api/v1/orders/${imported}/import`);
      const order = await world.ours(imported, 'its production', (each) => each.production_status === 'COMPLETED');
      await world.until('the customer to be told', async () => (await world.phases()).includes('pending'));
      await world.settled();
      await world.act('POST', `/api/v1/fulfillments/order/${order.id}`, {});
      await world.fulfilled(imported);
      await world.settled();
      await world.act('POST', `/api/v1/fulfillments/order/${order.id}`, { tracking: { number: '3SFORMA3D', company: 'PostNL' } });
      await world.until('its tracking', async () => (await world.trackingNumbers()).includes('3SFORMA3D'));
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 1 }],
      farm: { added: 1, left: 0, prints: 1 },
      prints: { COMPLETED: 1 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 1, 'print-job.completed': 1, 'fulfillment.created': 1, 'fulfillment.updated': 1 },
      done: {
        'order imported': 1, 'order fulfillment-requested': 2,
        'product_mapping created': 4, 'product_mapping changed': 2, 'product_mapping deleted': 1,
      },
    }),
  },
  {
    name: 'tasks that failed, which people try again or discard',
    travel: async (world) => {
      await world.settled();
      const [again, gone] = await leaveFailed(world, 'CLEAN_UP', 'CLEAN_UP', 'CLEAN_UP', 'CLEAN_UP', 'ATTENTION_CHECK', 'ATTENTION_CHECK');
      await world.act('POST', `/api/v1/retry-queue/${again ?? ''}/retry`);
      await world.act('POST', `/api/v1/retry-queue/${gone ?? ''}/discard`);
      await world.act('POST', '/api/v1/retry-queue/retry-all', { type: 'CLEAN_UP' });
      await world.act('POST', '/api/v1/retry-queue/discard-all', {});
      await world.until('all of them to be over', async () =>
        (await world.product.db.sql.rows(z.object({ status: z.string() }))`SELECT status FROM retry_queue WHERE last_error = 'failed a while ago'`)
          .every(({ status }) => status === 'COMPLETED' || status === 'DISCARDED'));
    },
    ending: ending({ done: { 'task retried': 3, 'task discarded': 3 } }),
  },
  {
    name: 'what people are told: at once, gathered, and of each day',
    env: { ALERT_WINDOW_SECONDS: String(TEN_MINUTES_S) },
    travel: async (world) => {
      await world.settled();
      await world.act('PUT', '/api/v1/notifications/settings', { chat: null, webhook: null });
      await world.act('POST', '/api/v1/notifications/test');
      await world.mail('Test');
      for (const nth of [1, 2, 3]) {
        await world.order(`UNKNOWN-${String(nth)}`, 1);
        await world.until('the order to wait for a mapping', async () => (await world.open()).length === nth);
      }
      await world.mail('Unmapped Product');
      await world.letPass(TEN_MINUTES_S);
      await world.until('the others to be told of together', async () => (await world.tasks('ALERT_BURST')).every((task) => task.status === 'COMPLETED'));
      await world.letPass(ALERTS_KEPT_S);
      await world.mail('Daily Summary');
    },
    ending: ending({
      shopify: Array.from({ length: 3 }, () => ({ status: 'UNFULFILLED', fulfillments: 0, units: 0 })),
      told: { 'order.created': 3 },
      mails: [
        '[Forma3D.Connect] Daily Summary',
        '[Forma3D.Connect] Test Notification: Action Required',
        '[Forma3D.Connect] Unmapped Product (2 alerts): Action Required',
        '[Forma3D.Connect] Unmapped Product: Action Required',
      ],
      done: { 'store notification-settings-changed': 1, 'store notifications-tested': 1 },
      attention: Array<string>(3).fill('unmapped-lines'),
    }),
  },
];
