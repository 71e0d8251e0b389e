import { Database, type Tx } from '@forma3d/database';
import type { AlertKind } from '@forma3d/contracts';
import type { Clock } from '@forma3d/kernel';
import { CLOCK, CONFIG, Handles, Logger } from '@forma3d/platform';
import { done, EventLog, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { alertOf } from './alerts';
import { AlertsRepository } from './alerts.repository';
import { Channels } from './channels';
import type { NotificationConfig } from './notification-settings';

/**
 * Alerts on their way to people. The first of its kind in a quiet time goes out at once; those that follow within the window (ten
 * minutes) are gathered, and go out together when it ends. While they keep coming that is one mail a window, and none is left out.
 */
@Injectable()
@Handles('ALERT')
export class GatherAlert implements TaskHandler<'ALERT'> {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    private readonly repository: AlertsRepository,
    private readonly channels: Channels,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'alertWindowMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly log: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'ALERT'>): Promise<Outcome> {
    const { storeId } = task;
    const event = await this.repository.event(storeId, task.payload.event_id);
    const alert = event && alertOf(event);
    if (!event || !alert) return done;
    if ((await this.channels.open(storeId, alert.kind)).length === 0) {
      this.log.log({ kind: alert.kind, event_id: event.id, order_id: event.order_id }, this.channels.whyNobody);
      return done;
    }
    const now = this.clock.now();
    await this.db.transaction('notifications.gather', async (tx) => {
      const gathered = await this.repository.gather(tx, { eventId: event.id, storeId, kind: alert.kind, now, windowMs: this.config.alertWindowMs });
      if (!gathered) return;
      if (gathered.how === 'at-once') {
        await this.sendOut(tx, { id: gathered.batchId, storeId, kind: alert.kind });
        return;
      }
      // Also by those that join: nothing happens while the task is open, and one that was lost (discarded, failed for good) is made again.
      await this.events.enqueue(tx, {
        type: 'ALERT_BURST',
        storeId,
        payload: { batch_id: gathered.batchId, kind: alert.kind },
        dedupeKey: gathered.batchId,
        dueAt: gathered.endsAt,
      });
    });
    return done;
  }

  /** Asks for a batch to be sent by every channel that takes its kind; answers whether there is one. */
  async sendOut(tx: Tx, batch: { id: string; storeId: string; kind: AlertKind }): Promise<boolean> {
    const channels = await this.channels.open(batch.storeId, batch.kind, tx);
    await this.events.enqueue(
      tx,
      ...channels.map((channel) => ({
        type: 'NOTIFICATION' as const,
        storeId: batch.storeId,
        payload: { batch_id: batch.id, channel },
        dedupeKey: `${batch.id} ${channel}`,
      })),
    );
    return channels.length > 0;
  }
}

/** The window is over: what was gathered goes out together, and the next window begins. */
@Injectable()
@Handles('ALERT_BURST')
export class CloseBurst implements TaskHandler<'ALERT_BURST'> {
  constructor(
    private readonly db: Database,
    private readonly repository: AlertsRepository,
    private readonly gather: GatherAlert,
    private readonly channels: Channels,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'alertWindowMs'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly log: Pick<Logger, 'log'>,
  ) {}

  async handle(task: Task<'ALERT_BURST'>): Promise<Outcome> {
    const batch = { id: task.payload.batch_id, storeId: task.storeId, kind: task.payload.kind };
    const until = new Date(this.clock.now().getTime() + this.config.alertWindowMs);
    await this.db.transaction('notifications.burst', async (tx) => {
      if (!(await this.repository.close(tx, batch, until))) return;
      if (!(await this.gather.sendOut(tx, batch))) this.log.log({ kind: batch.kind, batch_id: batch.id }, this.channels.whyNobody);
    });
    return done;
  }
}
