import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import type { Mailer } from '@forma3d/mail';
import { CronSlots } from '@forma3d/platform';
import { EventLog, type Task } from '@forma3d/tasks';
import { useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { AlertsRepository } from './alerts.repository';
import { AlertsWorld } from './alerts-world.fixture';
import { DailySummary } from './daily-summary';
import { DailySummaryRepository } from './daily-summary.repository';
import { DailySummaryTick } from './daily-summary-tick';
import { MailOut } from './mail-out';

const database = useDatabase();
let db: Database;
let world: AlertsWorld;
let events: EventLog;

beforeEach(async () => {
  db = new Database({ url: database.url(), max: 4, applicationName: 'summary-test' });
  await db.sql`TRUNCATE store, event, retry_queue, cron_slot, attention, alert`;
  world = new AlertsWorld(database.url());
  world.clock.set(new Date('2026-10-23T12:00:00Z'));
  events = new EventLog({ clock: world.clock, wake: () => undefined, deliver: () => undefined });
  await world.addStore(db);
});
afterEach(() => db.close());

const tick = (): DailySummaryTick => new DailySummaryTick(db, new CronSlots(), events, world.clock, world.log);
const asked = async (): Promise<string[]> =>
  (await db.sql.rows(z.object({ day: z.string() }))`SELECT payload ->> 'day' AS day FROM retry_queue WHERE type = 'DAILY_SUMMARY' ORDER BY id`).map(({ day }) => day);
async function at(time: string, ticks = [tick()]): Promise<string[]> {
  world.clock.set(new Date(time));
  await Promise.all(ticks.map((each) => each.tick()));
  return asked();
}
const publish = (...all: Parameters<EventLog['publish']>[1][]) => db.transaction('test', (tx) => events.publish(tx, ...all));

function handle(day: string, change: Partial<{ notificationsEnabled: boolean; mailer: Mailer | null }> = {}) {
  const { mailer = world.mailer, notificationsEnabled = true } = change;
  const config = { notificationsEnabled, operatorEmail: 'operator@example.com', adminEmail: 'admin@example.com', appUrl: 'https://connect.example' };
  const summary = new DailySummary(new DailySummaryRepository(db), new AlertsRepository(db), new MailOut(world.gate, mailer, { outsideTimeoutMs: 2_000 }), config, world.clock, world.log);
  return summary.handle({ storeId: world.storeId, payload: { day } } as Task<'DAILY_SUMMARY'>, new AbortController().signal);
}

test('at 07:00 in the store’s time zone the day before is asked for, also on the day when clocks change', async () => {
  expect(await at('2026-10-24T04:59:00Z')).toEqual([]);
  expect(await at('2026-10-24T05:00:01Z')).toEqual(['2026-10-23']);
  expect(await at('2026-10-25T05:59:00Z')).toEqual(['2026-10-23']);
  expect(await at('2026-10-25T06:00:01Z')).toEqual(['2026-10-23', '2026-10-24']);
});

test('of several processes one asks, and a later minute does not ask again', async () => {
  const ticks = [tick(), tick(), tick(), tick()];
  expect(await at('2026-10-24T05:00:01Z', ticks)).toEqual(['2026-10-23']);
  expect(await at('2026-10-24T05:01:01Z', [...ticks, tick()])).toEqual(['2026-10-23']);
});

test('a morning that nobody lived through is made up for at the next start, once', async () => {
  const late = tick();
  world.clock.set(new Date('2026-10-24T14:30:00Z'));
  await late.onApplicationBootstrap();
  await tick().onApplicationBootstrap();
  expect(await asked()).toEqual(['2026-10-23']);
});

test('a new store gets no summary of days before it was there', async () => {
  expect(await at('2026-10-23T20:00:00Z')).toEqual([]);
});

test('a store that moves to another time zone has no day twice', async () => {
  await at('2026-10-24T05:00:01Z');
  await db.sql`UPDATE store SET time_zone = 'America/New_York'`;
  expect(await at('2026-10-24T11:00:01Z')).toEqual(['2026-10-23']);
});

test('trouble with the database is logged, and the next minute tries again', async () => {
  const broken = new DailySummaryTick(db, { take: () => Promise.reject(new Error('gone')) }, events, world.clock, world.log);
  expect(await at('2026-10-24T05:00:01Z', [broken])).toEqual([]);
  expect(world.logged).toHaveLength(1);
  expect(await at('2026-10-24T05:01:01Z')).toEqual(['2026-10-23']);
});

test('the mail counts what happened on that day in the store’s time zone, and names what needs a person now', async () => {
  const { storeId } = world;
  const orderId = await world.addOrder(db, '#1001', 12_50);
  const about = { storeId, aggregateId: orderId, orderId };
  const print = { order_id: orderId, print_job_id: newId() };
  const created = { type: 'order.created' as const, ...about, payload: { order_id: orderId, name: '#1001', source: 'shopify', placed_at: '2026-10-24T22:00:00.000Z' } };
  // 25 October has 25 hours in Brussels: from 22:00Z to 23:00Z.
  world.clock.set(new Date('2026-10-24T21:59:59Z'));
  await publish(created);
  world.clock.set(new Date('2026-10-24T22:00:00Z'));
  await publish(created, { type: 'print-job.completed', ...about, payload: print }, { type: 'print-job.failed', ...about, payload: { ...print, reason: 'x', will_reprint: true } });
  world.clock.set(new Date('2026-10-25T22:59:59Z'));
  await publish(
    { type: 'print-job.failed', ...about, payload: { ...print, reason: 'x', will_reprint: false } },
    { type: 'fulfillment.created', ...about, payload: { order_id: orderId, fulfillment_id: newId(), provider: 'shopify', shopify_fulfillment_id: '1', adopted: false, tracking_number: null, notified_customer: true } },
    { type: 'print-job.failed', ...about, payload: { ...print, reason: 'x', will_reprint: false, wanted: false } },
    world.failed(orderId),
    // The tasks of what failed above, and one that nothing else tells of.
    ...['PRINT_JOB_CREATION', 'FULFILLMENT', 'CATCH_UP'].map((task) => ({
      type: 'task.failed' as const,
      ...about,
      payload: { order_id: orderId, task_id: newId(), task_type: task, failures: 20, reason: 'x' },
    })),
    { type: 'order.cancelled', ...about, payload: { order_id: orderId, reason: null } },
  );
  world.clock.set(new Date('2026-10-25T23:00:00Z'));
  await publish(created, world.failed(orderId), { ...world.failed(orderId), storeId: newId() });
  await db.sql`
    INSERT INTO attention (id, store_id, kind, subject_id, order_id, message, opened_at, closed_at)
    VALUES (${newId()}, ${storeId}, 'print-failed', 'a', ${orderId}, 'A print failed.', ${world.clock.now()}, NULL),
           (${newId()}, ${storeId}, 'print-failed', 'b', ${orderId}, 'Another one.', ${world.clock.now()}, now())`;
  expect(await handle('2026-10-25')).toEqual({ kind: 'done' });
  expect(world.sent).toMatchObject([
    { to: ['operator@example.com'], subject: '[Forma3D.Connect] Daily Summary: Sunday 25 October 2026', messageId: `daily-summary.${storeId}.2026-10-25@forma3d-connect` },
  ]);
  for (const line of ['1 order (€12.50, 1 cancelled)', '1 print (1 made again)', '1 fulfillment (', '3 failures (1 print, 1 fulfillment, 1 task)', '1 thing needs a person:\n\n- Order #1001: A print failed.']) {
    expect(world.sent[0]?.text).toContain(line);
  }
});

test('a store in which nothing happened gets a mail that says so', async () => {
  await handle('2026-10-25');
  expect(world.sent[0]?.text).toContain('0 orders (€0.00)');
  expect(world.sent[0]?.text).toContain('Nothing needs a person.');
});

test('with notifications off, or without a mail server, the log says that nobody got it', async () => {
  await handle('2026-10-25', { notificationsEnabled: false });
  await handle('2026-10-25', { mailer: null });
  expect(world.sent).toEqual([]);
  expect(world.logged).toHaveLength(2);
});

test('alerts of a month ago are deleted with it', async () => {
  const add = (age: number) => db.sql`
    INSERT INTO alert (event_id, store_id, kind, batch_id, created_at)
    VALUES (${newId()}, ${world.storeId}, 'test', ${newId()}, ${new Date(world.clock.now().getTime() - age * 86_400_000)})`;
  await add(31);
  await add(29);
  await handle('2026-10-25');
  expect(await db.sql.rows(z.object({ n: z.coerce.number() }))`SELECT count(*) AS n FROM alert`).toEqual([{ n: 1 }]);
});
