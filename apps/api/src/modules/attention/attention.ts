import type { AttentionCounts, AttentionKind, AttentionQuery } from '@forma3d/contracts';
import { Database, type Tx } from '@forma3d/database';
import { newId, type Clock } from '@forma3d/kernel';
import { CLOCK } from '@forma3d/platform';
import { EventLog, type NewEvent } from '@forma3d/tasks';
import { Inject, Injectable } from '@nestjs/common';
import {
  closeAttention,
  closeHeld,
  countAttention,
  holdAttention,
  insertAttention,
  openAttention,
  openAttentionOfOrder,
  openSubjects,
  type AttentionRow,
} from './attention.repository';

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

  /** Opens an item and tells of it. One of this kind about this subject that is open already says from now on what is said now, and is not told again. */
  async open(tx: Tx, item: NewAttention): Promise<void> {
    await this.openMany(tx, [item]);
  }

  /** As `open`, for many in one statement each, every one about a subject of its own; answers how many were not open yet. */
  async openMany(tx: Tx, items: readonly NewAttention[]): Promise<number> {
    if (items.length === 0) return 0;
    const rows = items.map((item) => ({ ...item, id: newId(), orderId: item.orderId ?? null, details: item.details ?? {} }));
    const opened = await insertAttention(tx, rows, this.clock.now());
    const published = rows.filter((row) => opened.has(row.id)).map(
      ({ id, storeId, orderId, kind, message }): NewEvent => ({
        type: 'order.needs-attention',
        storeId,
        aggregateId: orderId ?? id,
        orderId,
        payload: { order_id: orderId, attention_id: id, kind, message },
      }),
    );
    await this.events.publish(tx, ...published);
    return published.length;
  }

  /** Closes the open item, if there is one. Answers whether there was. */
  close(tx: Tx, subject: AttentionSubject): Promise<boolean> {
    return closeAttention(tx, subject, this.clock.now());
  }

  /** What the open items of these kinds are about, in all stores. */
  openSubjects<K extends AttentionKind>(kinds: readonly K[]): Promise<(AttentionSubject & { kind: K })[]> {
    return openSubjects(this.db, kinds);
  }

  /** Those of these items that are open. Until the transaction ends nobody else opens, changes or closes one: what is read from now on decides. */
  async hold<S extends AttentionSubject>(tx: Tx, subjects: readonly S[]): Promise<(S & { id: string })[]> {
    const asked = new Map(subjects.map((subject) => [keyOf(subject), subject]));
    return (await holdAttention(tx, [...asked.values()])).flatMap((row) => {
      const subject = asked.get(keyOf(row));
      return subject ? [{ ...subject, id: row.id }] : [];
    });
  }

  /** Closes items that the transaction holds. */
  closeHeld(tx: Tx, items: readonly { id: string }[]): Promise<void> {
    return closeHeld(tx, items.map((item) => item.id), this.clock.now());
  }

  /** Open items of a store, newest first; `before` is the id of the last one seen. */
  list(storeId: string, limit: number, before?: string, query: Omit<AttentionQuery, 'limit' | 'cursor'> = {}): Promise<AttentionRow[]> {
    return openAttention(this.db, storeId, query, limit, before);
  }

  counts(storeId: string): Promise<AttentionCounts> {
    return countAttention(this.db, storeId);
  }

  ofOrder(storeId: string, orderId: string): Promise<AttentionRow[]> {
    return openAttentionOfOrder(this.db, storeId, orderId);
  }
}

const keyOf = (subject: { storeId: string; kind: string; subjectId: string }): string => JSON.stringify([subject.storeId, subject.kind, subject.subjectId]);
