import { tellingSubject } from '@forma3d/contracts';
import { useDatabase } from '@forma3d/testing';
import { Attention, Audit } from '../attention';
import { AlertsWorld, type AlertsProcess } from './alerts-world.fixture';
import { ChangeSettings } from './change-settings';

const database = useDatabase();
const CONFIG = { notificationsEnabled: true, operatorEmail: undefined, adminEmail: undefined, appUrl: 'https://connect.example', alertWindowMs: 1, outsideTimeoutMs: 1, sandbox: new Set(['shopify'] as const) };
const CHAT = { url: 'https://hooks.example.com/one', format: 'slack' as const, kinds: null };
const WEBHOOK = { url: 'https://program.example.com/', secret: 'a-secret-of-the-test', kinds: null };
let world: AlertsWorld;
let process: AlertsProcess;
let attention: Attention;
let settings: ChangeSettings;

beforeEach(async () => {
  world = new AlertsWorld(database.url());
  process = world.start();
  await world.addStore(process.db);
  const { db, events, channels, repository, gather } = process;
  attention = new Attention(db, events, world.clock);
  settings = new ChangeSettings(db, events, channels, repository, gather, new Audit(world.clock), attention, CONFIG, world.clock);
});
afterEach(() => world.end());

const secrets = async () => {
  const row = await process.channels.get(world.storeId, 'webhook');
  return row && process.channels.secretsOf(world.storeId, row);
};

test('of changes at the same moment none is lost', async () => {
  await settings.change(world.storeId, { chat: CHAT, webhook: WEBHOOK });
  const other = { url: 'https://other.example.com/', secret: 'another-secret-of-it' };
  for (let round = 0; round < 5; round += 1) {
    await settings.change(world.storeId, { chat: CHAT, webhook: WEBHOOK });
    await Promise.all([
      settings.change(world.storeId, { chat: CHAT, webhook: { url: other.url, kinds: null } }),
      settings.change(world.storeId, { chat: CHAT, webhook: { secret: other.secret, kinds: null } }),
    ]);
    expect(await secrets()).toEqual(other);
  }
});

test('with a channel that is switched off the item about it goes, and no other', async () => {
  const { storeId } = world;
  await settings.change(storeId, { chat: CHAT, webhook: WEBHOOK });
  for (const channel of ['chat', 'webhook']) {
    const item = { storeId, kind: 'task-struggling' as const, subjectId: tellingSubject('NOTIFICATION', channel), message: `The ${channel} keeps failing.` };
    await process.db.transaction('test', (tx) => attention.open(tx, item));
  }
  await settings.change(storeId, { chat: null, webhook: WEBHOOK });
  expect((await attention.list(storeId, 5)).map((item) => item.subject_id)).toEqual(['NOTIFICATION webhook']);
});
