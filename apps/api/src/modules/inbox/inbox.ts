import { DELIVERY_TASKS, TASKS } from '@forma3d/contracts';
import { Database } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import { GroupCommit } from './group-commit';
import { findDelivery, storeDeliveries, type Delivery, type DeliveryRow } from './inbox.repository';

/** A verified delivery, to be stored as it came. */
export interface NewDelivery {
  storeId: string;
  source: 'shopify' | 'simplyprint';
  /** Shopify's topic or SimplyPrint's event. */
  topic: string;
  /** The same key of the same store and source is the same delivery. */
  dedupeKey: string;
  eventId: string | null;
  apiVersion: string | null;
  triggeredAt: Date | null;
  body: Buffer;
  /** Follows the delivery to the last mail. */
  correlationId: string;
}

/** PostgreSQL's classes of errors that lie in the values sent: data exception, integrity constraint. */
const ROWS_FAULT = /^2[23]/;

/** Whose bodies a task reads: a sender's topic may be the name of another's event. */
const READS = { ORDER_WEBHOOK: 'shopify', APP_UNINSTALLED: 'shopify', PRIVACY_REQUEST: 'shopify', SIMPLYPRINT_WEBHOOK: 'simplyprint' } as const;

/** A topic is outside text: 'constructor' must find nothing. */
function taskOf({ source, topic }: Pick<NewDelivery, 'source' | 'topic'>): keyof typeof READS | undefined {
  const type = Object.hasOwn(DELIVERY_TASKS, topic) ? DELIVERY_TASKS[topic] : undefined;
  return type !== undefined && READS[type] === source ? type : undefined;
}

/** Webhooks exactly as they came: stored with their task before they are answered, worked off afterwards. */
@Injectable()
export class Inbox {
  private readonly commits: GroupCommit<DeliveryRow>;

  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {
    this.commits = new GroupCommit({
      write: (rows) => this.write(rows),
      isRowsFault: (error) => error instanceof Error && 'code' in error && ROWS_FAULT.test(String(error.code)),
    });
  }

  /** Resolves once the delivery and its task are committed, also when they were before; rejects when they are not stored. */
  store(delivery: NewDelivery): Promise<void> {
    const type = taskOf(delivery);
    const { correlationId, ...facts } = delivery;
    const task = type === undefined ? null : { id: newId(), type, maxAttempts: TASKS[type].maxAttempts, correlationId };
    return this.commits.add({ ...facts, id: newId(), receivedAt: this.clock.now(), task });
  }

  /** A stored delivery by our id; undefined when it is past its retention. */
  delivery(id: string): Promise<Delivery | undefined> {
    return findDelivery(this.db, id);
  }

  private async write(rows: readonly DeliveryRow[]): Promise<void> {
    if ((await storeDeliveries(this.db, rows)) > 0) this.events.wake();
  }
}
