import { NOTIFICATION_CHANNELS, type EventType, type TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId, newPublicId, openGate, type OutsideGate } from '@forma3d/kernel';
import type { Mail, Mailer } from '@forma3d/mail';
import type { Config } from '@forma3d/platform';
import { EventLog, Processor, type NewEvent, type TaskHandler } from '@forma3d/tasks';
import { FakeClock } from '@forma3d/testing';
import { z } from 'zod';
import { AlertsRepository } from './alerts.repository';
import { Channels } from './channels';
import { CloseBurst, GatherAlert } from './gather-alert';
import { MailOut } from './mail-out';
import type { NotificationConfig } from './notification-settings';
import { SealedSecrets } from './sealed-secrets';
import { SendNotification } from './send-notification';

export const WINDOW_MS = 600_000;

export type WorldConfig = NotificationConfig & Pick<Config, 'sandbox' | 'secretsKey'>;
const CONFIG: WorldConfig = {
  notificationsEnabled: true,
  operatorEmail: 'operator@example.com',
  adminEmail: 'admin@example.com',
  appUrl: 'https://connect.example',
  alertWindowMs: WINDOW_MS,
  outsideTimeoutMs: 2_000,
  sandbox: new Set(['shopify']),
  secretsKey: 'k'.repeat(32),
};

/** What one process does about alerts, on a database that several share. */
export class AlertsProcess {
  readonly db: Database;
  readonly events: EventLog;
  readonly channels: Channels;
  readonly repository: AlertsRepository;
  readonly gather: GatherAlert;
  readonly processor: Processor;

  constructor(
    url: string,
    private readonly world: AlertsWorld,
    config: Partial<WorldConfig> = {},
    mailer: Mailer | null = world.mailer,
  ) {
    const all = { ...CONFIG, ...config };
    const { clock, log } = world;
    this.db = new Database({ url, max: 5, applicationName: 'notifications-test' });
    this.events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
    this.repository = new AlertsRepository(this.db);
    this.channels = new Channels(this.db, new SealedSecrets(all), mailer, all);
    this.gather = new GatherAlert(this.db, this.events, this.repository, this.channels, all, clock, log);
    const handlers = new Map<TaskType, TaskHandler>([
      ['ALERT', this.gather],
      ['ALERT_BURST', new CloseBurst(this.db, this.repository, this.gather, this.channels, all, clock, log)],
      ['NOTIFICATION', new SendNotification(this.db, this.events, this.repository, this.channels, new MailOut(world.gate, mailer, all), all, clock, log)],
    ]);
    this.processor = new Processor({
      db: this.db,
      clock,
      worker: `process-${newId()}`,
      handlers,
      concurrency: 4,
      log: { trouble: (message, error) => void world.logged.push({ message, error }), outcome: () => undefined },
    });
  }

  async close(): Promise<void> {
    await this.processor.stop();
    await this.db.close();
  }
}

/** A store with orders that alerts are about, and the mails that came of them. */
export class AlertsWorld {
  readonly storeId = newId();
  readonly clock = new FakeClock();
  gate: OutsideGate = openGate;
  readonly sent: Mail[] = [];
  readonly logged: unknown[] = [];
  readonly log = { log: (...words: unknown[]) => void this.logged.push(words), error: (...words: unknown[]) => void this.logged.push(words) };
  /** What the mail server does about a mail before it takes it. */
  takes: (mail: Mail) => Promise<void> = () => Promise.resolve();
  readonly mailer: Mailer = {
    send: async (mail) => {
      await this.takes(mail);
      this.sent.push(mail);
    },
    check: () => Promise.resolve(),
    close: () => undefined,
  };
  private readonly processes: AlertsProcess[] = [];

  constructor(private readonly url: string) {}

  start(config: Partial<WorldConfig> = {}, mailer: Mailer | null = this.mailer): AlertsProcess {
    const process = new AlertsProcess(this.url, this, config, mailer);
    this.processes.push(process);
    return process;
  }

  async end(): Promise<void> {
    await Promise.all(this.processes.map((process) => process.close()));
  }

  async addStore(db: Database): Promise<void> {
    await db.sql`
      INSERT INTO store (id, handle, name, time_zone, currency, produce_orders_from, created_at, updated_at)
      VALUES (${this.storeId}, ${this.storeId}, 'Shop', 'Europe/Brussels', 'EUR', now(), ${this.clock.now()}, now())`;
  }

  /** Adds an order; answers its id. */
  async addOrder(db: Database, name: string, totalCents = 0): Promise<string> {
    const id = newId();
    await db.sql`
      INSERT INTO orders (id, store_id, source, public_id, name, placed_at, test, currency, total_cents, subtotal_cents, tax_cents,
        discount_cents, shipping_cents, fulfilment_type, created_at, updated_at)
      VALUES (${id}, ${this.storeId}, 'shopify', ${newPublicId()}, ${name}, now(), false, 'EUR', ${totalCents}, 0, 0, 0, 0, 'shipping', now(), now())`;
    return id;
  }

  /** A fulfillment of an order that failed for good: serious. */
  failed(orderId: string): NewEvent<'fulfillment.failed'> {
    const payload = { order_id: orderId, fulfillment_id: null, reason: 'closed', will_retry: false as const };
    return { type: 'fulfillment.failed', storeId: this.storeId, aggregateId: orderId, orderId, payload };
  }

  /** A print that needs a decision: for the operator alone. */
  undecided(orderId: string): NewEvent<'print-job.needs-review'> {
    const payload = { order_id: orderId, print_job_id: newId(), reason: 'on a printer' };
    return { type: 'print-job.needs-review', storeId: this.storeId, aggregateId: orderId, orderId, payload };
  }

  async publish(process: AlertsProcess, ...events: NewEvent[]): Promise<void> {
    await process.db.transaction('test', (tx) => process.events.publish(tx, ...events));
  }

  /** Payloads of the events of a type, oldest first. */
  async told(db: Database, type: EventType): Promise<unknown[]> {
    const rows = await db.sql.rows(z.object({ payload: z.unknown() }))`SELECT payload FROM event WHERE type = ${type} AND store_id = ${this.storeId} ORDER BY seq`;
    return rows.map((row) => row.payload);
  }

  tasks(db: Database, type: TaskType): Promise<{ status: string; failures: number; channel: string | null; last_error: string | null; due_at: Date }[]> {
    const row = z.object({ status: z.string(), failures: z.number(), channel: z.enum(NOTIFICATION_CHANNELS).nullable(), last_error: z.string().nullable(), due_at: z.date() });
    return db.sql.rows(row)`
      SELECT status, failures, payload ->> 'channel' AS channel, last_error, due_at FROM retry_queue
      WHERE type = ${type} AND store_id = ${this.storeId} ORDER BY created_at, id`;
  }
}
