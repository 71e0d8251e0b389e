import { openGate } from '@forma3d/kernel';
import { readConfig, type Logger } from '@forma3d/platform';
import { testSettings } from '@forma3d/testing';
import type { Stores } from '../access';
import { Connections, type VersionDrift } from './connections';

let uninstalledAt: Date | null;
let warnings: string[];

const stores = {
  get: (id: string) => Promise.resolve({ id, shopifyDomain: id === 'mine' ? 'test-shop.myshopify.com' : 'other.myshopify.com', uninstalledAt }),
} as unknown as Stores;
const logger = { warn: (_facts: object, message: string) => void warnings.push(message) } as unknown as Logger;
const made = (): Connections => new Connections(stores, readConfig(testSettings()), openGate, logger);

beforeEach(() => {
  [uninstalledAt, warnings] = [null, []];
});

test('a store that the settings no longer know has no clients and no secrets, so that its tasks wait', async () => {
  const connections = made();
  await expect(connections.shopify('other')).rejects.toMatchObject({ failure: 'refused', system: 'shopify' });
  await expect(connections.simplyprint('other')).rejects.toMatchObject({ failure: 'refused', system: 'simplyprint' });
  expect(await connections.webhookSecrets('other')).toEqual({ shopify: [], simplyprint: [] });
  expect(await connections.webhookSecrets('mine')).toEqual({ shopify: ['shopify-secret-of-test'], simplyprint: ['simplyprint-secret-of-test'] });
});

test('a client is made once per store', async () => {
  const connections = made();
  expect(await connections.shopify('mine')).toBe(await connections.shopify('mine'));
  expect(await connections.simplyprint('mine')).toBe(await connections.simplyprint('mine'));
});

test('a shop that has uninstalled the app is not asked, and its tasks wait long; printers go on, and deliveries still verify', async () => {
  const connections = made();
  uninstalledAt = new Date();
  await expect(connections.shopify('mine')).rejects.toMatchObject({ failure: 'refused', system: 'shopify', retryAfterMs: 3_600_000 });
  expect(await connections.shopifyUnasked('mine')).toBeDefined();
  expect(await connections.simplyprint('mine')).toBeDefined();
  expect((await connections.webhookSecrets('mine')).shopify).toHaveLength(1);
});

describe('the version that a delivery is written in', () => {
  it('is told once where it is another than the one asked for', () => {
    const connections = made();
    const heard: VersionDrift[] = [];
    connections.onDrift((drift) => Promise.resolve(void heard.push(drift)));
    for (const version of ['2026-10', null, '2027-01', '2027-01', 'nonsense', '2027-01']) connections.sawDelivery('mine', version);
    expect(heard).toEqual([{ storeId: 'mine', where: 'delivery', asked: '2026-10', spoken: '2027-01' }]);
    expect(warnings).toHaveLength(1);
  });

  it('is told again when nobody could be told', async () => {
    const connections = made();
    let tries = 0;
    connections.onDrift(() => {
      tries += 1;
      return Promise.reject(new Error('the database is away'));
    });
    connections.sawDelivery('mine', '2027-01');
    await new Promise(setImmediate);
    connections.sawDelivery('mine', '2027-01');
    expect(tries).toBe(2);
  });
});
