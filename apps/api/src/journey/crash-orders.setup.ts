import { told, type CrashJourney } from './crash-world.setup';

const NOTHING = { shopify: [], farm: { added: 0, left: 0, prints: 0 }, prints: {}, told: {}, mails: [], done: {}, failed: [], attention: [] };
export const ending = (change: Partial<CrashJourney['ending']>): CrashJourney['ending'] => ({ ...NOTHING, ...change });
export const MAPPED_ONE = { 'product_mapping created': 1 };

/** What orders meet when all goes well, or as a merchant likes it. */
export const orderJourneys: readonly CrashJourney[] = [
  {
    name: 'an order of two locations, one print of which fails once',
    travel: async (world) => {
      for (const sku of ['PLANTER', 'SAUCER']) await world.map(sku);
      await world.fault({ target: 'simplyprint', kind: 'fail-prints', count: 1 });
      const id = await world.product.order([
        { sku: 'PLANTER', quantity: 2, location: 'Workshop' },
        { sku: 'SAUCER', quantity: 1, location: 'City counter' },
      ]);
      await world.fulfilled(id, 2);
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 2, units: 3 }],
      farm: { added: 3, left: 0, prints: 4 },
      prints: { COMPLETED: 3, FAILED: 1 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 3, 'print-job.completed': 3, 'print-job.failed': 1, 'fulfillment.created': 2 },
      done: { 'product_mapping created': 2 },
    }),
  },
  {
    name: 'an order that is on hold before and after production, and edited meanwhile unheard',
    travel: async (world) => {
      await world.map('CLOCK');
      const id = await world.order('CLOCK', 1, { hold: true });
      await world.ours(id, 'its wait', (order) => order.lines[0]?.wanted === 1);
      await world.settled();
      await world.printersRun(false);
      // No word of the edit comes, by webhook or catch-up: its plan sees for itself that it must read the whole order.
      await world.fault({ target: 'shopify', kind: 'outage', operation: 'orders' });
      await world.fault({ target: 'webhooks', kind: 'drop', operation: 'orders/*' });
      await world.merchant('edit', id, { lines: [{ sku: 'CLOCK', quantity: 2 }] });
      await world.merchant('release', id);
      await world.letPass(600);
      await world.produced(id);
      await world.noFaults();
      await world.merchant('hold', id, {});
      await world.printersRun(true);
      await world.ours(id, 'its production', (order) => order.production_status === 'COMPLETED');
      await world.until('the fulfillment to wait', async () => (await world.phases()).includes('on_hold'));
      await world.settled();
      await world.merchant('release', id);
      await world.letPass(600);
      await world.fulfilled(id);
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 2 }],
      farm: { added: 1, left: 0, prints: 2 },
      prints: { COMPLETED: 2 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 1, 'print-job.completed': 2, 'fulfillment.created': 1 },
      done: MAPPED_ONE,
    }),
  },
  {
    name: 'an order that is edited while it is made and when it is fulfilled',
    travel: async (world) => {
      await world.map('CUP');
      await world.printersRun(false);
      const id = await world.order('CUP', 5);
      const order = await world.produced(id);
      const before = (await world.prints(order.id)).filter((print) => print.status === 'QUEUED').length;
      await world.merchant('edit', id, { lines: [{ sku: 'CUP', quantity: 3 }] });
      await world.until('the removal of two prints', async () => (await world.prints(order.id)).filter((print) => print.status === 'CANCELLED').length === 2 && before > 0);
      await world.printersRun(true);
      await world.fulfilled(id);
      await world.settled();
      await world.merchant('edit', id, { lines: [{ sku: 'CUP', quantity: 4 }] });
      await world.fulfilled(id, 2);
      await world.ours(id, 'its second readiness', (each) => told(each, 'order.ready-for-fulfillment') === 2);
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 2, units: 4 }],
      farm: { added: 2, left: 0, prints: 4 },
      prints: { CANCELLED: 2, COMPLETED: 4 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 2, 'queue-item.added': 2, 'print-job.completed': 4, 'fulfillment.created': 2 },
      done: MAPPED_ONE,
    }),
  },
  {
    name: 'an order that is cancelled, and one that the merchant fulfills, while they are made',
    travel: async (world) => {
      await world.map('BOWL');
      await world.printersRun(false);
      const cancelled = await world.order('BOWL', 10);
      await world.produced(cancelled);
      await world.merchant('cancel', cancelled, {});
      const order = await world.ours(cancelled, 'its cancellation', (each) => each.production_status === 'CANCELLED');
      await world.until('its prints to be taken back', async () => (await world.prints(order.id)).every((print) => !['PENDING', 'QUEUED'].includes(print.status)));
      const taken = await world.order('BOWL', 1);
      await world.produced(taken);
      await world.merchant('fulfill', taken, { tracking: { number: '3SFORMA3D', company: 'PostNL' } });
      await world.printersRun(true);
      await world.fulfilled(taken);
    },
    ending: ending({
      shopify: [
        { status: 'UNFULFILLED', fulfillments: 0, units: 0 },
        { status: 'FULFILLED', fulfillments: 1, units: 1 },
      ],
      farm: { added: 2, left: 0, prints: 1 },
      prints: { CANCELLED: 10, COMPLETED: 1 },
      told: { 'order.created': 2, 'order.cancelled': 1, 'order.ready-for-fulfillment': 1, 'print-job.completed': 1, 'queue-item.added': 2, 'fulfillment.created': 1 },
      done: { 'order status-changed': 1, ...MAPPED_ONE },
    }),
  },
];
