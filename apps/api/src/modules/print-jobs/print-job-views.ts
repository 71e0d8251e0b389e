import { printJob, type PrintJobQuery, type PrintJobView } from '@forma3d/contracts';
import { Database, fragment, nothing } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { Injectable } from '@nestjs/common';
import { z } from 'zod';

const time = z.date().transform((date) => date.toISOString());

/** The row is the view, but for times: pg hands over dates. */
const viewRow = printJob.extend({
  cancel_requested_at: time.nullable(),
  needs_review_at: time.nullable(),
  stop_requested_at: time.nullable(),
  kept_at: time.nullable(),
  queued_at: time.nullable(),
  started_at: time.nullable(),
  ended_at: time.nullable(),
  created_at: time,
  updated_at: time,
});

const select = fragment`
  SELECT p.id, p.order_id, o.name AS order_name, p.line_item_id, l.title AS line_title, p.queue_item_id,
    q.simplyprint_id AS simplyprint_queue_item_id, p.simplyprint_job_id, q.part_name, q.file_id, q.file_name, p.status,
    p.wanted, p.reprint_of, p.reprint_number, p.printer_name AS printer, p.percentage, p.failed_reason,
    p.cancel_requested_at, p.needs_review_at, p.stop_requested_at, p.kept_at, p.queued_at, p.started_at, p.ended_at, p.created_at, p.updated_at
  FROM print_job p
  JOIN queue_item q ON q.id = p.queue_item_id
  JOIN line_item l ON l.id = p.line_item_id
  JOIN orders o ON o.id = p.order_id`;

/** Prints as people read them. */
@Injectable()
export class PrintJobViews {
  constructor(private readonly db: Database) {}

  /** Newest first; one row more than the limit when there is more. */
  list(storeId: string, query: PrintJobQuery, before: string | undefined): Promise<PrintJobView[]> {
    return this.db.sql.rows(viewRow)`${select}
      WHERE p.store_id = ${storeId}
        ${before === undefined ? nothing : fragment`AND p.id < ${before}`}
        ${query.status === undefined ? nothing : fragment`AND p.status = ${query.status}`}
        ${query.order_id === undefined ? nothing : fragment`AND p.order_id = ${query.order_id}`}
      ORDER BY p.id DESC LIMIT ${query.limit + 1}`;
  }

  async get(storeId: string, id: string): Promise<PrintJobView> {
    const row = await this.db.sql.maybe(viewRow)`${select} WHERE p.id = ${id} AND p.store_id = ${storeId}`;
    if (!row) throw new DomainError('print-job-not-found', 'There is no such print job.');
    return row;
  }
}
