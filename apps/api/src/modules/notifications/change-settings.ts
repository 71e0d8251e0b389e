import { ALERT_KINDS, ALERTS, tellingSubject, type AlertKind, type NotificationSettingsChange, type NotificationSettingsView, type NotificationTest } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { DomainError, newId, type Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, type Config } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { Attention, Audit } from '../attention';
import { AlertsRepository } from './alerts.repository';
import { Channels, OWN_CHANNELS, type ChannelRow, type ChannelSecrets, type OwnChannel } from './channels';
import { GatherAlert } from './gather-alert';
import { recipientsOf, type NotificationConfig } from './notification-settings';
import { isPrivateHost } from './private-addresses';

/** What a channel is to become: the address and secret that are left out stay as they are. */
interface ChannelChange {
  url?: string | undefined;
  secret?: string | undefined;
  kinds: AlertKind[] | null;
  format: 'slack' | 'discord' | null;
}

/** What a store chooses about its notifications, and a test of it. Each change is audited, without addresses and secrets. */
@Injectable()
export class ChangeSettings {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly channels: Channels,
    private readonly alerts: AlertsRepository,
    private readonly gather: GatherAlert,
    private readonly audit: Audit,
    private readonly attention: Attention,
    @Inject(CONFIG) private readonly config: NotificationConfig & Pick<Config, 'sandbox'>,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  async read(storeId: string): Promise<NotificationSettingsView> {
    const rows = await this.channels.all(storeId);
    const [chat, webhook] = OWN_CHANNELS.map((channel) => {
      const row = rows.find((each) => each.channel === channel);
      return row && { host: row.host, format: row.format ?? 'slack', kinds: kindsOf(row.kinds), updated_at: row.updated_at.toISOString() };
    });
    return {
      email: {
        enabled: this.channels.mailOpen,
        operator: this.config.operatorEmail !== undefined,
        administrator: recipientsOf({ adminEmail: this.config.adminEmail, operatorEmail: undefined }, true).length > 0,
      },
      chat: chat ?? null,
      webhook: webhook ? { host: webhook.host, kinds: webhook.kinds, updated_at: webhook.updated_at } : null,
      kinds: ALERT_KINDS.filter((kind) => kind !== 'test').map((kind) => ({ kind, type: ALERTS[kind].type, serious: ALERTS[kind].serious })),
    };
  }

  /** @throws DomainError `invalid` where a new channel lacks its address or secret, or the address is a private one */
  async change(storeId: string, change: NotificationSettingsChange): Promise<NotificationSettingsView> {
    await this.db.transaction('notifications.settings', async (tx) => {
      const before = await this.channels.lock(tx, storeId);
      await this.set(tx, storeId, before, 'chat', change.chat && { ...change.chat });
      await this.set(tx, storeId, before, 'webhook', change.webhook && { ...change.webhook, format: null });
      const meta = Object.fromEntries(
        (await this.channels.all(storeId, tx)).map((row) => [row.channel, { host: row.host, format: row.format, kinds: row.kinds }]),
      );
      await this.audit.write(tx, { storeId, entity: 'store', entityId: storeId, action: 'notification-settings-changed', meta });
    });
    return this.read(storeId);
  }

  private async set(tx: Tx, storeId: string, before: readonly ChannelRow[], channel: OwnChannel, change: ChannelChange | null): Promise<void> {
    if (change === null) {
      await this.channels.remove(tx, storeId, channel);
      // What did not arrive there is asked of nobody any more.
      await this.attention.close(tx, { storeId, kind: 'task-struggling', subjectId: tellingSubject('NOTIFICATION', channel) });
      return;
    }
    const secrets = this.secretsAfter(storeId, before.find((each) => each.channel === channel), channel, change);
    await this.channels.put(tx, storeId, channel, { format: change.format, kinds: change.kinds, secrets, now: this.clock.now() });
  }

  private secretsAfter(storeId: string, row: ChannelRow | undefined, channel: OwnChannel, change: ChannelChange): ChannelSecrets {
    const needsSecret = channel === 'webhook';
    const whole = change.url !== undefined && (!needsSecret || change.secret !== undefined);
    // A whole new set needs nothing of the old one, which nobody can open any more when SECRETS_KEY was lost.
    const before = row && !whole ? this.channels.secretsOf(storeId, row) : undefined;
    const url = change.url ?? before?.url;
    const secret = change.secret ?? before?.secret ?? null;
    if (url === undefined) throw invalid(`${channel}.url`, 'is required');
    if (needsSecret && secret === null) throw invalid(`${channel}.secret`, 'is required');
    if (!this.config.sandbox.has('shopify') && isPrivateHost(new URL(url).hostname)) {
      throw invalid(`${channel}.url`, 'must not lead to this machine or a private network');
    }
    return { url, secret };
  }

  /**
   * Has every channel that is set up tell people that this is a test; it waits for no other alert.
   *
   * @throws DomainError `conflict` where there is no channel
   */
  async test(storeId: string): Promise<NotificationTest> {
    const channels = await this.channels.open(storeId, 'test');
    if (channels.length === 0) {
      throw new DomainError('conflict', this.config.notificationsEnabled ? 'No channel is set up.' : 'Notifications are off: NOTIFICATIONS_ENABLED is false.');
    }
    const batchId = newId();
    await this.db.transaction('notifications.test', async (tx) => {
      await this.events.publish(tx, { type: 'notifications.tested', storeId, aggregateId: batchId, payload: { batch_id: batchId } });
      const { id: eventId } = await tx.sql.one(z.object({ id: z.string() }))`
        SELECT id FROM event WHERE store_id = ${storeId} AND aggregate_id = ${batchId} AND xid = pg_current_xact_id()`;
      await this.alerts.alone(tx, { eventId, storeId, kind: 'test', batchId, now: this.clock.now() });
      await this.gather.sendOut(tx, { id: batchId, storeId, kind: 'test' });
      await this.audit.write(tx, { storeId, entity: 'store', entityId: storeId, action: 'notifications-tested', meta: { channels } });
    });
    return { channels, message: `A test is on its way by ${channels.join(', ')}.` };
  }
}

function invalid(path: string, message: string): DomainError {
  return new DomainError('invalid', 'These settings cannot be used.', { errors: [{ path, message }] });
}

function kindsOf(stored: readonly string[] | null): AlertKind[] | null {
  return stored && ALERT_KINDS.filter((kind) => stored.includes(kind));
}
