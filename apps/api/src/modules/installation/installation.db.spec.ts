import { DELIVERY_TASKS, type TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId, OutsideError, type OutsideErrorFacts } from '@forma3d/kernel';
import { readConfig } from '@forma3d/platform';
import type { ShopifyClient, ShopifyWebhookSubscription } from '@forma3d/shopify';
import type { SimplyPrintClient } from '@forma3d/simplyprint';
import { EventLog, type Task } from '@forma3d/tasks';
import { FakeClock, testSettings, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Stores } from '../access';
// The repository of stores is their own business; a test may put it together.
import { StoresRepository } from '../access/stores.repository';
import { Attention } from '../attention';
import { Inbox } from '../inbox';
import { ApiVersion } from './api-version';
import { AppUninstalled } from './app-uninstalled';
import { InstallationViews } from './installation-views';
import { Reinstalled } from './reinstalled';
import { subscribedTopics } from './subscribed-topics';
import { WebhookSubscriptions } from './webhook-subscriptions';

const REAL = { FORMA3D_SANDBOX: '', SECRETS_KEY: 'x'.repeat(32) };
const ADDRESS = 'https://connect.example.com/webhooks/shopify';
const signal = new AbortController().signal;

const db = new Database({ url: useDatabase().url(), max: 8 });
const clock = new FakeClock();
const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
const attention = new Attention(db, events, clock);
const inbox = new Inbox(db, events, clock);

let storeId: string;
let present: ShopifyWebhookSubscription[];
let created: string[];
let described: number;
let printerWebhook: string;
let warnings: string[];
let shopifyFails: Error | undefined;
/** What happens in Shopify just before it answers a create; a refusal is thrown. */
let meanwhile: (topic: string) => void;

const logger = { log: () => undefined, warn: (_facts: object, message: string) => void warnings.push(message) };
const shop = { name: 'Shop', timeZone: 'Europe/Brussels', currency: 'EUR' };
const refusal = (facts: Partial<OutsideErrorFacts>) => new OutsideError({ system: 'shopify', operation: 'shop', failure: 'refused', ...facts }, 'no');
const make = (topic: string, url: string): ShopifyWebhookSubscription => {
  const one = { id: newId(), topic, url };
  present.push(one);
  return one;
};
const shopify = {
  getShop: () => {
    described += 1;
    return shopifyFails ? Promise.reject(shopifyFails) : Promise.resolve(shop);
  },
  listWebhookSubscriptions: () => Promise.resolve([...present]),
  createWebhookSubscription: async (topic: string, url: string) => {
    meanwhile(topic);
    if (present.some((each) => each.topic === topic && each.url === url)) {
      const taken = { field: ['webhookSubscription', 'callbackUrl'], message: 'Address for this topic has already been taken' };
      return Promise.reject(refusal({ failure: 'permanent', operation: 'webhookSubscriptionCreate', userErrors: [taken] }));
    }
    created.push(`${topic} ${url}`);
    return Promise.resolve(make(topic, url));
  },
} as unknown as ShopifyClient;
const simplyprint = {
  ensureMarkerField: () => Promise.resolve(true),
  ensureWebhook: () => Promise.resolve(printerWebhook),
} as unknown as SimplyPrintClient;

function world(settings: Record<string, string> = {}) {
  const config = readConfig(testSettings({ APP_URL: 'https://connect.example.com', ...settings }));
  const stores = new Stores(new StoresRepository(db), clock);
  const connections = { isConnected: () => Promise.resolve(true), shopifyUnasked: () => Promise.resolve(shopify), simplyprint: () => Promise.resolve(simplyprint) };
  const version = new ApiVersion(db, attention, { onDrift: () => undefined }, config);
  const reinstalled = new Reinstalled(db, events, stores, attention, logger);
  const subscriptions = new WebhookSubscriptions(db, events, connections, stores, reinstalled, version, config, clock, logger);
  const task = { storeId } as Task<'WEBHOOK_SUBSCRIPTIONS'>;
  return {
    version,
    stores,
    views: new InstallationViews(db, stores, config),
    uninstalled: new AppUninstalled(db, events, inbox, stores, attention, logger),
    check: () => subscriptions.handle(task, signal),
  };
}

const published = async (type: string) =>
  (await db.sql.rows(z.object({ payload: z.record(z.string(), z.unknown()) }))`SELECT payload FROM event WHERE type = ${type} AND store_id = ${storeId}`).map((row) => row.payload);
const tasks = async (type: TaskType) => (await db.sql.rows(z.object({ id: z.string() }))`SELECT id FROM retry_queue WHERE type = ${type} AND store_id = ${storeId}`).length;
const open = async () => (await attention.list(storeId, 10)).map((item) => item.kind);

beforeEach(async () => {
  storeId = newId();
  [present, created, described, printerWebhook, warnings, shopifyFails] = [[], [], 0, 'w1', [], undefined];
  meanwhile = () => undefined;
  await db.sql`
    INSERT INTO store (id, handle, name, shopify_domain, time_zone, currency, policies, produce_orders_from, updated_at)
    VALUES (${storeId}, ${storeId}, 'Test shop', ${`${storeId}.myshopify.com`}, 'UTC', 'EUR', '{}', now(), now())`;
});
afterAll(() => db.close());

describe('webhook subscriptions', () => {
  it('are created where missing; present ones and those that deliver elsewhere are left alone', async () => {
    make('orders/create', ADDRESS);
    make('orders/paid', 'https://somebody.else/hook');
    expect(await world().check()).toEqual({ kind: 'done' });
    expect(created).toEqual(subscribedTopics.filter((topic) => topic !== 'orders/create').map((topic) => `${topic} ${ADDRESS}`));
    expect((await world().stores.get(storeId)).timeZone).toBe('Europe/Brussels');
    // Nothing was known before, so nothing was lost.
    expect(await published('webhook-subscription.lost')).toEqual([]);
    await world().check();
    expect(created).toHaveLength(subscribedTopics.length - 1);
  });

  it('that were lost are made again and told of once, and what was missed is caught up with', async () => {
    await world().check();
    present = present.filter((each) => !each.topic.startsWith('orders/'));
    await Promise.all([world().check(), world().check(), world().check()]);
    const topics = subscribedTopics.filter((topic) => topic.startsWith('orders/'));
    expect(present.map((each) => each.topic).sort()).toEqual([...subscribedTopics].sort());
    expect(await published('webhook-subscription.lost')).toEqual([{ system: 'shopify', topics: [...topics].sort() }]);
    expect([await tasks('ALERT'), await tasks('CATCH_UP')]).toEqual([1, 1]);
    await world().check();
    expect(await published('webhook-subscription.lost')).toHaveLength(1);
  });

  it('made by a process that died before it could say so are told of by the next', async () => {
    await world().check();
    const [lost] = present.splice(0, 1);
    make(lost?.topic ?? '', ADDRESS);
    await world().check();
    expect(await published('webhook-subscription.lost')).toEqual([{ system: 'shopify', topics: [lost?.topic] }]);
  });

  it('that Shopify refuses keep no other from being made, and are tried again', async () => {
    const denied = refusal({ failure: 'transient' });
    const never = refusal({ failure: 'permanent' });
    const allowed = new Set<string>();
    meanwhile = (topic) => {
      if (topic === 'orders/create' && !allowed.has(topic)) throw never;
      if (topic === 'fulfillments/create' && !allowed.has(topic)) throw denied;
    };
    await expect(world().check()).rejects.toBe(denied);
    expect(present.map((each) => each.topic)).toEqual(subscribedTopics.filter((topic) => topic !== 'orders/create' && topic !== 'fulfillments/create'));
    expect((await world().views.of(storeId)).subscriptions.filter((each) => each.system === 'shopify')).toHaveLength(subscribedTopics.length - 2);
    allowed.add('fulfillments/create');
    await expect(world().check()).rejects.toBe(never);
    allowed.add('orders/create');
    expect(await world().check()).toEqual({ kind: 'done' });
    expect([present.length, await published('webhook-subscription.lost')]).toEqual([subscribedTopics.length, []]);
  });

  it('that were lost and cannot be made again yet are told of once they are', async () => {
    await world().check();
    present = present.filter((each) => each.topic !== 'orders/paid');
    meanwhile = () => { throw refusal({ failure: 'transient' }); };
    for (let n = 0; n < 2; n += 1) await expect(world().check()).rejects.toMatchObject({ failure: 'transient' });
    expect(await published('webhook-subscription.lost')).toEqual([]);
    meanwhile = () => undefined;
    await world().check();
    expect(await published('webhook-subscription.lost')).toEqual([{ system: 'shopify', topics: ['orders/paid'] }]);
  });

  it('that another process makes in the same moment are taken as made', async () => {
    meanwhile = (topic) => {
      if (topic === 'orders/paid') make(topic, ADDRESS);
    };
    expect(await world().check()).toEqual({ kind: 'done' });
    expect(present).toHaveLength(subscribedTopics.length);
  });

  it('that move with the address of the product were not lost', async () => {
    await world().check();
    await world({ APP_URL: 'https://new.example.com' }).check();
    expect(created).toHaveLength(2 * subscribedTopics.length);
    expect(await published('webhook-subscription.lost')).toEqual([]);
    const { subscriptions } = await world().views.of(storeId);
    expect(new Set(subscriptions.filter((each) => each.system === 'shopify').map((each) => each.url))).toEqual(new Set(['https://new.example.com/webhooks/shopify']));
  });

  it('of SimplyPrint are missed too', async () => {
    await world().check();
    printerWebhook = 'w2';
    await world().check();
    expect(await published('webhook-subscription.lost')).toEqual([{ system: 'simplyprint', topics: ['all'] }]);
  });

  it('hold every Shopify topic that becomes a task and may be subscribed', () => {
    const topics = Object.keys(DELIVERY_TASKS).filter((topic) => DELIVERY_TASKS[topic] === 'ORDER_WEBHOOK' || DELIVERY_TASKS[topic] === 'APP_UNINSTALLED');
    expect(topics.filter((topic) => !(subscribedTopics as readonly string[]).includes(topic))).toEqual([]);
  });

  it('are not asked of a real Shopify for an address without https; the log says so', async () => {
    await world({ ...REAL, APP_URL: 'http://localhost:3000' }).check();
    expect(created).toEqual([]);
    expect(warnings).toEqual([expect.stringContaining('APP_URL')]);
    await world({ APP_URL: 'http://localhost:3000' }).check();
    expect(created).toHaveLength(subscribedTopics.length);
  });

  it('of SimplyPrint do not suffer from trouble at Shopify, and the task is tried again', async () => {
    shopifyFails = refusal({ failure: 'transient' });
    await expect(world().check()).rejects.toBe(shopifyFails);
    expect((await world().views.of(storeId)).subscriptions.map((each) => each.system)).toEqual(['simplyprint']);
  });
});

describe('an app that is uninstalled', () => {
  async function uninstalled(at: Date = clock.now()): Promise<void> {
    const key = newId();
    await inbox.store({ storeId, source: 'shopify', topic: 'app/uninstalled', dedupeKey: key, eventId: null, apiVersion: null, triggeredAt: at, body: Buffer.from('{"id":1}'), correlationId: key });
    const { id } = await db.sql.one(z.object({ id: z.string() }))`SELECT id FROM webhook_delivery WHERE dedupe_key = ${key}`;
    await world().uninstalled.handle({ storeId, payload: { delivery_id: id } } as Task<'APP_UNINSTALLED'>);
  }

  it('marks its store, once, and tells people in words that say what to do', async () => {
    await world().check();
    await uninstalled();
    await uninstalled();
    expect(await world().views.of(storeId)).toMatchObject({ installed: false, uninstalled_at: clock.now().toISOString() });
    expect(await published('store.uninstalled')).toEqual([{ shop_domain: `${storeId}.myshopify.com` }]);
    expect((await attention.list(storeId, 10)).map((item) => item.message)).toEqual([expect.stringContaining('new access token')]);
  });

  it('is looked for at the next check, without an endless retry', async () => {
    await uninstalled();
    shopifyFails = refusal({ httpStatus: 401 });
    expect(await world().check()).toEqual({ kind: 'done' });
    expect([described, await open()]).toEqual([1, ['shop-uninstalled']]);
    // What the gate refused was not asked: the new token may be good.
    shopifyFails = refusal({ retryAfterMs: 1_000 });
    await expect(world().check()).rejects.toBe(shopifyFails);
  });

  it('and installed again goes on at once with what waited, and misses no subscription', async () => {
    await world().check();
    await uninstalled();
    present = [];
    await db.sql`
      INSERT INTO retry_queue (id, type, store_id, payload, max_attempts, due_at, snoozed)
      VALUES (${newId()}, 'CATCH_UP', ${storeId}, '{}', 5, ${new Date(clock.now().getTime() + 3_600_000)}, true)`;
    clock.advance(60_000);
    await Promise.all([world().check(), world().check()]);
    expect(await world().views.of(storeId)).toMatchObject({ installed: true, uninstalled_at: null, reinstalled_at: clock.now().toISOString() });
    expect([await published('store.reinstalled'), await published('webhook-subscription.lost'), await open()]).toMatchObject([[{}], [], []]);
    const due = await db.sql.rows(z.object({ due_at: z.date() }))`SELECT due_at FROM retry_queue WHERE store_id = ${storeId} AND type = 'CATCH_UP'`;
    expect(due.every((each) => each.due_at <= clock.now())).toBe(true);
    expect(present).toHaveLength(subscribedTopics.length);
  });

  it('is not believed when the news are older than the new installation', async () => {
    const then = clock.now();
    await uninstalled();
    clock.advance(60_000);
    await world().check();
    await uninstalled(then);
    expect(await world().views.of(storeId)).toMatchObject({ installed: true });
  });
});

describe('another version of the API', () => {
  const drift = { where: 'answer', asked: '2026-10', spoken: '2027-01' } as const;

  it('is told once for each version, however many processes see it', async () => {
    const { version } = world();
    await Promise.all([1, 2, 3].map(() => version.tell({ storeId, ...drift })));
    await version.tell({ storeId, ...drift, where: 'delivery' });
    await version.tell({ storeId, ...drift });
    expect(await open()).toEqual(['api-version-drift', 'api-version-drift']);
    expect(await tasks('ALERT')).toBe(2);
  });

  it('is over when the settings have moved on, or the deliveries have', async () => {
    const { version } = world();
    await version.tell({ storeId, ...drift });
    await version.tell({ storeId, ...drift, where: 'delivery' });
    await world().check();
    expect(await open()).toHaveLength(2);
    await inbox.store({ storeId, source: 'shopify', topic: 'orders/paid', dedupeKey: newId(), eventId: null, apiVersion: '2026-10', triggeredAt: null, body: Buffer.from('{}'), correlationId: 'c' });
    await world().check();
    expect(await open()).toHaveLength(1);
    await world({ SHOPIFY_API_VERSION: '2027-01' }).check();
    expect(await open()).toEqual([]);
    // Known: not told a second time.
    await version.tell({ storeId, ...drift });
    expect(await open()).toEqual([]);
  });
});
