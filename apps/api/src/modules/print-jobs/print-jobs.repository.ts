import { PRINT_JOB_STATUSES, type PrintJobStatus, type ProductionCounts } from '@forma3d/contracts';
import { Database, type Sql, type Tx } from '@forma3d/database';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import type { Recipe } from '../product-mappings';
import type { Slot } from './production-diff';

const status = z.enum(PRINT_JOB_STATUSES);

export const printRow = z
  .object({
    id: z.string(),
    store_id: z.string(),
    order_id: z.string(),
    line_item_id: z.string(),
    queue_item_id: z.string(),
    status,
    wanted: z.boolean(),
    reprint_number: z.number(),
    replaced: z.boolean(),
    simplyprint_job_id: z.string().nullable(),
    simplyprint_job_uid: z.string().nullable(),
    printer_name: z.string().nullable(),
    percentage: z.number().nullable(),
    cancel_requested_at: z.date().nullable(),
    needs_review_at: z.date().nullable(),
    stop_requested_at: z.date().nullable(),
    kept_at: z.date().nullable(),
  })
  .transform((row) => ({
    id: row.id,
    storeId: row.store_id,
    orderId: row.order_id,
    lineItemId: row.line_item_id,
    queueItemId: row.queue_item_id,
    status: row.status,
    wanted: row.wanted,
    reprintNumber: row.reprint_number,
    replaced: row.replaced,
    simplyprintJobId: row.simplyprint_job_id,
    simplyprintJobUid: row.simplyprint_job_uid,
    printerName: row.printer_name,
    percentage: row.percentage,
    cancelRequestedAt: row.cancel_requested_at,
    needsReviewAt: row.needs_review_at,
    stopRequestedAt: row.stop_requested_at,
    keptAt: row.kept_at,
  }));
export type PrintRow = z.output<typeof printRow>;

const slotRow = z
  .object({ id: z.string(), line_item_id: z.string(), part_name: z.string(), status })
  .transform((row): Slot => ({ id: row.id, lineItemId: row.line_item_id, partName: row.part_name, status: row.status }));

const recipeRow = z
  .object({ line_item_id: z.string(), mapping_id: z.string(), kind: z.enum(['parts', 'none']), parts: z.unknown() })
  .transform((row) => ({
    lineItemId: row.line_item_id,
    // Written by us from a parsed mapping.
    recipe: { mappingId: row.mapping_id, kind: row.kind, parts: row.parts as Recipe['parts'] },
  }));

const countsRow = z.object({ sent: z.number(), completed: z.number(), failed: z.number() });

/** Where a print goes next, and what is known with it. */
export interface PrintChange {
  status: PrintJobStatus;
  printerId?: string | null;
  printerName?: string | null;
  percentage?: number | null;
  reason?: string | null;
}

/** The SQL of print_job and line_recipe. */
@Injectable()
export class PrintJobsRepository {
  constructor(private readonly db: Database) {}

  /** The wanted prints of an order, latest of each chain. */
  slots(tx: Tx, orderId: string): Promise<Slot[]> {
    return tx.sql.rows(slotRow)`
      SELECT p.id, p.line_item_id, q.part_name, p.status
      FROM print_job p JOIN queue_item q ON q.id = p.queue_item_id
      WHERE p.order_id = ${orderId} AND p.wanted AND NOT p.replaced
      ORDER BY p.id`;
  }

  async counts(tx: Tx, orderId: string): Promise<Pick<ProductionCounts, 'sent' | 'completed' | 'failed'>> {
    return tx.sql.one(countsRow)`
      SELECT
        count(*) FILTER (WHERE status <> 'PENDING')::int AS sent,
        count(*) FILTER (WHERE status = 'COMPLETED')::int AS completed,
        count(*) FILTER (WHERE status IN ('FAILED', 'CANCELLED'))::int AS failed
      FROM print_job WHERE order_id = ${orderId} AND wanted AND NOT replaced`;
  }

  async recipes(tx: Tx, orderId: string): Promise<Map<string, Recipe>> {
    const rows = await tx.sql.rows(recipeRow)`
      SELECT line_item_id, mapping_id, kind, parts FROM line_recipe WHERE order_id = ${orderId}`;
    return new Map(rows.map((row) => [row.lineItemId, row.recipe]));
  }

  async freezeRecipes(
    tx: Tx,
    order: { id: string; storeId: string },
    recipes: ReadonlyMap<string, Recipe>,
    now: Date,
  ): Promise<void> {
    const rows = [...recipes].map(([lineItemId, recipe]) => ({
      line_item_id: lineItemId,
      mapping_id: recipe.mappingId,
      kind: recipe.kind,
      parts: recipe.parts,
    }));
    if (rows.length === 0) return;
    await tx.sql`
      INSERT INTO line_recipe (line_item_id, store_id, order_id, mapping_id, kind, parts, created_at)
      SELECT line_item_id, ${order.storeId}, ${order.id}, mapping_id, kind, parts, ${now}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r (line_item_id uuid, mapping_id uuid, kind text, parts jsonb)
      ON CONFLICT (line_item_id) DO NOTHING`;
  }

  async insert(
    tx: Tx,
    prints: readonly {
      id: string;
      storeId: string;
      orderId: string;
      lineItemId: string;
      queueItemId: string;
      reprintOf?: string;
      reprintNumber?: number;
      job?: { id: string; uid: string | null };
    }[],
    now: Date,
  ): Promise<void> {
    const rows = prints.map((print) => ({
      id: print.id,
      store_id: print.storeId,
      order_id: print.orderId,
      line_item_id: print.lineItemId,
      queue_item_id: print.queueItemId,
      reprint_of: print.reprintOf ?? null,
      reprint_number: print.reprintNumber ?? 0,
      job_id: print.job?.id ?? null,
      job_uid: print.job?.uid ?? null,
    }));
    await tx.sql`
      INSERT INTO print_job (id, store_id, order_id, line_item_id, queue_item_id, reprint_of, reprint_number,
                             simplyprint_job_id, simplyprint_job_uid, created_at, updated_at)
      SELECT id, store_id, order_id, line_item_id, queue_item_id, reprint_of, reprint_number, job_id, job_uid, ${now}, ${now}
      FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS r
        (id uuid, store_id uuid, order_id uuid, line_item_id uuid, queue_item_id uuid, reprint_of uuid, reprint_number smallint,
         job_id text, job_uid text)`;
  }

  ofQueueItem(tx: { sql: Sql }, queueItemId: string): Promise<PrintRow[]> {
    return tx.sql.rows(printRow)`SELECT * FROM print_job WHERE queue_item_id = ${queueItemId} ORDER BY id`;
  }

  /** Whether a wanted print of this item has failed and nobody has decided about it. */
  async needsDecision(tx: Tx, queueItemId: string): Promise<boolean> {
    const { needs } = await tx.sql.one(z.object({ needs: z.boolean() }))`
      SELECT EXISTS (
        SELECT FROM print_job WHERE queue_item_id = ${queueItemId} AND status = 'FAILED' AND wanted AND NOT replaced) AS needs`;
    return needs;
  }

  get(tx: { sql: Sql }, storeId: string, id: string): Promise<PrintRow | undefined> {
    return tx.sql.maybe(printRow)`SELECT * FROM print_job WHERE id = ${id} AND store_id = ${storeId}`;
  }

  async byJobIds(storeId: string, jobIds: readonly string[]): Promise<Map<string, PrintRow>> {
    const rows = await this.db.sql.rows(printRow)`
      SELECT * FROM print_job WHERE store_id = ${storeId} AND simplyprint_job_id = ANY (${jobIds})`;
    return new Map(rows.map((row) => [row.simplyprintJobId ?? '', row]));
  }

  byJobId(tx: Tx, storeId: string, jobId: string): Promise<PrintRow | undefined> {
    return tx.sql.maybe(printRow)`
      SELECT * FROM print_job WHERE store_id = ${storeId} AND simplyprint_job_id = ${jobId}`;
  }

  /** Prints of a store that SimplyPrint has and that have not ended. */
  underWay(storeId: string): Promise<PrintRow[]> {
    return this.db.sql.rows(printRow)`
      SELECT * FROM print_job
      WHERE store_id = ${storeId} AND status IN ('PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING') AND queued_at IS NOT NULL
      ORDER BY id`;
  }

  /** Whether some print of a store has no job yet and may get one. */
  async awaitsJob(storeId: string): Promise<boolean> {
    const { waits } = await this.db.sql.one(z.object({ waits: z.boolean() }))`
      SELECT EXISTS (
        SELECT FROM print_job
        WHERE store_id = ${storeId} AND status IN ('PENDING', 'QUEUED', 'ASSIGNED') AND simplyprint_job_id IS NULL) AS waits`;
    return waits;
  }

  /** Whether SimplyPrint may have prints of this store under an id that we have not heard yet: an AddItem is under way, or its end unknown. */
  async beingAdded(storeId: string): Promise<boolean> {
    const { added } = await this.db.sql.one(z.object({ added: z.boolean() }))`
      SELECT EXISTS (
        SELECT FROM print_job p JOIN queue_item q ON q.id = p.queue_item_id
        WHERE p.store_id = ${storeId} AND p.status IN ('PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING') AND q.state = 'PENDING' AND q.intent_until IS NOT NULL) AS added`;
    return added;
  }

  async storesUnderWay(tx: Tx): Promise<string[]> {
    const rows = await tx.sql.rows(z.object({ store_id: z.string() }))`
      SELECT DISTINCT store_id FROM print_job WHERE status IN ('PENDING', 'QUEUED', 'ASSIGNED', 'PRINTING')`;
    return rows.map((row) => row.store_id);
  }

  /**
   * Binds a SimplyPrint job to the lowest print of its queue item that has none yet; wanted ones first. Answers
   * undefined when all have theirs. Unique by store and job, so that a second report binds nothing.
   */
  bind(tx: Tx, queueItemId: string, job: { id: string; uid: string | null }): Promise<PrintRow | undefined> {
    return tx.sql.maybe(printRow)`
      UPDATE print_job SET simplyprint_job_id = ${job.id}, simplyprint_job_uid = ${job.uid}
      WHERE id = (
        SELECT id FROM print_job
        WHERE queue_item_id = ${queueItemId} AND simplyprint_job_id IS NULL
          AND status IN ('PENDING', 'QUEUED', 'ASSIGNED')
        ORDER BY cancel_requested_at IS NOT NULL, id LIMIT 1)
      RETURNING *`;
  }

  /** A compare-and-set: touches nothing unless the print is in one of `from`. */
  async move(tx: Tx, id: string, from: readonly PrintJobStatus[], change: PrintChange, now: Date): Promise<boolean> {
    const started = change.status === 'PRINTING';
    const ended = change.status === 'COMPLETED' || change.status === 'FAILED' || change.status === 'CANCELLED';
    const touched = await tx.sql`
      UPDATE print_job SET
        status = ${change.status}, updated_at = ${now},
        printer_id = COALESCE(${change.printerId ?? null}, printer_id),
        printer_name = COALESCE(${change.printerName ?? null}, printer_name),
        percentage = COALESCE(${change.status === 'COMPLETED' ? 100 : (change.percentage ?? null)}::int, percentage),
        failed_reason = CASE WHEN ${change.status === 'FAILED' || change.status === 'CANCELLED'} THEN ${change.reason ?? null}::text END,
        queued_at = CASE WHEN ${change.status === 'CANCELLED' || change.status === 'FAILED'} THEN queued_at ELSE COALESCE(queued_at, ${now}) END,
        started_at = CASE WHEN ${started} THEN COALESCE(started_at, ${now}) ELSE started_at END,
        ended_at = CASE WHEN ${ended} THEN ${now}::timestamptz END
      WHERE id = ${id} AND status = ANY (${from})`;
    return touched === 1;
  }

  async progress(tx: Tx, id: string, percentage: number, printerName: string | null): Promise<void> {
    await tx.sql`
      UPDATE print_job SET percentage = ${percentage}::int, printer_name = COALESCE(${printerName}, printer_name)
      WHERE id = ${id} AND status = 'PRINTING' AND percentage IS DISTINCT FROM ${percentage}::int`;
  }

  async markReplaced(tx: Tx, id: string): Promise<void> {
    await tx.sql`UPDATE print_job SET replaced = true WHERE id = ${id}`;
  }

  /** Moves a waiting reprint over to the queue item that somebody revived by hand. */
  async rebind(tx: Tx, printId: string, queueItemId: string): Promise<void> {
    await tx.sql`UPDATE print_job SET queue_item_id = ${queueItemId} WHERE id = ${printId}`;
  }
}
