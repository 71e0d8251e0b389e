import { z } from 'zod';
import { REDACTIONS } from './privacy';
import {
  FULFILMENT_TYPES,
  ORDER_STATUSES,
  PRINT_JOB_STATUSES,
  PRODUCTION_STATUSES,
} from './states';

export const SEVERITIES = ['INFO', 'WARNING', 'ERROR'] as const;
export type Severity = (typeof SEVERITIES)[number];

const id = z.uuid();

/** What every event of an order carries beside its own facts. Payloads hold ids and values, never personal data. */
const ofOrder = { order_id: id };
const ofPrintJob = { ...ofOrder, print_job_id: id };
const ofFulfillment = { ...ofOrder, fulfillment_id: id.nullable() };

/** Counts over the wanted prints of an order, latest of each reprint chain. */
export const productionCounts = z.object({
  /** Prints wanted in all, also those not yet made into rows because their line is held. */
  wanted: z.number().int().nonnegative(),
  /** Of these: known to SimplyPrint or further. */
  sent: z.number().int().nonnegative(),
  completed: z.number().int().nonnegative(),
  /** Failed with no reprint to come. */
  failed: z.number().int().nonnegative(),
  /** Line items that have no product mapping. */
  unmapped: z.number().int().nonnegative(),
});
export type ProductionCounts = z.infer<typeof productionCounts>;

/**
 * Every fact the system can tell, by type. Past tense. Adding a field is free; changing or removing one asks for a new
 * version. The table is complete for the types in use; a type joins with the first code that publishes it.
 */
export const EVENTS = {
  'order.created': z.object({ ...ofOrder, name: z.string(), source: z.string(), placed_at: z.iso.datetime() }),
  'order.paid': z.object(ofOrder),
  'order.updated': z.object({ ...ofOrder, changes: z.array(z.string()) }),
  'order.status-changed': z.object({
    ...ofOrder,
    old_status: z.enum(ORDER_STATUSES),
    new_status: z.enum(ORDER_STATUSES),
    fulfilment_type: z.enum(FULFILMENT_TYPES),
  }),
  'order.production-changed': z.object({
    ...ofOrder,
    old_status: z.enum(PRODUCTION_STATUSES),
    new_status: z.enum(PRODUCTION_STATUSES),
    counts: productionCounts,
  }),
  'order.ready-for-fulfillment': z.object({ ...ofOrder, generation: z.number().int().positive() }),
  'order.cancelled': z.object({ ...ofOrder, reason: z.string().nullable() }),
  'order.needs-attention': z.object({ order_id: id.nullable(), attention_id: id, kind: z.string(), message: z.string() }),
  'product-mapping.saved': z.object({ product_mapping_id: id, sku: z.string().nullable(), variant_id: z.string().nullable() }),
  'queue-item.added': z.object({
    ...ofOrder,
    queue_item_id: id,
    simplyprint_queue_item_id: z.string(),
    amount: z.number().int().positive(),
    file_name: z.string().nullable(),
    /** True when it was found after an answer had been lost, instead of being added now. */
    found: z.boolean(),
  }),
  'print-job.status-changed': z.object({
    ...ofPrintJob,
    old_status: z.enum(PRINT_JOB_STATUSES),
    new_status: z.enum(PRINT_JOB_STATUSES),
    printer: z.string().nullable(),
    reason: z.string().nullable(),
  }),
  'print-job.completed': z.object(ofPrintJob),
  /** `wanted`: false when its order does not want it any more, so that nobody has anything to decide. */
  'print-job.failed': z.object({ ...ofPrintJob, reason: z.string().nullable(), will_reprint: z.boolean(), wanted: z.boolean().default(true) }),
  'print-job.reprint-started': z.object({ ...ofPrintJob, reprint_of: id, reprint_number: z.number().int().positive() }),
  'print-job.needs-review': z.object({ ...ofPrintJob, reason: z.string() }),
  'fulfillment.created': z.object({
    ...ofFulfillment,
    provider: z.string(),
    shopify_fulfillment_id: z.string().nullable(),
    /** True when it was made elsewhere and found by us. */
    adopted: z.boolean(),
    tracking_number: z.string().nullable(),
    notified_customer: z.boolean().nullable(),
  }),
  'fulfillment.updated': z.object({ ...ofFulfillment, tracking_number: z.string().nullable() }),
  'fulfillment.retrying': z.object({ ...ofFulfillment, reason: z.string(), retry_at: z.iso.datetime().nullable() }),
  'fulfillment.failed': z.object({ ...ofFulfillment, reason: z.string(), will_retry: z.literal(false) }),
  'fulfillment.forced': z.object({ ...ofOrder, forced: z.boolean() }),
  'fulfillment.cancelled': z.object(ofFulfillment),
  'task.failed': z.object({
    order_id: id.nullable(),
    task_id: id,
    task_type: z.string(),
    failures: z.number().int(),
    reason: z.string(),
  }),
  'cancellation.needs-review': z.object({ ...ofOrder, print_job_ids: z.array(id), reason: z.string() }),
  'sync.failed': z.object({ run_id: id, reason: z.string() }),
  'metrics.drift-corrected': z.object({ start_date: z.iso.date(), end_date: z.iso.date(), cells_corrected: z.number().int().positive() }),
  'webhook-subscription.lost': z.object({ system: z.enum(['shopify', 'simplyprint']), topics: z.array(z.string()) }),
  'store.uninstalled': z.object({ shop_domain: z.string() }),
  /** Shopify accepts us again after the app had been uninstalled. */
  'store.reinstalled': z.object({ shop_domain: z.string() }),
  /** Personal data were redacted, as Shopify asked. Figures stay as they were. */
  'privacy.redacted': z.object({ request_id: id, kind: z.enum(REDACTIONS), orders: z.number().int(), deliveries: z.number().int() }),
  /** A person asked for a test of the ways to people. */
  'notifications.tested': z.object({ batch_id: id }),
  'alert.sent': z.object({
    /** The order, where one mail or request told of one order alone. */
    order_id: id.nullable(),
    kind: z.string(),
    channel: z.string(),
    /** How many alerts it told of. */
    count: z.number().int().positive(),
  }),
} as const;

export type EventType = keyof typeof EVENTS;
export type EventPayload<T extends EventType> = z.input<(typeof EVENTS)[T]>;
export const EVENT_TYPES = Object.keys(EVENTS) as EventType[];

/** Severity when the publisher names none. */
export const DEFAULT_SEVERITY: Partial<Record<EventType, Severity>> = {
  'order.cancelled': 'WARNING',
  'order.needs-attention': 'WARNING',
  'print-job.failed': 'WARNING',
  'print-job.needs-review': 'WARNING',
  'fulfillment.retrying': 'WARNING',
  'fulfillment.forced': 'WARNING',
  'fulfillment.failed': 'ERROR',
  'task.failed': 'ERROR',
  'cancellation.needs-review': 'WARNING',
  'sync.failed': 'ERROR',
  'metrics.drift-corrected': 'WARNING',
  'webhook-subscription.lost': 'WARNING',
  'store.uninstalled': 'ERROR',
};

/** An event as it stands in the log. `aggregate_id` is what it is about; `order_id` whose timeline it belongs to. */
export interface EventEnvelope<T extends EventType = EventType> {
  id: string;
  seq: string;
  xid: string;
  type: T;
  version: number;
  severity: Severity;
  occurred_at: Date;
  store_id: string;
  aggregate_id: string;
  order_id: string | null;
  actor: string;
  correlation_id: string | null;
  causation_id: string | null;
  payload: EventPayload<T>;
}
