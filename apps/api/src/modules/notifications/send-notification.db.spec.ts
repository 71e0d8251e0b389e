import { createHmac } from 'node:crypto';
import { newId, openGate, OutsideError, type OutsideFailure, type OutsideGate } from '@forma3d/kernel';
import type { Mailer } from '@forma3d/mail';
import { recordingGate, startOutsideServer, useDatabase, type OutsideServer } from '@forma3d/testing';
import { AlertsWorld, type AlertsProcess } from './alerts-world.fixture';
import type { OwnChannel } from './channels';
import { MailOut } from './mail-out';

const database = useDatabase();
let world: AlertsWorld;
let process: AlertsProcess;
let orderId: string;
let outside: OutsideServer;

beforeAll(async () => {
  outside = await startOutsideServer();
});
afterAll(() => outside.close());
beforeEach(async () => {
  world = new AlertsWorld(database.url());
  process = world.start();
  await world.addStore(process.db);
  orderId = await world.addOrder(process.db, '#1001');
  outside.requests.length = 0;
  outside.reply = () => ({ status: 200, body: 'ok' });
});
afterEach(() => world.end());

/** What a process with these settings does about an event. */
async function after(event: Parameters<AlertsWorld['publish']>[1], by = process): Promise<void> {
  await world.publish(process, event);
  await by.processor.drained();
}

async function choose(channel: OwnChannel, kinds: ('fulfillment-failed' | 'print-failed')[] | null, format: string | null): Promise<void> {
  const secrets = { url: `${outside.url}/${channel}`, secret: channel === 'webhook' ? 'a-secret-of-the-test' : null };
  await process.db.transaction('test', (tx) => process.channels.put(tx, world.storeId, channel, { format, kinds, secrets, now: world.clock.now() }));
}

test('alert sent: a serious alert goes to operator and administrator, and the log says that it went', async () => {
  await after(world.failed(orderId));
  expect(world.sent).toMatchObject([
    {
      to: ['operator@example.com', 'admin@example.com'],
      subject: '[Forma3D.Connect] Fulfillment Failed: Action Required',
      messageId: expect.stringMatching(/^[0-9a-f-]{36}@forma3d-connect$/),
    },
  ]);
  expect(world.sent[0]?.text).toContain('Order: #1001');
  expect(world.sent[0]?.text).toContain('2 November 2026 at 10:00:00 CET');
  expect(await world.told(process.db, 'alert.sent')).toEqual([{ order_id: orderId, kind: 'fulfillment-failed', channel: 'email', count: 1 }]);
});

test('one that is not goes to the operator alone', async () => {
  await after(world.undecided(orderId));
  expect(world.sent.map(({ to }) => to)).toEqual([['operator@example.com']]);
});

test('an operator who is the administrator gets one mail', async () => {
  await after(world.failed(orderId), world.start({ adminEmail: 'operator@example.com' }));
  expect(world.sent.map(({ to }) => to)).toEqual([['operator@example.com']]);
});

test('disabled handled: with notifications off nothing is sent, and the log says so', async () => {
  await choose('chat', null, 'slack');
  await after(world.failed(orderId), world.start({ notificationsEnabled: false }));
  expect(world.sent).toEqual([]);
  expect(outside.requests).toEqual([]);
  expect(world.logged).toEqual([[expect.objectContaining({ kind: 'fulfillment-failed', order_id: orderId }), expect.stringContaining('notifications are off')]]);
  expect(await world.tasks(process.db, 'ALERT')).toMatchObject([{ status: 'COMPLETED', failures: 0 }]);
});

test('a mail that could not be sent comes again, the same one, and its failure can be seen', async () => {
  const ids: unknown[] = [];
  world.takes = ({ messageId }) => {
    ids.push(messageId);
    return ids.length < 3 ? Promise.reject(new OutsideError({ system: 'smtp', operation: 'send', failure: 'transient' }, 'connection refused')) : Promise.resolve();
  };
  await after(world.failed(orderId));
  expect(await world.tasks(process.db, 'NOTIFICATION')).toMatchObject([{ status: 'PENDING', failures: 1, last_error: 'connection refused' }]);
  expect(await world.told(process.db, 'alert.sent')).toEqual([]);
  for (let turn = 0; turn < 3; turn += 1) {
    world.clock.advance(60_000);
    await process.processor.drained();
  }
  expect(world.sent).toHaveLength(1);
  expect([ids.length, new Set(ids).size]).toEqual([3, 1]);
  expect(await world.told(process.db, 'alert.sent')).toHaveLength(1);
});

test('the task of an alert that runs twice alerts once', async () => {
  await after(world.failed(orderId));
  await process.db.sql`UPDATE retry_queue SET status = 'PENDING' WHERE type = 'ALERT' AND store_id = ${world.storeId}`;
  await process.processor.drained();
  expect(world.sent).toHaveLength(1);
});

test('an event that is not there, or of another store, is nothing to tell of', async () => {
  await process.db.transaction('test', (tx) => process.events.enqueue(tx, { type: 'ALERT', storeId: world.storeId, payload: { event_id: newId() } }));
  await after({ ...world.failed(orderId), storeId: newId() });
  expect(world.sent).toEqual([]);
});

test('a chat and a program are told beside the mail, each in its own form', async () => {
  await choose('chat', null, 'discord');
  await choose('webhook', null, null);
  await after(world.failed(orderId));
  expect(world.sent).toHaveLength(1);
  const [chat, webhook] = [...outside.requests].sort((a, b) => (a.path < b.path ? -1 : 1));
  expect(chat).toMatchObject({ path: '/chat', body: expect.stringContaining('"content":"**[Forma3D.Connect] Fulfillment Failed: Action Required**') });
  expect(JSON.parse(webhook?.body ?? '')).toMatchObject({ kind: 'fulfillment-failed', count: 1, alerts: [{ order_id: orderId, order_name: '#1001' }] });
  const { 'webhook-id': id, 'webhook-timestamp': at, 'webhook-signature': signature } = webhook?.headers ?? {};
  const expected = createHmac('sha256', 'a-secret-of-the-test').update(`${String(id)}.${String(at)}.${webhook?.body ?? ''}`).digest('base64');
  expect(signature).toBe(`v1,${expected}`);
  expect(at).toBe(String(world.clock.now().getTime() / 1_000));
  expect((await world.told(process.db, 'alert.sent')).map((event) => (event as { channel: string }).channel).sort()).toEqual(['chat', 'email', 'webhook']);
});

test('a channel gets the kinds that were chosen for it', async () => {
  await choose('webhook', ['fulfillment-failed'], null);
  await after(world.undecided(orderId));
  expect(outside.requests).toEqual([]);
  await after(world.failed(orderId));
  expect(outside.requests).toHaveLength(1);
});

test('a chat that fails neither holds up nor repeats the mail, and a repeated request keeps its id', async () => {
  await choose('webhook', null, null);
  outside.reply = () => ({ status: 503, body: 'no' });
  await after(world.failed(orderId));
  expect(world.sent).toHaveLength(1);
  expect((await world.tasks(process.db, 'NOTIFICATION')).map(({ channel, status, last_error: why }) => ({ channel, status, why }))).toEqual(
    expect.arrayContaining([
      { channel: 'email', status: 'COMPLETED', why: null },
      { channel: 'webhook', status: 'PENDING', why: `the webhook at ${new URL(outside.url).host} answered 503` },
    ]),
  );
  outside.reply = () => 'drop';
  world.clock.advance(60_000);
  await process.processor.drained();
  outside.reply = () => ({ status: 200, body: 'ok' });
  world.clock.advance(60_000);
  await process.processor.drained();
  expect(world.sent).toHaveLength(1);
  expect(outside.requests).toHaveLength(3);
  expect(new Set(outside.requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
});

test('a channel that was switched off meanwhile needs nobody; one whose secret cannot be read says so', async () => {
  outside.reply = () => ({ status: 503, body: 'no' });
  await choose('chat', null, 'slack');
  await after(world.failed(orderId));
  await process.db.transaction('test', (tx) => process.channels.remove(tx, world.storeId, 'chat'));
  world.clock.advance(60_000);
  await process.processor.drained();
  expect(await world.tasks(process.db, 'NOTIFICATION')).toEqual(expect.arrayContaining([expect.objectContaining({ channel: 'chat', status: 'COMPLETED' })]));
  expect(world.logged).toContainEqual([expect.anything(), expect.stringContaining('the chat was switched off meanwhile')]);
  expect(await world.told(process.db, 'alert.sent')).toMatchObject([{ channel: 'email' }]);
  await choose('chat', null, 'slack');
  await after(world.undecided(orderId), world.start({ secretsKey: 'another'.repeat(6) }));
  expect(await world.tasks(process.db, 'NOTIFICATION')).toEqual(expect.arrayContaining([expect.objectContaining({ status: 'PENDING', last_error: expect.stringContaining('SECRETS_KEY is not the one') })]));
});

test('with a real shop no private address is reached', async () => {
  await choose('chat', null, 'slack');
  await after(world.failed(orderId), world.start({ sandbox: new Set() }));
  expect(outside.requests).toEqual([]);
  expect(await world.tasks(process.db, 'NOTIFICATION')).toEqual(expect.arrayContaining([expect.objectContaining({ status: 'FAILED', last_error: expect.stringContaining('private network') })]));
});

test('a mail passes the gate, which hears whether our credentials were taken, and is not sent when it may not pass', async () => {
  const { calls, bills, enter } = recordingGate();
  const throughGate = async () => {
    world.clock.advance(60_000);
    await process.processor.drained();
    return bills.splice(0);
  };
  world.gate = { enter: (call, signal) => enter(call, signal) };
  const gated = world.start();
  const takes = (failure: OutsideFailure | null) => () => (failure ? Promise.reject(new OutsideError({ system: 'smtp', operation: 'send', failure }, `answer ${failure}`)) : Promise.resolve());
  process = gated;
  world.takes = takes('refused');
  await after(world.failed(orderId));
  expect([bills.splice(0), calls[0]]).toEqual([[{ refused: true }], { storeId: world.storeId, system: 'smtp', operation: 'send', timeoutMs: 2_000, cost: 1 }]);
  expect(await world.tasks(process.db, 'NOTIFICATION')).toMatchObject([{ status: 'PENDING', failures: 0, last_error: 'answer refused' }]);
  world.takes = takes('transient');
  expect(await throughGate()).toEqual([{}]);
  // Closed: the mail server hears nothing of this mail.
  const asked = jest.fn(takes(null));
  world.takes = asked;
  world.gate.enter = () => Promise.reject(new OutsideError({ system: 'smtp', operation: 'send', failure: 'refused' }, 'refuses'));
  expect(await throughGate()).toEqual([]);
  expect([asked.mock.calls, await world.tasks(process.db, 'NOTIFICATION')]).toMatchObject([[], [{ status: 'PENDING', failures: 1 }]]);
  world.gate.enter = enter;
  expect(await throughGate()).toEqual([{ refused: false }]);
  expect(world.sent).toHaveLength(1);
});

test('a mail goes no further once its task is another’s', async () => {
  const seen: unknown[] = [];
  const gate: OutsideGate = { enter: (call, given) => { seen.push(given); return openGate.enter(call, given); } };
  const mailer: Mailer = { ...world.mailer, send: (_, given) => { seen.push(given); return Promise.resolve(); } };
  const { signal } = new AbortController();
  await new MailOut(gate, mailer, { outsideTimeoutMs: 1 }).send(world.storeId, { to: [], subject: '', html: '', text: '' }, signal);
  expect(seen).toEqual([signal, signal]);
});

test('alerts that were deleted after their retention are not shown as told', async () => {
  world.takes = () => Promise.reject(new OutsideError({ system: 'smtp', operation: 'send', failure: 'permanent' }, 'answer 550'));
  await after(world.failed(orderId));
  await process.repository.deleteBefore(world.storeId, new Date(world.clock.now().getTime() + 1));
  await process.db.sql`UPDATE retry_queue SET status = 'PENDING' WHERE type = 'NOTIFICATION' AND store_id = ${world.storeId}`;
  await process.processor.drained();
  expect(await world.tasks(process.db, 'NOTIFICATION')).toMatchObject([{ status: 'FAILED', last_error: expect.stringContaining('past their retention') }]);
});
