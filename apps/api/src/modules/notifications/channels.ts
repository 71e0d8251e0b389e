import { ALERTS, CHAT_FORMATS, type AlertKind, type NotificationChannel } from '@forma3d/contracts';
import { Database, fragment, nothing, timestamptz, type Tx } from '@forma3d/database';
import type { Mailer } from '@forma3d/mail';
import { CONFIG } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { MAILER, recipientsOf, type NotificationConfig } from './notification-settings';
import { SealedSecrets } from './sealed-secrets';

/** The channels that a store sets itself; mail is set for the whole installation. */
export type OwnChannel = Exclude<NotificationChannel, 'email'>;
export const OWN_CHANNELS = ['chat', 'webhook'] as const satisfies readonly OwnChannel[];

const channelRow = z.object({
  channel: z.enum(OWN_CHANNELS),
  format: z.enum(CHAT_FORMATS).nullable(),
  host: z.string(),
  kinds: z.array(z.string()).nullable(),
  sealed: z.instanceof(Uint8Array),
  updated_at: timestamptz,
});
export type ChannelRow = z.output<typeof channelRow>;

const channelName = z.object({ channel: z.enum(OWN_CHANNELS) });
const channelSecrets = z.object({ url: z.string(), secret: z.string().nullable() });
/** What is stored encrypted. */
export type ChannelSecrets = z.output<typeof channelSecrets>;

/** The ways to people that are open: by the settings of the installation, and by what the store chose. */
@Injectable()
export class Channels {
  constructor(
    private readonly db: Database,
    private readonly sealed: SealedSecrets,
    @Inject(MAILER) private readonly mailer: Mailer | null,
    @Inject(CONFIG) private readonly config: NotificationConfig,
  ) {}

  /** Says in the log why an alert goes nowhere. */
  get whyNobody(): string {
    return this.config.notificationsEnabled ? 'no channel takes this kind of alert: nobody is told' : 'notifications are off: nobody is told of this alert';
  }

  get mailOpen(): boolean {
    return this.config.notificationsEnabled && this.mailer !== null && recipientsOf(this.config, false).length > 0;
  }

  /** Which channels take alerts of a kind; a test takes all. */
  async open(storeId: string, kind: AlertKind, within: Tx | Database = this.db): Promise<NotificationChannel[]> {
    if (!this.config.notificationsEnabled) return [];
    const own = await within.sql.rows(channelName)`
      SELECT channel FROM notification_channel
      WHERE store_id = ${storeId} ${kind === 'test' ? nothing : fragment`AND (kinds IS NULL OR kinds ? ${kind})`}
      ORDER BY channel`;
    const mail = this.mailer !== null && recipientsOf(this.config, ALERTS[kind].serious).length > 0;
    return [...(mail ? (['email'] as const) : []), ...own.map((row) => row.channel)];
  }

  async all(storeId: string, within: Tx | Database = this.db): Promise<ChannelRow[]> {
    return within.sql.rows(channelRow)`
      SELECT channel, format, host, kinds, sealed, updated_at FROM notification_channel WHERE store_id = ${storeId}`;
  }

  /** As `all`, for whoever changes them: another change waits. */
  lock(tx: Tx, storeId: string): Promise<ChannelRow[]> {
    return tx.sql.rows(channelRow)`
      SELECT channel, format, host, kinds, sealed, updated_at FROM notification_channel WHERE store_id = ${storeId} ORDER BY channel FOR UPDATE`;
  }

  async get(storeId: string, channel: OwnChannel): Promise<ChannelRow | undefined> {
    return (await this.all(storeId)).find((row) => row.channel === channel);
  }

  /** @throws Error when SECRETS_KEY is not the one that the channel was stored with */
  secretsOf(storeId: string, row: Pick<ChannelRow, 'channel' | 'sealed'>): ChannelSecrets {
    return channelSecrets.parse(JSON.parse(this.sealed.open(row.sealed, placeOf(storeId, row.channel))));
  }

  async put(tx: Tx, storeId: string, channel: OwnChannel, put: { format: string | null; kinds: readonly AlertKind[] | null; secrets: ChannelSecrets; now: Date }): Promise<void> {
    const sealed = this.sealed.seal(JSON.stringify(put.secrets), placeOf(storeId, channel));
    const kinds = put.kinds === null ? null : JSON.stringify(put.kinds);
    const { host } = new URL(put.secrets.url);
    await tx.sql`
      INSERT INTO notification_channel (store_id, channel, format, host, kinds, sealed, updated_at)
      VALUES (${storeId}, ${channel}, ${put.format}, ${host}, ${kinds}::jsonb, ${sealed}, ${put.now})
      ON CONFLICT (store_id, channel) DO UPDATE SET
        format = excluded.format, host = excluded.host, kinds = excluded.kinds, sealed = excluded.sealed, updated_at = excluded.updated_at`;
  }

  async remove(tx: Tx, storeId: string, channel: OwnChannel): Promise<void> {
    await tx.sql`DELETE FROM notification_channel WHERE store_id = ${storeId} AND channel = ${channel}`;
  }
}

/** What was sealed for one place opens at no other. */
function placeOf(storeId: string, channel: OwnChannel): string {
  return `notification_channel ${storeId} ${channel}`;
}
