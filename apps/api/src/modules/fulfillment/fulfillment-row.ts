import { FULFILLMENT, FULFILLMENT_PHASES, type FulfillmentPhase } from '@forma3d/contracts';
import { int, timestamptz, uuid } from '@forma3d/database';
import { canMove, DomainError, newId } from '@forma3d/kernel';
import type { ShopifyFulfillmentHeader } from '@forma3d/shopify';
import { z } from 'zod';
import type { PlannedLine } from './plan-fulfillment';

const line = z
  .object({
    fulfillment_order_id: z.string().nullable(),
    fulfillment_order_line_item_id: z.string().nullable(),
    line_item_id: z.string(),
    quantity: int,
  })
  .transform((row) => ({
    fulfillmentOrderId: row.fulfillment_order_id,
    fulfillmentOrderLineItemId: row.fulfillment_order_line_item_id,
    lineItemId: row.line_item_id,
    quantity: row.quantity,
  }));
/** Of an adopted fulfillment only the line items are known, not the fulfillment orders. */
export type FulfillmentLine = z.output<typeof line>;

/** A row of `fulfillment`, as the database holds it. */
export const fulfillmentRow = z
  .object({
    id: uuid,
    store_id: uuid,
    order_id: uuid,
    provider: z.enum(['shopify', 'manual']),
    phase: z.enum(FULFILLMENT_PHASES),
    generation: int,
    location_id: z.string().nullable(),
    shopify_id: z.string().nullable(),
    adopted: z.boolean(),
    forced: z.boolean(),
    notify_customer: z.boolean(),
    lines: z.array(line),
    intent_until: timestamptz.nullable(),
    known_before: z.array(z.string()).nullable(),
    tracking_number: z.string().nullable(),
    tracking_url: z.string().nullable(),
    tracking_company: z.string().nullable(),
    error: z.string().nullable(),
    prepared_at: timestamptz.nullable(),
    created_at: timestamptz,
    updated_at: timestamptz,
    succeeded_at: timestamptz.nullable(),
    failed_at: timestamptz.nullable(),
  })
  .transform((row) => ({
    id: row.id,
    storeId: row.store_id,
    orderId: row.order_id,
    provider: row.provider,
    phase: row.phase,
    generation: row.generation,
    locationId: row.location_id,
    shopifyId: row.shopify_id,
    adopted: row.adopted,
    forced: row.forced,
    notifyCustomer: row.notify_customer,
    lines: row.lines,
    /** A create was sent, or is about to be, and may be answered until then. Null once its outcome is known. */
    intentUntil: row.intent_until,
    /** Shopify's fulfillments of the order before it was sent. */
    knownBefore: row.known_before ?? [],
    trackingNumber: row.tracking_number,
    trackingUrl: row.tracking_url,
    trackingCompany: row.tracking_company,
    error: row.error,
    preparedAt: row.prepared_at,
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    succeededAt: row.succeeded_at,
    failedAt: row.failed_at,
  }));
export type FulfillmentRow = z.output<typeof fulfillmentRow>;

type Changes = Partial<Omit<FulfillmentRow, 'id' | 'storeId' | 'orderId' | 'phase' | 'createdAt' | 'updatedAt'>>;

/** Work on it may still go on. */
export function isOpen(row: FulfillmentRow): boolean {
  return row.phase !== 'succeeded' && row.phase !== 'failed' && row.phase !== 'cancelled';
}

/** It neither succeeded nor was cancelled: a cancelled order ends it. */
export function isUnsettled(row: FulfillmentRow): boolean {
  return isOpen(row) || row.phase === 'failed';
}

/** A row that is not in the database yet. */
export function newRow(
  of: { storeId: string; orderId: string; generation: number },
  phase: FulfillmentPhase,
  changes: Changes,
  now: Date,
): FulfillmentRow {
  return {
    id: newId(),
    storeId: of.storeId,
    orderId: of.orderId,
    provider: 'shopify',
    phase,
    generation: of.generation,
    locationId: null,
    shopifyId: null,
    adopted: false,
    forced: false,
    notifyCustomer: true,
    lines: [],
    intentUntil: null,
    knownBefore: [],
    trackingNumber: null,
    trackingUrl: null,
    trackingCompany: null,
    error: null,
    preparedAt: null,
    createdAt: now,
    updatedAt: now,
    succeededAt: phase === 'succeeded' ? now : null,
    failedAt: phase === 'failed' ? now : null,
    ...changes,
  };
}

/**
 * The row after a step to another phase (or a change within one). A row has one outcome: a success takes the mark of an
 * earlier failure away.
 *
 * @throws DomainError `illegal-transition`
 */
export function moved(row: FulfillmentRow, to: FulfillmentPhase, changes: Changes, now: Date): FulfillmentRow {
  if (row.phase !== to && !canMove(FULFILLMENT, row.phase, to)) {
    throw new DomainError('illegal-transition', `A fulfillment that is ${row.phase} cannot become ${to}.`, { phase: row.phase });
  }
  return {
    ...row,
    phase: to,
    updatedAt: now,
    ...(to === 'succeeded' ? { succeededAt: row.succeededAt ?? now, failedAt: null, error: null } : {}),
    ...(to === 'failed' ? { failedAt: row.failedAt ?? now } : {}),
    ...changes,
  };
}

/** What a fulfillment at Shopify says of its own row. */
export function answerOf(fulfillment: ShopifyFulfillmentHeader): Changes {
  return {
    shopifyId: fulfillment.id,
    intentUntil: null,
    trackingNumber: fulfillment.trackingNumber,
    trackingUrl: fulfillment.trackingUrl,
    trackingCompany: fulfillment.trackingCompany,
  };
}

/** The row that stands for a piece of work: the one begun earlier for that location, else none. */
export function rowFor(rows: readonly FulfillmentRow[], locationId: string | null, lines: readonly PlannedLine[]): FulfillmentRow | undefined {
  const unfinished = rows.filter((row) => row.shopifyId === null && row.intentUntil === null && (isOpen(row) || row.phase === 'failed'));
  return (
    unfinished.find((row) => row.lines.length > 0 && row.locationId === locationId && overlap(row.lines, lines)) ??
    // Trouble before anything was planned is noted on a row without lines.
    unfinished.find((row) => row.lines.length === 0)
  );
}

interface Units {
  lineItemId: string;
  quantity: number;
}

export function overlap(a: readonly Units[], b: readonly Units[]): boolean {
  return a.some((line) => b.some((other) => other.lineItemId === line.lineItemId));
}

/** The same quantities of the same line items, however they are split. */
export function sameUnits(a: readonly Units[], b: readonly Units[]): boolean {
  const left = unitsByLine(a);
  const right = unitsByLine(b);
  return left.size === right.size && [...left].every(([id, quantity]) => right.get(id) === quantity);
}

function unitsByLine(lines: readonly Units[]): Map<string, number> {
  const units = new Map<string, number>();
  for (const { lineItemId, quantity } of lines) units.set(lineItemId, (units.get(lineItemId) ?? 0) + quantity);
  return units;
}
