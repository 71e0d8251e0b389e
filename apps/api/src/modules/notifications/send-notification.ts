import { Database } from '@forma3d/database';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger, type Config } from '@forma3d/platform';
import { done, EventLog, giveUp, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { AlertsRepository, type AlertBatch } from './alerts.repository';
import { Channels, type OwnChannel } from './channels';
import { chatMessage } from './chat-message';
import { MailOut } from './mail-out';
import { recipientsOf, type NotificationConfig } from './notification-settings';
import { postJson } from './post-json';
import { renderAlert } from './render-alert';
import { signatureHeaders, webhookBody } from './signed-request';
import { TOLD_ONE_BY_ONE, toldBatch, type ToldBatch } from './told-batch';

/** There is nobody to tell, which is no failure. */
interface Nobody {
  kind: 'nobody';
  why: string;
}
const nobody = (why: string): Nobody => ({ kind: 'nobody', why });

/**
 * Tells people of a batch of alerts by one channel. It may come twice when a process dies at the wrong moment, never not at all;
 * repeats carry the same Message-ID or webhook id.
 */
@Injectable()
@Handles('NOTIFICATION')
export class SendNotification implements TaskHandler<'NOTIFICATION'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly repository: AlertsRepository,
    private readonly channels: Channels,
    private readonly mailOut: MailOut,
    @Inject(CONFIG) private readonly config: NotificationConfig & Pick<Config, 'sandbox'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly log: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'NOTIFICATION'>, signal: AbortSignal): Promise<Outcome> {
    const { batch_id: id, channel } = task.payload;
    const batch = await this.repository.batch(task.storeId, id, TOLD_ONE_BY_ONE);
    if (!batch) return giveUp('these alerts are past their retention: nobody can be told of them any more');
    const told = toldBatch(batch, this.config.appUrl);
    const outcome = channel === 'email' ? await this.mail(told, signal) : await this.post(told, channel, signal);
    if (outcome.kind === 'nobody') {
      this.log.log({ kind: batch.kind, batch_id: batch.id, count: batch.count }, outcome.why);
      return done;
    }
    if (outcome.kind !== 'done') return outcome;
    this.log.log({ kind: batch.kind, channel, batch_id: id, count: batch.count }, 'people are told of alerts');
    await this.note(batch, channel);
    return done;
  }

  private async mail(told: ToldBatch, signal: AbortSignal): Promise<Outcome | Nobody> {
    const to = recipientsOf(this.config, told.serious);
    if (!this.config.notificationsEnabled) return nobody(this.channels.whyNobody);
    if (!this.mailOut.isThere || to.length === 0) return nobody('mail is not set up: nobody is told of this alert');
    await this.mailOut.send(told.storeId, { ...renderAlert(told), to, messageId: `${told.id}@forma3d-connect` }, signal);
    return done;
  }

  private async post(told: ToldBatch, channel: OwnChannel, signal: AbortSignal): Promise<Outcome | Nobody> {
    if (!this.config.notificationsEnabled) return nobody(this.channels.whyNobody);
    const row = await this.channels.get(told.storeId, channel);
    if (!row) return nobody(`the ${channel} was switched off meanwhile: it is told of nothing any more`);
    const { url, secret } = this.channels.secretsOf(told.storeId, row);
    const sealed = channel === 'chat' ? { body: JSON.stringify(chatMessage(told, row.format ?? 'slack')), headers: {} } : this.signed(told, secret);
    const outcome = await postJson(url, sealed.body, {
      headers: sealed.headers,
      timeoutMs: this.config.outsideTimeoutMs,
      signal,
      privateAllowed: this.config.sandbox.has('shopify'),
    });
    return outcome.kind === 'retry' || outcome.kind === 'giveUp' ? { ...outcome, why: `the ${channel} at ${row.host} ${outcome.why}` } : outcome;
  }

  private signed(told: ToldBatch, secret: string | null): { body: string; headers: Record<string, string> } {
    const body = webhookBody(told);
    return { body, headers: secret === null ? {} : signatureHeaders(told.id, this.clock.now(), body, secret) };
  }

  private async note(batch: AlertBatch, channel: Task<'NOTIFICATION'>['payload']['channel']): Promise<void> {
    const order = batch.orders === 1 ? (batch.events.find((event) => event.order_id !== null)?.order_id ?? null) : null;
    await this.db.transaction('notifications.sent', (tx) =>
      this.events.publish(tx, {
        type: 'alert.sent',
        storeId: batch.storeId,
        aggregateId: batch.id,
        orderId: order,
        payload: { order_id: order, kind: batch.kind, channel, count: batch.count },
      }),
    );
  }
}
