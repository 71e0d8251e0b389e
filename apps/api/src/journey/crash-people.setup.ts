import { z } from 'zod';
import { ending, MAPPED_ONE } from './crash-orders.setup';
import type { CrashJourney } from './crash-world.setup';

const DAY_MS = 86_400_000;

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
];
