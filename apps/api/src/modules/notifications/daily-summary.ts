import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger } from '@forma3d/platform';
import { done, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { AlertsRepository } from './alerts.repository';
import { DailySummaryRepository } from './daily-summary.repository';
import { MailOut } from './mail-out';
import { recipientsOf, type NotificationConfig } from './notification-settings';
import { renderSummary } from './render-summary';

/** Alerts are kept this long after they were sent; the events that they were of stay. */
const KEPT_MS = 30 * 86_400_000;

/** Mails the operator what yesterday brought and what needs a person now; repeats carry the same Message-ID. */
@Injectable()
@Handles('DAILY_SUMMARY')
export class DailySummary implements TaskHandler<'DAILY_SUMMARY'> {
  constructor(
    private readonly repository: DailySummaryRepository,
    private readonly alerts: AlertsRepository,
    private readonly mailOut: MailOut,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'notificationsEnabled' | 'operatorEmail' | 'adminEmail' | 'appUrl'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly log: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'DAILY_SUMMARY'>, signal: AbortSignal): Promise<Outcome> {
    const { storeId } = task;
    const { day } = task.payload;
    await this.alerts.deleteBefore(storeId, new Date(this.clock.now().getTime() - KEPT_MS));
    const to = recipientsOf(this.config, false);
    if (!this.config.notificationsEnabled || !this.mailOut.isThere || to.length === 0) {
      this.log.log({ store_id: storeId, day }, 'notifications are off: nobody gets the summary of this day');
      return done;
    }
    const figures = await this.repository.figures(storeId, day);
    if (!figures) return done;
    const mail = { ...renderSummary(figures, day, this.config.appUrl), to, messageId: `daily-summary.${storeId}.${day}@forma3d-connect` };
    await this.mailOut.send(storeId, mail, signal);
    this.log.log({ store_id: storeId, day }, 'the summary of a day is sent');
    return done;
  }
}
