import { ending, MAPPED_ONE } from './crash-orders.setup';
import { told, type CrashJourney } from './crash-world.setup';

const ONE_FULFILLED = {
  shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 1 }],
  farm: { added: 1, left: 0, prints: 1 },
  prints: { COMPLETED: 1 },
  told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 1, 'print-job.completed': 1, 'fulfillment.created': 1 },
  done: MAPPED_ONE,
};

/** What orders meet when the systems outside have trouble. */
export const troubleJourneys: readonly CrashJourney[] = [
  {
    name: 'an order whose last webhook of SimplyPrint is lost',
    travel: async (world) => {
      await world.map('NEST');
      await world.fault({ target: 'webhooks', kind: 'drop', operation: 'simplyprint:job.done' });
      await world.product.control('POST', '/simplyprint/speed', { speed: 30 });
      const id = await world.order('NEST', 1);
      await world.fulfilled(id);
    },
    ending: ending(ONE_FULFILLED),
  },
  {
    name: 'an order whose way to the printers is throttled, refused and unanswered',
    travel: async (world) => {
      await world.map('VASE');
      await world.settled();
      await world.fault({ target: 'shopify', kind: 'throttle', operation: 'order', count: 1 });
      await world.fault({ target: 'simplyprint', kind: 'error', operation: 'queue/AddItem', status: 503, count: 1 });
      const id = await world.order('VASE', 1);
      await world.until('the failed AddItem', async () => (await world.tasks('PRINT_JOB_CREATION')).some((task) => task.failures > 0));
      await world.fault({ target: 'simplyprint', kind: 'lost-answer', operation: 'queue/AddItem', count: 1 });
      await world.fulfilled(id);
    },
    ending: ending(ONE_FULFILLED),
  },
  {
    name: 'an order whose way out of the shop is cut, refused and unanswered',
    travel: async (world) => {
      await world.map('TRAY');
      await world.printersRun(false);
      const id = await world.order('TRAY', 1);
      await world.produced(id);
      await world.fault({ target: 'shopify', kind: 'outage', operation: 'order', count: 1 });
      await world.printersRun(true);
      await world.until('the failed reading', async () => (await world.tasks('FULFILLMENT')).some((task) => task.failures > 0));
      await world.fault({ target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', status: 503, count: 1 });
      await world.ours(id, 'the refusal', (order) => told(order, 'fulfillment.retrying') > 0);
      await world.fault({ target: 'shopify', kind: 'lost-answer', operation: 'fulfillmentCreate', count: 1 });
      await world.fulfilled(id);
    },
    ending: ending(ONE_FULFILLED),
  },
  {
    name: 'an order that Shopify tells nothing of for long',
    travel: async (world) => {
      await world.map('HOOK');
      // Of all tasks one alone is to have trouble.
      await world.until('the tasks of the start to be done', async () => (await world.tasks('WEBHOOK_SUBSCRIPTIONS')).every((task) => task.status === 'COMPLETED'));
      await world.settled();
      await world.fault({ target: 'shopify', kind: 'outage', operation: 'order' });
      const id = await world.order('HOOK', 1);
      await world.until('five failures', async () => {
        if ((await world.tasks('PRODUCTION_PLAN')).some((task) => task.failures >= 5)) return true;
        await world.letPass(20);
        return false;
      }, { everyMs: 200 });
      await world.until('its attention item', async () => (await world.open()).includes('task-struggling'));
      await world.noFaults();
      await world.letPass(40);
      await world.fulfilled(id);
      await world.until('the end of its attention item', async () => (await world.open()).length === 0);
      await world.mail('Task Struggling');
    },
    ending: ending({ ...ONE_FULFILLED, mails: ['[Forma3D.Connect] Task Struggling: Action Required'] }),
  },
  {
    name: 'an order while Shopify refuses our credentials',
    travel: async (world) => {
      await world.map('PEG');
      await world.settled();
      await world.fault({ target: 'shopify', kind: 'error', status: 402 });
      const id = await world.order('PEG', 1);
      await world.until('its wait', async () => (await world.open()).includes('credentials-refused'));
      await world.settled();
      await world.noFaults();
      // Nobody waits for the minute that the gate, by the database's clock, leaves between two probes.
      await world.until('the end of the refusal', async () => {
        await world.product.db.sql`UPDATE outside_limit SET blocked_until = now() WHERE refused_since IS NOT NULL`;
        await world.letPass(60);
        return (await world.open()).length === 0;
      }, { everyMs: 500 });
      await world.fulfilled(id);
    },
    ending: ending({ ...ONE_FULFILLED, mails: ['[Forma3D.Connect] Credentials Refused: Action Required'] }),
  },
  {
    name: 'an order whose fulfillment Shopify refuses for good',
    travel: async (world) => {
      await world.map('LID');
      await world.settled();
      await world.fault({ target: 'shopify', kind: 'error', operation: 'fulfillmentCreate', user_error: 'The fulfillment order is closed.' });
      const id = await world.order('LID', 1);
      const order = await world.ours(id, 'its failure', (each) => told(each, 'fulfillment.failed') > 0);
      await world.mail('Fulfillment Failed');
      await world.noFaults();
      await world.act('POST', `/api/v1/fulfillments/order/${order.id}`, {});
      await world.fulfilled(id);
    },
    ending: ending({
      ...ONE_FULFILLED,
      told: { ...ONE_FULFILLED.told, 'fulfillment.failed': 1, 'task.failed': 1 },
      mails: ['[Forma3D.Connect] Fulfillment Failed: Action Required'],
      done: { ...MAPPED_ONE, 'order fulfillment-requested': 1 },
      failed: ['FULFILLMENT: Shopify, fulfillmentCreate: The fulfillment order is closed.'],
    }),
  },
  {
    name: 'an order whose queue item people revive and take away',
    travel: async (world) => {
      await world.map('LAMP');
      await world.product.control('POST', '/simplyprint/speed', { speed: 20 });
      const id = await world.order('LAMP', 1);
      await world.ours(id, 'its queue item', (order) => told(order, 'queue-item.added') === 1);
      // The reprint cannot be sent while AddItem is away, so that it surely comes after the person who revives the item by hand.
      await world.fault({ target: 'simplyprint', kind: 'error', operation: 'queue/AddItem', status: 503 });
      const job = await world.until('its job', async () => (await world.product.farm()).jobs[0]);
      await world.printersRun(false);
      await world.product.control('POST', `/simplyprint/jobs/${job.id}/fail`);
      const item = String(job['queue_item_id']);
      await world.ours(id, 'its failed print', (order) => told(order, 'print-job.failed') === 1);
      await world.product.control('POST', `/simplyprint/queue/${item}/revive`);
      await world.until('the reprint to go over to it', async () => (await world.queueItems()).includes('REPLACED'));
      await world.noFaults();
      await world.printersRun(true);
      await world.fulfilled(id);
      await world.printersRun(false);
      const second = await world.order('LAMP', 1);
      const order = await world.produced(second);
      for (const { id: each } of (await world.product.farm()).queue) await world.product.control('POST', `/simplyprint/queue/${each}/delete`);
      await world.until('its prints to be missed', async () => {
        await world.letPass(121);
        return (await world.prints(order.id)).some((print) => print.status === 'CANCELLED');
      }, { everyMs: 2_500 });
    },
    ending: ending({
      shopify: [
        { status: 'FULFILLED', fulfillments: 1, units: 1 },
        { status: 'UNFULFILLED', fulfillments: 0, units: 0 },
      ],
      farm: { added: 2, left: 0, prints: 2 },
      prints: { CANCELLED: 1, COMPLETED: 1, FAILED: 1 },
      told: { 'order.created': 2, 'order.ready-for-fulfillment': 1, 'queue-item.added': 2, 'print-job.completed': 1, 'print-job.failed': 1, 'fulfillment.created': 1 },
      mails: ['[Forma3D.Connect] Print Failed: Action Required'],
      done: MAPPED_ONE,
      attention: ['print-failed'],
    }),
  },
];
