import { z } from 'zod';
import { ending, MAPPED_ONE } from './crash-orders.setup';
import type { CrashJourney, CrashWorld } from './crash-world.setup';

const requests = z.object({ data: z.array(z.object({ id: z.string(), kind: z.string(), completed_at: z.string().nullable() })) });

/** The request of a kind, once it is as it has to be. */
function request(world: CrashWorld, kind: string, isRight: (completedAt: string | null) => boolean = () => true): Promise<string> {
  return world.until(`the request ${kind}`, async () => {
    const { data } = requests.parse(await world.act('GET', '/api/v1/privacy/requests'));
    return data.find((each) => each.kind === kind && isRight(each.completed_at))?.id;
  });
}

const told = (world: CrashWorld, type: string): Promise<unknown> =>
  world.until(`the event ${type}`, async () => (await world.product.db.sql.rows(z.object({ id: z.string() }))`SELECT id FROM event WHERE type = ${type}`).length > 0);

/** An item about a version that was asked for before the settings moved on. */
async function anOldDrift(world: CrashWorld): Promise<void> {
  await world.product.db.sql`
    INSERT INTO attention (id, store_id, kind, subject_id, message, details, opened_at)
    SELECT gen_random_uuid(), id, 'api-version-drift', 'answer 2026-01 2026-04', 'Shopify answers in another version.',
      '{"where": "answer", "asked": "2026-01", "spoken": "2026-04"}', now() FROM store`;
}

/** What keeps the product in order with the shop and with those who bought there. */
export const housekeepingJourneys: readonly CrashJourney[] = [
  {
    name: 'a customer who asks for their data, and has them redacted',
    travel: async (world) => {
      await world.map('DISH');
      const id = await world.order('DISH', 1, { note: 'Ring twice' });
      await world.fulfilled(id);
      await world.product.control('POST', '/webhooks', { topic: 'customers/data_request', order_id: id });
      const asked = await request(world, 'data_request');
      await world.act('GET', `/api/v1/privacy/requests/${asked}/export`);
      await world.act('POST', `/api/v1/privacy/requests/${asked}/answered`);
      await world.product.control('POST', '/webhooks', { topic: 'customers/redact', order_id: id });
      await request(world, 'customer_redact', (completedAt) => completedAt !== null);
      await told(world, 'privacy.redacted');
      await world.mail('Customer Data Request');
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 1 }],
      farm: { added: 1, left: 0, prints: 1 },
      prints: { COMPLETED: 1 },
      told: { 'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 1, 'print-job.completed': 1, 'fulfillment.created': 1, 'privacy.redacted': 1 },
      mails: ['[Forma3D.Connect] Customer Data Request: Action Required'],
      done: { ...MAPPED_ONE, 'privacy_request exported': 1, 'privacy_request answered': 1 },
    }),
  },
  {
    name: 'a shop that drops our subscriptions, uninstalls the app and installs it again, in another version of the API',
    env: { SHOPIFY_API_VERSION: '2026-07' },
    travel: async (world) => {
      await world.map('VANE');
      // What nobody has seen cannot be lost.
      await world.until('the subscriptions to be known', async () =>
        (await world.product.db.sql.rows(z.object({ topic: z.string() }))`SELECT topic FROM webhook_subscription WHERE system = 'shopify'`).length > 0);
      await world.settled();
      await anOldDrift(world);
      await world.product.control('DELETE', '/webhooks');
      await world.act('POST', '/api/v1/installation/check');
      await told(world, 'webhook-subscription.lost');
      await world.settled();
      await world.product.control('POST', '/webhooks', { topic: 'app/uninstalled' });
      await world.until('the store to be marked', async () => (await world.open()).includes('shop-uninstalled'));
      const id = await world.order('VANE', 1);
      await world.settled();
      await world.product.control('POST', '/install');
      await world.until('the shop to let us in', async () => {
        // Nobody waits for the minute that the gate, by the database's clock, leaves between two probes.
        await world.product.db.sql`UPDATE outside_limit SET blocked_until = now() WHERE refused_since IS NOT NULL`;
        await world.act('POST', '/api/v1/installation/check');
        await world.settled();
        return !(await world.open()).includes('shop-uninstalled');
      }, { everyMs: 500 });
      await world.fulfilled(id);
      for (const subject of ['Webhook Subscription Lost', 'Shop Uninstalled', 'Shopify API Version']) await world.mail(subject);
    },
    ending: ending({
      shopify: [{ status: 'FULFILLED', fulfillments: 1, units: 1 }],
      farm: { added: 1, left: 0, prints: 1 },
      prints: { COMPLETED: 1 },
      told: {
        'order.created': 1, 'order.ready-for-fulfillment': 1, 'queue-item.added': 1, 'print-job.completed': 1, 'fulfillment.created': 1,
        'store.uninstalled': 1, 'store.reinstalled': 1,
      },
      mails: ['[Forma3D.Connect] Shop Uninstalled: Action Required', '[Forma3D.Connect] Shopify API Version: Action Required'],
      done: MAPPED_ONE,
      attention: ['api-version-drift', 'api-version-drift'],
    }),
  },
];
