import { Database } from '@forma3d/database';
import type { Mailer } from '@forma3d/mail';
import { CONFIG, Handles, Logger, type Config } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { Stores } from '../access';
import { Orders } from '../orders';
import { alertedEvent, alertOf, type Alert, type AlertedEvent } from './alerts';
import { renderAlert } from './render-alert';

/** The mail client, or null where no mail server is set. */
export const MAILER = Symbol('MAILER');

/** Who is told, and whether anybody is. */
export type NotificationSettings = Pick<Config, 'notificationsEnabled' | 'operatorEmail' | 'adminEmail' | 'appUrl'>;

/**
 * Tells people of an event by mail: the operator, and the administrator where it is serious. A mail may come twice when a
 * process dies at the wrong moment, never not at all; repeats carry the same Message-ID.
 */
@Injectable()
@Handles('NOTIFICATION')
export class SendNotification implements TaskHandler<'NOTIFICATION'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(Orders) private readonly orders: Pick<Orders, 'find'>,
    @Inject(Stores) private readonly stores: Pick<Stores, 'get'>,
    @Inject(MAILER) private readonly mailer: Mailer | null,
    @Inject(CONFIG) private readonly settings: NotificationSettings,
    @Inject(Logger) private readonly log: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'NOTIFICATION'>): Promise<Outcome> {
    const event = await this.db.sql.maybe(alertedEvent)`
      SELECT id, type, severity, occurred_at, store_id, order_id, payload FROM event
      WHERE id = ${task.payload.event_id} AND store_id = ${task.storeId}`;
    const alert = event && alertOf(event);
    if (!event || !alert) return done;
    const to = this.recipients(alert);
    if (!this.settings.notificationsEnabled || !this.mailer || to.length === 0) {
      this.log.log({ kind: alert.kind, event_id: event.id, order_id: event.order_id }, 'notifications are off: nobody is told of this alert');
      return done;
    }
    await this.mailer.send({ ...(await this.mailOf(event, alert)), to, messageId: `${event.id}@forma3d-connect` });
    await this.db.transaction('notifications.sent', (tx) =>
      this.events.publish(tx, {
        type: 'alert.sent',
        storeId: event.store_id,
        aggregateId: event.id,
        orderId: event.order_id,
        payload: { order_id: event.order_id, kind: alert.kind, channel: 'email' },
      }),
    );
    return done;
  }

  private recipients(alert: Alert): string[] {
    const { operatorEmail, adminEmail } = this.settings;
    const all = [operatorEmail, alert.severity === 'ERROR' ? adminEmail : undefined];
    return [...new Set(all.filter((each) => each !== undefined))];
  }

  private async mailOf(event: AlertedEvent, alert: Alert) {
    const order = event.order_id === null ? undefined : await this.orders.find(event.store_id, event.order_id);
    const { timeZone } = await this.stores.get(event.store_id);
    return renderAlert(alert, {
      orderName: order?.name ?? null,
      orderId: event.order_id,
      occurredAt: event.occurred_at,
      timeZone,
      appUrl: this.settings.appUrl,
    });
  }
}
