import { Database } from '@forma3d/database';
import { CronSlots, readConfig } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { FakeClock, testSettings, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { FirstStore } from './first-store';
import { PerStore } from './per-store';
import { StoreOfRequest } from './store-of-request';
import { Stores } from './stores';
import { StoresRepository } from './stores.repository';

const database = useDatabase();
const clock = new FakeClock();
const open: Database[] = [];

function connect(): Database {
  const db = new Database({ url: database.url(), max: 4 });
  open.push(db);
  return db;
}
const db = connect();
const repository = new StoresRepository(db);

function firstStore(domain: string, over = repository): { stores: Stores; first: FirstStore } {
  const stores = new Stores(over, clock);
  return { stores, first: new FirstStore(over, stores, clock, readConfig(testSettings({ SHOPIFY_SHOP_DOMAIN: domain }))) };
}

beforeEach(async () => {
  await db.sql`DELETE FROM retry_queue`;
  await db.sql`DELETE FROM cron_slot`;
  await db.sql`DELETE FROM store`;
});

afterAll(() => Promise.all(open.map((each) => each.close())));

test('many processes that start at once make one store, which produces orders from now on', async () => {
  const others = [connect(), connect(), connect()].map((each) => new StoresRepository(each));
  await Promise.all([repository, ...others].map((each) => firstStore('one.myshopify.com', each).first.onModuleInit()));
  expect(await repository.all()).toEqual([
    expect.objectContaining({
      handle: 'main',
      shopifyDomain: 'one.myshopify.com',
      timeZone: 'UTC',
      currency: 'EUR',
      // Shopify's times have whole seconds: an order of the same second is not an old one.
      produceOrdersFrom: new Date(Math.floor(clock.now().getTime() / 1_000) * 1_000),
      policies: expect.objectContaining({ produce_on: 'paid', reprint_limit: 1 }) as unknown,
    }),
  ]);
});

test('a start with another shop leaves the store of the one before alone', async () => {
  await firstStore('one.myshopify.com').first.onModuleInit();
  const { stores, first } = firstStore('two.myshopify.com');
  await first.onModuleInit();
  await first.onModuleInit();
  expect((await stores.all()).map((store) => [store.handle, store.shopifyDomain])).toEqual([
    ['main', 'one.myshopify.com'],
    ['two', 'two.myshopify.com'],
  ]);
});

test('what the shop says of itself is known at once, and its domain is found in any case', async () => {
  const { stores, first } = firstStore('one.myshopify.com');
  await first.onModuleInit();
  const store = await stores.byShopDomain('ONE.myshopify.com');
  await stores.describe(store?.id ?? '', { name: 'One', timeZone: 'Europe/Brussels', currency: 'USD' });
  expect(await stores.get(store?.id ?? '')).toMatchObject({ name: 'One', timeZone: 'Europe/Brussels', currency: 'USD' });
  expect(await stores.byShopDomain('other.myshopify.com')).toBeUndefined();
});

test('a store that another process made is found although the stores are remembered', async () => {
  const { stores, first } = firstStore('one.myshopify.com');
  await first.onModuleInit();
  await stores.all();
  await repository.insert({ handle: 'later', shopifyDomain: 'later.myshopify.com', now: clock.now() });
  const later = (await repository.all()).find((store) => store.handle === 'later');
  expect((await stores.get(later?.id ?? '')).handle).toBe('later');
  await expect(stores.get('00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'store-not-found' });
});

test('a request is about the only store; of several it must name one', async () => {
  const { stores, first } = firstStore('one.myshopify.com');
  await first.onModuleInit();
  const ofRequest = new StoreOfRequest(stores);
  const [only] = await stores.all();
  expect(await ofRequest.resolve(undefined)).toBe(only?.id);
  expect(await ofRequest.resolve(only?.id.toUpperCase())).toBe(only?.id);
  await expect(ofRequest.resolve('nonsense')).rejects.toMatchObject({ code: 'store-not-found' });
  await firstStore('two.myshopify.com').first.onModuleInit();
  stores.forget();
  await expect(ofRequest.resolve(undefined)).rejects.toMatchObject({ code: 'store-required' });
  expect(await ofRequest.resolve(only?.id)).toBe(only?.id);
});

test('a cron tick of many processes is one task per store', async () => {
  const { stores, first } = firstStore('one.myshopify.com');
  await first.onModuleInit();
  const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
  const perStore = () => new PerStore(connect(), stores, new CronSlots(), events);
  const took = await Promise.all(
    [perStore(), perStore(), perStore()].map((each) => each.enqueue('test', clock.now(), (store) => ({ type: 'CATCH_UP', storeId: store.id, payload: {} }))),
  );
  expect(took.filter(Boolean)).toHaveLength(1);
  const tasks = await db.sql.rows(z.object({ type: z.string(), store_id: z.string() }))`SELECT type, store_id FROM retry_queue`;
  expect(tasks).toEqual([{ type: 'CATCH_UP', store_id: (await stores.all())[0]?.id }]);
});
