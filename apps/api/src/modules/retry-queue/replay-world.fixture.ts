import { TASKS, type TaskStatus, type TaskType } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { TaskFailures, type Logger } from '@forma3d/platform';
import { EventLog, Processor, type Outcome, type Task, type TaskHandler } from '@forma3d/tasks';
import { FakeClock } from '@forma3d/testing';
import { z } from 'zod';
import { Attention, Audit } from '../attention';
import { QueueStats } from './queue-stats';
import { ReplayMany } from './replay-many';
import { ReplayTasks } from './replay-tasks';
import { RetryQueueController } from './retry-queue.controller';
import { RetryQueueRepository } from './retry-queue.repository';
import { TaskTrouble } from './task-trouble';
import { TaskViews } from './task-views';

const HANDLED: readonly TaskType[] = ['CLEAN_UP', 'WEBHOOK_SUBSCRIPTIONS', 'FULFILLMENT', 'NOTIFICATION'];

export interface LeftBehind {
  type?: TaskType;
  status?: TaskStatus;
  failures?: number;
  dedupeKey?: string | null;
  orderId?: string | null;
  payload?: Record<string, unknown>;
  /** Milliseconds before now at which it ended. */
  endedAgo?: number;
  snoozed?: boolean;
  dueIn?: number;
}

const auditRow = z.object({ entity_id: z.string(), action: z.string(), actor: z.string(), meta: z.record(z.string(), z.unknown()) });
const taskRow = z.object({ id: z.string(), status: z.string(), failures: z.number(), replays: z.number(), due_at: z.date() });

/** The people's side of the queue on a database of its own, with a processor that runs what `answer` says. */
export class ReplayWorld {
  readonly db: Database;
  readonly clock = new FakeClock();
  storeId = newId();
  answer: (task: Task) => Outcome | Promise<Outcome> = () => ({ kind: 'done' });
  /** What a person's word changes, by type. */
  replayed: Partial<Record<TaskType, NonNullable<TaskHandler['replayed']>>> = {};
  /** What the end in vain means for the business, by type. */
  failed: Partial<Record<TaskType, NonNullable<TaskHandler['failed']>>> = {};
  readonly attention: Attention;
  readonly trouble: TaskTrouble;
  readonly controller: RetryQueueController;
  processor: Processor;
  private readonly handlers: ReadonlyMap<TaskType, TaskHandler>;

  constructor(url: string) {
    this.db = new Database({ url, max: 8 });
    const { db, clock } = this;
    const events = new EventLog({ clock, wake: () => undefined, deliver: () => undefined });
    const logger = { log: () => undefined, warn: () => undefined } as unknown as Logger;
    this.attention = new Attention(db, events, clock);
    const audit = new Audit(clock);
    const failures = new TaskFailures();
    this.trouble = new TaskTrouble(db, failures, this.attention, events, new RetryQueueRepository(db), clock, logger);
    this.trouble.onModuleInit();
    const handler: TaskHandler = { handle: async (task) => this.answer(task) };
    this.handlers = new Map(HANDLED.map((type) => [type, handler]));
    const found = {
      of: (type: TaskType) => {
        const [replayed, failed] = [this.replayed[type], this.failed[type]];
        return { ...handler, ...(replayed && { replayed }), ...(failed && { failed }) };
      },
    };
    const replay = new ReplayTasks(db, found, events, audit, this.trouble, clock);
    const many = new ReplayMany(db, found, events, audit, replay, clock);
    this.controller = new RetryQueueController(new TaskViews(db), new QueueStats(db, clock), replay, many);
    this.failures = failures;
    this.processor = this.newProcessor();
  }
  private readonly failures: TaskFailures;

  private newProcessor(): Processor {
    return new Processor({
      db: this.db,
      clock: this.clock,
      worker: 'test',
      handlers: this.handlers,
      pollMs: 3_600_000,
      log: { trouble: () => undefined, outcome: (task, outcome) => { this.failures.returned(task, outcome); } },
      onFailure: (tx, task, reason, final) => this.failures.failed(tx, { task, reason, final, handledByItsOwn: false }),
    });
  }

  /** A store of its own, and nothing left of what was before. */
  async reset(): Promise<void> {
    await this.processor.stop(0);
    this.processor = this.newProcessor();
    this.answer = () => ({ kind: 'done' });
    this.replayed = {};
    this.failed = {};
    this.storeId = newId();
    await this.db.sql`TRUNCATE retry_queue, task_attempt, event, attention, audit_log, store`;
    await this.db.sql`
      INSERT INTO store (id, handle, name, time_zone, currency, produce_orders_from, updated_at)
      VALUES (${this.storeId}, 'store', 'Store', 'Europe/Brussels', 'EUR', now(), now())`;
  }

  async close(): Promise<void> {
    await this.processor.stop(0);
    await this.db.close();
  }

  /** A task as some time left it behind; answers its id. */
  async leave(what: LeftBehind = {}): Promise<string> {
    const id = newId();
    const { type = 'WEBHOOK_SUBSCRIPTIONS', status = 'FAILED', failures = 3, snoozed = false, dedupeKey = null, orderId = null, payload = {} } = what;
    const now = this.clock.now().getTime();
    const ended = status === 'FAILED' || status === 'COMPLETED' || status === 'DISCARDED' ? new Date(now - (what.endedAgo ?? 60_000)) : null;
    const lease = status === 'PROCESSING' ? new Date(Date.now() + 600_000) : null;
    await this.db.sql`
      INSERT INTO retry_queue (id, type, status, store_id, order_id, payload, dedupe_key, attempt, failures, max_attempts, snoozed, due_at, started_at, finished_at, lease_until, last_error, created_at)
      VALUES (${id}, ${type}, ${status}, ${this.storeId}, ${orderId}, ${JSON.stringify(payload)}::jsonb, ${dedupeKey}, ${failures}, ${failures},
        ${TASKS[type].maxAttempts}, ${snoozed}, ${new Date(now + (what.dueIn ?? 0))}, ${new Date(now - 90_000)}, ${ended}, ${lease}, 'Shopify answered 503', ${new Date(now - 3_600_000)})`;
    return id;
  }

  async task(id: string): Promise<z.output<typeof taskRow>> {
    return this.db.sql.one(taskRow)`SELECT id, status, failures, replays, due_at FROM retry_queue WHERE id = ${id}`;
  }

  audits(): Promise<z.output<typeof auditRow>[]> {
    return this.db.sql.rows(auditRow)`SELECT entity_id, action, actor, meta FROM audit_log ORDER BY id`;
  }

  async openKinds(): Promise<string[]> {
    return (await this.attention.list(this.storeId, 100)).map((item) => item.kind);
  }
}
