import { Database, type Tx } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import {
  closeAttention,
  insertAttention,
  openAttention,
  openAttentionOfOrder,
  type AttentionRow,
} from './attention.repository';

/** What can need a person. The subject says which one: an order, a print job, a task, a queue item. */
export type AttentionKind =
  | 'unmapped-lines'
  | 'print-failed'
  | 'print-needs-review'
  | 'fulfillment-failed'
  | 'queue-item-unclear'
  | 'task-struggling'
  | 'task-failed'
  | 'credentials-refused'
  | 'shop-uninstalled'
  | 'api-version-drift'
  | 'data-request';

/** Names one open item: there is at most one of a kind about a subject. */
export interface AttentionSubject {
  storeId: string;
  kind: AttentionKind;
  /** Our id of what it is about. */
  subjectId: string;
}

export interface NewAttention extends AttentionSubject {
  orderId?: string | null;
  /** For people, in plain words; no personal data: it stands in the event log. */
  message: string;
  /** Ids and values for the screen. */
  details?: Record<string, unknown>;
}

/** What needs a person: opened and closed in the transaction of the change that causes or cures it. */
@Injectable()
export class Attention {
  constructor(
    private readonly db: Database,
    private readonly events: EventLog,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** Opens an item and tells of it; does nothing while one of this kind about this subject is open. */
  async open(tx: Tx, item: NewAttention): Promise<void> {
    const id = newId();
    const orderId = item.orderId ?? null;
    const opened = await insertAttention(tx, {
      id,
      storeId: item.storeId,
      kind: item.kind,
      subjectId: item.subjectId,
      orderId,
      message: item.message,
      details: item.details ?? {},
      openedAt: this.clock.now(),
    });
    if (!opened) return;
    await this.events.publish(tx, {
      type: 'order.needs-attention',
      storeId: item.storeId,
      aggregateId: orderId ?? id,
      orderId,
      payload: { order_id: orderId, attention_id: id, kind: item.kind, message: item.message },
    });
  }

  /** Closes the open item, if there is one. Answers whether there was. */
  close(tx: Tx, subject: AttentionSubject): Promise<boolean> {
    return closeAttention(tx, subject, this.clock.now());
  }

  /** Open items of a store, newest first; `before` is the id of the last one seen. */
  list(storeId: string, limit: number, before?: string): Promise<AttentionRow[]> {
    return openAttention(this.db, storeId, limit, before);
  }

  ofOrder(storeId: string, orderId: string): Promise<AttentionRow[]> {
    return openAttentionOfOrder(this.db, storeId, orderId);
  }
}
