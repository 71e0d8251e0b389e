import { z } from 'zod';
import { pageOf, pageQuery } from './pagination';
import { PRINT_JOB_STATUSES } from './states';

export const printJob = z
  .object({
    id: z.uuid(),
    order_id: z.uuid(),
    order_name: z.string(),
    line_item_id: z.uuid(),
    line_title: z.string(),
    queue_item_id: z.uuid(),
    simplyprint_queue_item_id: z.string().nullable(),
    simplyprint_job_id: z.string().nullable(),
    part_name: z.string(),
    file_id: z.string(),
    file_name: z.string().nullable(),
    status: z.enum(PRINT_JOB_STATUSES),
    wanted: z.boolean().meta({ description: 'False when an edit or a cancellation made it surplus.' }),
    reprint_of: z.uuid().nullable(),
    reprint_number: z.number().int(),
    printer: z.string().nullable(),
    percentage: z.number().int().nullable(),
    failed_reason: z.string().nullable(),
    cancel_requested_at: z.iso.datetime().nullable(),
    needs_review_at: z.iso.datetime().nullable(),
    stop_requested_at: z.iso.datetime().nullable().meta({ description: 'A person had it stopped on its printer; it is cancelled once SimplyPrint says so.' }),
    kept_at: z.iso.datetime().nullable().meta({ description: 'A person lets it finish although it is no longer wanted.' }),
    queued_at: z.iso.datetime().nullable(),
    started_at: z.iso.datetime().nullable(),
    ended_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'PrintJob' });
export type PrintJobView = z.output<typeof printJob>;
export const printJobPage = pageOf(printJob).meta({ id: 'PrintJobPage' });

export const printJobQuery = pageQuery.extend({
  status: z.enum(PRINT_JOB_STATUSES).optional(),
  order_id: z.uuid().optional(),
});
export type PrintJobQuery = z.output<typeof printJobQuery>;

/** An operator's word against SimplyPrint's: the only move of a print that has ended. Audited. */
export const forcePrintJobStatus = z
  .strictObject({
    status: z.enum(['COMPLETED', 'FAILED', 'CANCELLED']),
    reason: z.string().trim().min(3).max(500),
  })
  .meta({ id: 'ForcePrintJobStatus', example: { status: 'COMPLETED', reason: 'Printed by hand on the spare printer.' } });
export type ForcePrintJobStatus = z.output<typeof forcePrintJobStatus>;
