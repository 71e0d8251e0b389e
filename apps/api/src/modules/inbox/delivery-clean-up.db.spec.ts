import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { CronSlots } from '@forma3d/platform';
import { EventLog, type Task } from '@forma3d/tasks';
import { FakeClock, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { PerStore, type Stores } from '../access';
import { DeliveryCleanUp } from './delivery-clean-up';

const DAY_MS = 86_400_000;
const db = new Database({ url: useDatabase().url(), max: 4 });
const clock = new FakeClock(new Date('2026-11-20T12:00:00.000Z'));
const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
const storeId = newId();
const stores = { all: () => Promise.resolve([{ id: storeId }]) } as unknown as Stores;
const told: unknown[] = [];
const cleanUp = () =>
  new DeliveryCleanUp(db, new PerStore(db, stores, new CronSlots(), events), { deliveriesKeptMs: 30 * DAY_MS }, clock, { log: (facts: unknown) => void told.push(facts) });
const task = { storeId } as Task<'DELIVERY_CLEAN_UP'>;

const add = (count: number, ageMs: number, of = storeId) => db.sql`
  INSERT INTO webhook_delivery (id, store_id, source, topic, dedupe_key, received_at, body)
  SELECT gen_random_uuid(), ${of}, 'shopify', 'orders/create', gen_random_uuid()::text, ${new Date(clock.now().getTime() - ageMs)}, '{}'::bytea
  FROM generate_series(1, ${count})`;
const left = async (of = storeId) => (await db.sql.rows(z.object({ id: z.string() }))`SELECT id FROM webhook_delivery WHERE store_id = ${of}`).length;

beforeEach(() => db.sql`TRUNCATE webhook_delivery, privacy_request, retry_queue, cron_slot`);
afterAll(() => db.close());

test('deliveries of thirty days ago go, in batches; younger ones and those of other stores stay', async () => {
  const other = newId();
  await add(2_300, 30 * DAY_MS + 1);
  await add(3, 30 * DAY_MS - 1_000);
  await add(1, 90 * DAY_MS, other);
  expect(await cleanUp().handle(task, new AbortController().signal)).toEqual({ kind: 'done' });
  expect([await left(), await left(other), told.at(-1)]).toEqual([3, 1, { store_id: storeId, deleted: 2_300 }]);
});

test('a delivery that an open privacy request is made of stays until that is done', async () => {
  await add(2, 60 * DAY_MS);
  await db.sql`
    INSERT INTO privacy_request (id, store_id, kind, delivery_id, received_at)
    SELECT id, store_id, 'customer_redact', id, received_at FROM webhook_delivery WHERE store_id = ${storeId} LIMIT 1`;
  await cleanUp().handle(task, new AbortController().signal);
  expect(await left()).toBe(1);
  await db.sql`UPDATE privacy_request SET completed_at = now()`;
  await cleanUp().handle(task, new AbortController().signal);
  expect(await left()).toBe(0);
});

test('processes that clean up side by side do not wait for each other, and a stopped one leaves the rest to the next night', async () => {
  await add(1_500, 31 * DAY_MS);
  await cleanUp().handle(task, AbortSignal.abort());
  expect(await left()).toBe(1_500);
  const signal = new AbortController().signal;
  await Promise.all([1, 2, 3].map(() => cleanUp().handle(task, signal)));
  await cleanUp().handle(task, signal);
  expect(await left()).toBe(0);
});

test('it is asked for once a night by many processes, and made up for at a start', async () => {
  await Promise.all([cleanUp().nightly(), cleanUp().onApplicationBootstrap(), cleanUp().nightly()]);
  expect(await db.sql.rows(z.object({ type: z.string() }))`SELECT type FROM retry_queue`).toEqual([{ type: 'DELIVERY_CLEAN_UP' }]);
});
