import { Database } from '@forma3d/database';
import { newId, newPublicId, OutsideError } from '@forma3d/kernel';
import type { Mail } from '@forma3d/mail';
import { EventLog, type Task } from '@forma3d/tasks';
import { FakeClock, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { SendNotification, type NotificationSettings } from './send-notification';

const database = useDatabase();
const storeId = newId();
const orderId = newId();
const clock = new FakeClock();
const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
let db: Database;
let sent: Mail[];
let logged: unknown[];

beforeEach(() => {
  db = new Database({ url: database.url(), max: 2, applicationName: 'notifications-test' });
  sent = [];
  logged = [];
});
beforeAll(async () => {
  const first = new Database({ url: database.url(), max: 1, applicationName: 'notifications-test' });
  await first.sql`
    INSERT INTO store (id, handle, name, time_zone, currency, produce_orders_from, updated_at)
    VALUES (${storeId}, 'shop', 'Shop', 'Europe/Brussels', 'EUR', now(), now())`;
  await first.sql`
    INSERT INTO orders (id, store_id, source, public_id, name, placed_at, test, currency, total_cents, subtotal_cents, tax_cents,
      discount_cents, shipping_cents, fulfilment_type, created_at, updated_at)
    VALUES (${orderId}, ${storeId}, 'shopify', ${newPublicId()}, '#1001', now(), false, 'EUR', 0, 0, 0, 0, 0, 'shipping', now(), now())`;
  await first.close();
});
afterEach(() => db.close());

const settings: NotificationSettings = {
  notificationsEnabled: true,
  operatorEmail: 'operator@example.com',
  adminEmail: 'admin@example.com',
  appUrl: 'https://connect.example',
};

function handler(change: Partial<NotificationSettings> = {}, send = (mail: Mail) => Promise.resolve(void sent.push(mail))): SendNotification {
  return new SendNotification(
    db,
    events,
    { send, check: () => Promise.resolve(), close: () => undefined },
    { ...settings, ...change },
    { log: (facts: unknown) => void logged.push(facts) },
  );
}

async function published(type: 'fulfillment.failed' | 'print-job.needs-review'): Promise<Task<'NOTIFICATION'>> {
  const about = { storeId, aggregateId: orderId, orderId };
  await db.transaction('test', (tx) =>
    events.publish(
      tx,
      type === 'fulfillment.failed'
        ? { type, ...about, payload: { order_id: orderId, fulfillment_id: null, reason: 'closed', will_retry: false } }
        : { type, ...about, payload: { order_id: orderId, print_job_id: newId(), reason: 'on a printer' } },
    ),
  );
  const { event_id: eventId } = await db.sql.one(z.object({ event_id: z.string() }))`
    SELECT event_id FROM retry_queue WHERE type = 'NOTIFICATION' ORDER BY id DESC LIMIT 1`;
  return {
    id: newId(), type: 'NOTIFICATION', storeId, orderId, eventId, payload: { event_id: eventId },
    attempt: 1, failures: 0, maxAttempts: 20, correlationId: null,
  };
}

const alertsSent = async (): Promise<number> =>
  (await db.sql.rows(z.object({ payload: z.unknown() }))`SELECT payload FROM event WHERE type = 'alert.sent'`).length;

test('a serious alert goes to operator and administrator, and the log says that it went', async () => {
  const before = await alertsSent();
  const task = await published('fulfillment.failed');
  expect(await handler().handle(task)).toEqual({ kind: 'done' });
  expect(sent).toMatchObject([
    {
      to: ['operator@example.com', 'admin@example.com'],
      subject: '[Forma3D.Connect] Fulfillment Failed: Action Required',
      messageId: `${task.payload.event_id}@forma3d-connect`,
    },
  ]);
  expect(sent[0]?.text).toContain('Order: #1001');
  expect(sent[0]?.text).toContain('2 November 2026 at 10:00:00 CET');
  expect(await alertsSent()).toBe(before + 1);
});

test('a warning goes to the operator alone', async () => {
  await handler().handle(await published('print-job.needs-review'));
  expect(sent[0]?.to).toEqual(['operator@example.com']);
});

test('with notifications off nothing is sent, and the log says so', async () => {
  const task = await published('fulfillment.failed');
  expect(await handler({ notificationsEnabled: false }).handle(task)).toEqual({ kind: 'done' });
  expect([sent, logged]).toEqual([[], [expect.objectContaining({ kind: 'fulfillment-failed' })]]);
});

test('a mail that could not be sent is a failure of the task, so that it comes again', async () => {
  const before = await alertsSent();
  const task = await published('fulfillment.failed');
  const refusal = new OutsideError({ system: 'smtp', operation: 'send', failure: 'transient' }, 'down');
  await expect(handler({}, () => Promise.reject(refusal)).handle(task)).rejects.toBe(refusal);
  expect(await alertsSent()).toBe(before);
});

test('an event that is not there is nothing to tell of', async () => {
  const task = await published('fulfillment.failed');
  expect(await handler().handle({ ...task, payload: { event_id: newId() } })).toEqual({ kind: 'done' });
  expect(sent).toEqual([]);
});
