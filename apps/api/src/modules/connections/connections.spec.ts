import { openGate, OutsideError } from '@forma3d/kernel';
import { readConfig, type Logger } from '@forma3d/platform';
import type { ShopifyClient, ShopifyWebhookSubscription } from '@forma3d/shopify';
import type { SimplyPrintClient } from '@forma3d/simplyprint';
import type { Task } from '@forma3d/tasks';
import { testSettings } from '@forma3d/testing';
import { DELIVERY_TASKS } from '@forma3d/contracts';
import type { Stores } from '../access';
import { Connections } from './connections';
import { subscribedTopics } from './subscribed-topics';
import { WebhookSubscriptions } from './webhook-subscriptions';

const REAL = { FORMA3D_SANDBOX: '', SECRETS_KEY: 'x'.repeat(32) };
const task = { storeId: 'mine' } as Task<'WEBHOOK_SUBSCRIPTIONS'>;
const signal = new AbortController().signal;

let present: ShopifyWebhookSubscription[];
let created: string[];
let described: unknown[];
let webhooks: unknown[];
let warnings: string[];
let shopifyFails: Error | undefined;

const stores = {
  get: (id: string) => Promise.resolve({ id, shopifyDomain: id === 'mine' ? 'test-shop.myshopify.com' : 'other.myshopify.com' }),
  describe: (_id: string, shop: unknown) => Promise.resolve(void described.push(shop)),
} as unknown as Stores;
const logger = { log: () => undefined, warn: (_facts: object, message: string) => void warnings.push(message) } as unknown as Logger;
const shop = { name: 'Shop', timeZone: 'Europe/Brussels', currency: 'EUR' };
const shopify = {
  getShop: () => (shopifyFails ? Promise.reject(shopifyFails) : Promise.resolve(shop)),
  listWebhookSubscriptions: () => Promise.resolve(present),
  createWebhookSubscription: (topic: string, url: string) => Promise.resolve(void created.push(`${topic} ${url}`)),
} as unknown as ShopifyClient;
const simplyprint = {
  ensureMarkerField: () => Promise.resolve(true),
  ensureWebhook: (url: string, secret: string) => Promise.resolve(void webhooks.push({ url, secret })),
} as unknown as SimplyPrintClient;

function check(settings: Record<string, string> = {}): WebhookSubscriptions {
  const config = readConfig(testSettings({ APP_URL: 'https://connect.example.com', ...settings }));
  const connections = new Connections(stores, config, openGate, logger);
  jest.spyOn(connections, 'shopify').mockResolvedValue(shopify);
  jest.spyOn(connections, 'simplyprint').mockResolvedValue(simplyprint);
  return new WebhookSubscriptions(connections, stores, config, logger);
}

beforeEach(() => {
  [present, created, described, webhooks, warnings] = [[], [], [], [], []];
  shopifyFails = undefined;
});

const address = 'https://connect.example.com/webhooks/shopify';

test('missing subscriptions are created, present ones and those of others left alone', async () => {
  present = [
    { id: '1', topic: 'orders/create', url: address },
    { id: '2', topic: 'orders/paid', url: 'https://somebody.else/hook' },
  ];
  expect(await check().handle(task, signal)).toEqual({ kind: 'done' });
  expect(created).toEqual(subscribedTopics.filter((topic) => topic !== 'orders/create').map((topic) => `${topic} ${address}`));
  expect(webhooks).toEqual([{ url: 'https://connect.example.com/webhooks/simplyprint', secret: 'simplyprint-secret-of-test' }]);
  expect(described).toEqual([shop]);
});

test('every Shopify topic that becomes a task is subscribed', () => {
  const topics = Object.keys(DELIVERY_TASKS).filter((topic) => DELIVERY_TASKS[topic] === 'ORDER_WEBHOOK');
  expect(topics.filter((topic) => !(subscribedTopics as readonly string[]).includes(topic))).toEqual([]);
});

test('a real Shopify is not asked to deliver to an address without https; the log says so', async () => {
  await check({ ...REAL, APP_URL: 'http://localhost:3000' }).handle(task, signal);
  expect(created).toEqual([]);
  expect(warnings).toEqual([expect.stringContaining('APP_URL')]);
  expect(webhooks).toHaveLength(1);
});

test('the simulated one is', async () => {
  await check({ APP_URL: 'http://localhost:3000' }).handle(task, signal);
  expect(created).toHaveLength(subscribedTopics.length);
});

test('trouble at Shopify does not keep SimplyPrint deaf, and the task is tried again', async () => {
  shopifyFails = new OutsideError({ system: 'shopify', operation: 'shop', failure: 'transient' }, 'down');
  await expect(check().handle(task, signal)).rejects.toBe(shopifyFails);
  expect(webhooks).toHaveLength(1);
});

test('a store that the settings no longer know has no clients and no secrets, so that its tasks wait', async () => {
  const connections = new Connections(stores, readConfig(testSettings()), openGate, logger);
  await expect(connections.shopify('other')).rejects.toMatchObject({ failure: 'refused', system: 'shopify' });
  await expect(connections.simplyprint('other')).rejects.toMatchObject({ failure: 'refused', system: 'simplyprint' });
  expect(await connections.webhookSecrets('other')).toEqual({ shopify: [], simplyprint: [] });
  expect(await connections.webhookSecrets('mine')).toEqual({ shopify: ['shopify-secret-of-test'], simplyprint: ['simplyprint-secret-of-test'] });
});

test('a client is made once per store', async () => {
  const connections = new Connections(stores, readConfig(testSettings()), openGate, logger);
  expect(await connections.shopify('mine')).toBe(await connections.shopify('mine'));
  expect(await connections.simplyprint('mine')).toBe(await connections.simplyprint('mine'));
});
