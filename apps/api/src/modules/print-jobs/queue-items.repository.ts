import { Database, type Sql, type Tx } from '@forma3d/database';
import { newId } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Recipe } from '../product-mappings';

const queueItemRow = z
  .object({
    id: z.string(),
    store_id: z.string(),
    order_id: z.string(),
    line_item_id: z.string(),
    part_name: z.string(),
    file_id: z.string(),
    file_name: z.string().nullable(),
    printer_group: z.string().nullable(),
    material: z.string().nullable(),
    tags: z.array(z.string()),
    amount: z.number(),
    state: z.enum(['PENDING', 'ADDED', 'REPLACED', 'CANCELLED', 'FAILED']),
    reprint_of_id: z.string().nullable(),
    simplyprint_id: z.string().nullable(),
    intent_until: z.date().nullable(),
    highest_before: z.string().nullable(),
    created_at: z.date(),
  })
  .transform((row) => ({
    id: row.id,
    storeId: row.store_id,
    orderId: row.order_id,
    lineItemId: row.line_item_id,
    partName: row.part_name,
    fileId: row.file_id,
    fileName: row.file_name,
    printerGroup: row.printer_group,
    material: row.material,
    tags: row.tags,
    amount: row.amount,
    state: row.state,
    reprintOfId: row.reprint_of_id,
    simplyprintId: row.simplyprint_id,
    intentUntil: row.intent_until,
    highestBefore: row.highest_before,
    createdAt: row.created_at,
  }));
export type QueueItem = z.output<typeof queueItemRow>;

export interface NewQueueItem {
  storeId: string;
  orderId: string;
  lineItemId: string;
  part: Recipe['parts'][number];
  amount: number;
}

/** The SQL of queue_item. */
@Injectable()
export class QueueItemsRepository {
  constructor(private readonly db: Database) {}

  async insert(tx: Tx, item: NewQueueItem, now: Date): Promise<string> {
    const id = newId();
    await tx.sql`
      INSERT INTO queue_item (id, store_id, order_id, line_item_id, part_name, file_id, file_name, printer_group, material,
                              tags, amount, state, created_at)
      VALUES (${id}, ${item.storeId}, ${item.orderId}, ${item.lineItemId}, ${item.part.name}, ${item.part.file_id},
              ${item.part.file_name}, ${item.part.printer_group}, ${item.part.material}, ${item.part.tags}, ${item.amount},
              'PENDING', ${now})`;
    return id;
  }

  /** One more print of what another item prints. */
  async insertReprint(tx: Tx, source: string, now: Date): Promise<string> {
    const id = newId();
    await tx.sql`
      INSERT INTO queue_item (id, store_id, order_id, line_item_id, part_name, file_id, file_name, printer_group, material,
                              tags, amount, state, reprint_of_id, created_at)
      SELECT ${id}, store_id, order_id, line_item_id, part_name, file_id, file_name, printer_group, material,
             tags, 1, 'PENDING', id, ${now}
      FROM queue_item WHERE id = ${source}`;
    return id;
  }

  get(id: string, tx: { sql: Sql } = this.db): Promise<QueueItem | undefined> {
    return tx.sql.maybe(queueItemRow)`SELECT * FROM queue_item WHERE id = ${id}`;
  }

  /** Which of these SimplyPrint ids belong to queue items of ours. */
  async claimed(storeId: string, simplyprintIds: readonly string[]): Promise<Set<string>> {
    const rows = await this.db.sql.rows(z.object({ simplyprint_id: z.string() }))`
      SELECT simplyprint_id FROM queue_item WHERE store_id = ${storeId} AND simplyprint_id = ANY (${simplyprintIds})`;
    return new Set(rows.map((row) => row.simplyprint_id));
  }

  bySimplyprintIds(storeId: string, simplyprintIds: readonly string[]): Promise<QueueItem[]> {
    return this.db.sql.rows(queueItemRow)`
      SELECT * FROM queue_item WHERE store_id = ${storeId} AND simplyprint_id = ANY (${simplyprintIds})`;
  }

  ofPrints(printIds: readonly string[]): Promise<QueueItem[]> {
    return this.db.sql.rows(queueItemRow)`
      SELECT * FROM queue_item WHERE id IN (SELECT queue_item_id FROM print_job WHERE id = ANY (${printIds}))`;
  }

  /** The deadline of the store's oldest AddItem whose end is not known; null when there is none. */
  async oldestIntent(storeId: string): Promise<Date | null> {
    const { oldest } = await this.db.sql.one(z.object({ oldest: z.date().nullable() }))`
      SELECT min(q.intent_until) AS oldest FROM print_job p JOIN queue_item q ON q.id = p.queue_item_id
      WHERE p.store_id = ${storeId} AND p.status IN ('PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING') AND q.state = 'PENDING'`;
    return oldest;
  }

  /** Commits to sending an AddItem; from here on its outcome may be unknown. */
  async intend(tx: Tx, id: string, intent: { until: Date; amount: number; highestBefore: string | null }): Promise<boolean> {
    return (
      (await tx.sql`
        UPDATE queue_item SET intent_until = ${intent.until}, amount = ${intent.amount}, highest_before = ${intent.highestBefore}
        WHERE id = ${id} AND state = 'PENDING' AND intent_until IS NULL`) === 1
    );
  }

  /**
   * The AddItem of this intent surely did not happen: the way is free for another. Answers false when it is no longer the
   * item's intent: another runner took over, and its AddItem may be under way.
   */
  clearIntent(id: string, intentUntil: Date, why: string | null): Promise<boolean> {
    return this.replaceIntent(id, intentUntil, null, why);
  }

  /** The AddItem of this intent was sent by now, so its end is nearer than was committed; false as for `clearIntent`. */
  shortenIntent(id: string, intentUntil: Date, until: Date, why: string): Promise<boolean> {
    return this.replaceIntent(id, intentUntil, until < intentUntil ? until : intentUntil, why);
  }

  private async replaceIntent(id: string, from: Date, to: Date | null, why: string | null): Promise<boolean> {
    return (
      (await this.db.sql`
        UPDATE queue_item SET intent_until = ${to}, last_error = ${why}
        WHERE id = ${id} AND state = 'PENDING' AND intent_until = ${from}`) === 1
    );
  }

  async markAdded(tx: Tx, id: string, simplyprintId: string): Promise<boolean> {
    return (
      (await tx.sql`
        UPDATE queue_item SET state = 'ADDED', simplyprint_id = ${simplyprintId}, intent_until = NULL, last_error = NULL
        WHERE id = ${id} AND state = 'PENDING'`) === 1
    );
  }

  /** One that failed keeps its intent: whether SimplyPrint has it was not found out, and it is not to be added once more unseen. */
  async end(tx: Tx, id: string, state: 'REPLACED' | 'CANCELLED' | 'FAILED', why: string | null): Promise<boolean> {
    return (
      (await tx.sql`
        UPDATE queue_item SET state = ${state}, intent_until = CASE WHEN ${state === 'FAILED'} THEN intent_until END, last_error = ${why}
        WHERE id = ${id} AND state IN ('PENDING', 'ADDED')`) === 1
    );
  }
}
