import { Database } from '@forma3d/database';
import type { Mailer } from '@forma3d/mail';
import { CONFIG, Handles, Logger, type Config } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { alertedEvent, alertOf, type Alert } from './alerts';
import { renderAlert } from './render-alert';

/** The mail client, or null where no mail server is set. */
export const MAILER = Symbol('MAILER');

/** The event with what a mail says of its order and store. This module asks no other one, so it reads for itself. */
const toldEvent = alertedEvent.extend({ order_name: z.string().nullable(), time_zone: z.string() });

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
    @Inject(MAILER) private readonly mailer: Mailer | null,
    @Inject(CONFIG) private readonly settings: NotificationSettings,
    @Inject(Logger) private readonly log: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'NOTIFICATION'>): Promise<Outcome> {
    const event = await this.db.sql.maybe(toldEvent)`
      SELECT e.id, e.type, e.severity, e.occurred_at, e.store_id, e.order_id, e.payload, o.name AS order_name, s.time_zone
      FROM event e JOIN store s ON s.id = e.store_id LEFT JOIN orders o ON o.id = e.order_id
      WHERE e.id = ${task.payload.event_id} AND e.store_id = ${task.storeId}`;
    const alert = event && alertOf(event);
    if (!event || !alert) return done;
    const to = this.recipients(alert);
    if (!this.settings.notificationsEnabled || !this.mailer || to.length === 0) {
      this.log.log({ kind: alert.kind, event_id: event.id, order_id: event.order_id }, 'notifications are off: nobody is told of this alert');
      return done;
    }
    const mail = renderAlert(alert, {
      orderName: event.order_name,
      orderId: event.order_id,
      occurredAt: event.occurred_at,
      timeZone: event.time_zone,
      appUrl: this.settings.appUrl,
    });
    await this.mailer.send({ ...mail, to, messageId: `${event.id}@forma3d-connect` });
    this.log.log({ kind: alert.kind, event_id: event.id, order_id: event.order_id }, 'people are told of an alert by mail');
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
}
