import {
  DEFAULT_SEVERITY,
  EVENTS,
  SUBSCRIBED_PAYLOADS,
  SUBSCRIPTIONS,
  type EventPayload,
  type EventType,
  type Severity,
  type TaskType,
} from '@forma3d/contracts';
import { currentScope, type Database, type Tx } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { hastenSnoozed, hastenTask, insertTasks, isAsked } from './enqueue';
import type { NewTask } from './task';

/** An event to be published. `aggregateId` is what it is about; `orderId` whose timeline it belongs to. */
export type NewEvent<T extends EventType = EventType> = {
  [Type in T]: {
    type: Type;
    storeId: string;
    aggregateId: string;
    orderId?: string | null;
    payload: EventPayload<Type>;
    severity?: Severity;
  };
}[T];

/** What ephemeral listeners get after the commit. */
export interface PublishedEvent {
  id: string;
  type: EventType;
  store_id: string;
  aggregate_id: string;
  order_id: string | null;
  occurred_at: string;
  payload: unknown;
}

export interface EventLogOptions {
  clock: Clock;
  /** After a commit that wrote tasks. */
  wake: () => void;
  /** After a commit, for live screens; nothing may depend on it. */
  deliver: (event: PublishedEvent) => void;
}

/**
 * The log of what happened. `publish` needs the transaction of the change, so that a fact and its change are one; the
 * tasks that must follow are written beside it.
 */
export class EventLog {
  constructor(private readonly options: EventLogOptions) {}

  async publish(tx: Tx, ...events: NewEvent[]): Promise<void> {
    if (events.length === 0) return;
    const scope = currentScope();
    const occurredAt = this.options.clock.now().toISOString();
    const rows = events.map((event) => ({
      id: newId(),
      type: event.type,
      version: 1,
      severity: event.severity ?? DEFAULT_SEVERITY[event.type] ?? 'INFO',
      occurred_at: occurredAt,
      store_id: event.storeId,
      aggregate_id: event.aggregateId,
      order_id: event.orderId ?? null,
      actor: scope.actor,
      correlation_id: scope.correlationId,
      causation_id: scope.causationId,
      payload: EVENTS[event.type].parse(event.payload),
    }));
    await tx.sql`
      INSERT INTO event (id, type, version, severity, occurred_at, store_id, aggregate_id, order_id, actor,
                         correlation_id, causation_id, payload)
      SELECT id, type, version, severity, occurred_at, store_id, aggregate_id, order_id, actor,
             correlation_id, causation_id, payload
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS new
        (id uuid, type text, version int, severity text, occurred_at timestamptz, store_id uuid, aggregate_id uuid,
         order_id uuid, actor text, correlation_id text, causation_id text, payload jsonb)`;
    const tasks = rows.flatMap((row) =>
      SUBSCRIPTIONS[row.type].map(
        (type): NewTask => ({
          type,
          storeId: row.store_id,
          orderId: row.order_id,
          eventId: row.id,
          ...SUBSCRIBED_PAYLOADS[type](row),
        }),
      ),
    );
    await this.enqueue(tx, ...tasks);
    tx.afterCommit(() => {
      for (const row of rows) this.options.deliver(row);
    });
  }

  /** For the one writer that brings its own statement (the inbox): call it after the commit. */
  wake(): void {
    this.options.wake();
  }

  /** Writes tasks in the caller's transaction and wakes the processor after its commit. */
  async enqueue(tx: Tx, ...tasks: NewTask[]): Promise<void> {
    if (tasks.length === 0) return;
    await insertTasks(tx, this.options.clock, tasks);
    tx.afterCommit(this.options.wake);
  }

  /** Lets all that waits in a store look at once whether what it waits for is over: a refusal was. */
  async hastenStore(tx: Tx, storeId: string): Promise<void> {
    await hastenSnoozed(tx, this.options.clock, storeId);
    tx.afterCommit(this.options.wake);
  }

  /** Writes a task in a transaction of its own, unless it is asked for already and has not begun; for reasons that are committed. */
  async askFor(db: Database, task: NewTask & { dedupeKey: string }): Promise<void> {
    if (await isAsked(db, this.options.clock, task)) return;
    await db.transaction('tasks.ask', (tx) => this.enqueue(tx, task));
  }

  /** Lets an open task that waits for a later time run at once, for what must not wait: in the caller's transaction, after its commit. */
  async hasten(tx: Tx, type: TaskType, dedupeKey: string): Promise<void> {
    await hastenTask(tx, this.options.clock, { type, dedupeKey });
    tx.afterCommit(this.options.wake);
  }
}
