import type { OrderStatus, ProductionCounts, ProductionStatus } from '@forma3d/contracts';
import { storePolicies } from '@forma3d/contracts';
import { timestamptz, type Sql } from '@forma3d/database';
import { z } from 'zod';
import { lineColumns, lineRow, orderColumns, orderRow, type LineRow, type OrderRow } from './order-row';

/** Anything that runs SQL: a transaction, or the database outside of one. */
export interface Reader {
  readonly sql: Sql;
}

export function lockOrder(tx: Reader, orderId: string): Promise<OrderRow | undefined> {
  return tx.sql.maybe(orderRow)`SELECT ${orderColumns} FROM orders o WHERE o.id = ${orderId} FOR UPDATE`;
}

export function lockShopifyOrder(tx: Reader, storeId: string, shopifyId: string): Promise<OrderRow | undefined> {
  return tx.sql.maybe(orderRow)`
    SELECT ${orderColumns} FROM orders o WHERE o.store_id = ${storeId} AND o.shopify_id = ${shopifyId} FOR UPDATE`;
}

export function findOrder(db: Reader, storeId: string, orderId: string): Promise<OrderRow | undefined> {
  return db.sql.maybe(orderRow)`
    SELECT ${orderColumns} FROM orders o WHERE o.id = ${orderId} AND o.store_id = ${storeId}`;
}

/** How far our own fulfilling of an order is, as far as we know: all done, perhaps under way, or neither. */
export async function fulfilling(db: Reader, storeId: string, shopifyId: string): Promise<'done' | 'begun' | 'no'> {
  const row = await db.sql.maybe(z.object({ state: z.enum(['done', 'begun', 'no']) }))`
    SELECT CASE WHEN fulfilled_at IS NOT NULL THEN 'done' WHEN production_status = 'COMPLETED' THEN 'begun' ELSE 'no' END AS state
    FROM orders WHERE store_id = ${storeId} AND shopify_id = ${shopifyId}`;
  return row?.state ?? 'no';
}

export function linesOf(db: Reader, orderId: string): Promise<LineRow[]> {
  return db.sql.rows(lineRow)`SELECT ${lineColumns} FROM line_item l WHERE l.order_id = ${orderId} ORDER BY l.position, l.id`;
}

const storeDecisions = z.object({ policies: storePolicies, produceOrdersFrom: timestamptz });
/** What a store decided about its orders. */
export type StoreDecisions = z.output<typeof storeDecisions>;

/**
 * Read on the caller's own connection, never through a cache that may ask the pool for another: a hundred transactions
 * that each wait for a second connection would wait for each other.
 */
export function decisionsOf(tx: Reader, storeId: string): Promise<StoreDecisions> {
  return tx.sql.one(storeDecisions)`
    SELECT policies, produce_orders_from AS "produceOrdersFrom" FROM store WHERE id = ${storeId}`;
}

export interface LinePlan {
  lineItemId: string;
  /** Units for us to make. */
  wanted: number;
  /** Of these: not to be started yet. */
  held: number;
  fulfilledBefore: number;
  /** Why none of it is for us to make. */
  exclusion: string | null;
  /** Why no mapping fits. */
  unmappedReason: string | null;
}

/**
 * Writes what a plan decided. Wanting more units of any line after the order was ready starts a new generation, so that
 * what was added is fulfilled too, also where as much was taken away elsewhere; the order is no longer fulfilled then.
 */
export async function writePlan(tx: Reader, orderId: string, plans: readonly LinePlan[], now: Date): Promise<void> {
  const decided = JSON.stringify(plans);
  const { grew } = await tx.sql.one(z.object({ grew: z.boolean() }))`
    SELECT EXISTS (
      SELECT FROM jsonb_to_recordset(${decided}::jsonb) AS p ("lineItemId" uuid, wanted int)
      JOIN line_item l ON l.id = p."lineItemId" AND l.order_id = ${orderId}
      WHERE p.wanted > COALESCE(l.wanted, 0)) AS grew`;
  await tx.sql`
    UPDATE line_item l SET wanted = p.wanted, held = p.held,
      held_since = CASE WHEN p.held > 0 THEN COALESCE(l.held_since, ${now}) END, fulfilled_before = p."fulfilledBefore",
      exclusion = p.exclusion, unmapped_reason = p."unmappedReason"
    FROM jsonb_to_recordset(${decided}::jsonb) AS p
      ("lineItemId" uuid, wanted int, held int, "fulfilledBefore" int, exclusion text, "unmappedReason" text)
    WHERE l.id = p."lineItemId" AND l.order_id = ${orderId}
      AND (l.wanted, l.held, l.fulfilled_before, l.exclusion, l.unmapped_reason)
        IS DISTINCT FROM (p.wanted, p.held, p."fulfilledBefore", p.exclusion, p."unmappedReason")`;
  await tx.sql`
    UPDATE orders o SET units_wanted = units.wanted, planned_at = COALESCE(o.planned_at, ${now}), updated_at = ${now},
      generation = CASE WHEN o.ready_generation = o.generation AND ${grew} THEN o.generation + 1 ELSE o.generation END,
      fulfilled_at = CASE WHEN o.planned_at IS NOT NULL AND ${grew} THEN NULL ELSE o.fulfilled_at END
    FROM (SELECT COALESCE(sum(wanted), 0)::int AS wanted FROM line_item WHERE order_id = ${orderId}) AS units
    WHERE o.id = ${orderId} AND (o.planned_at IS NULL OR o.units_wanted <> units.wanted OR ${grew})`;
}

export interface ProductionChange extends ProductionCounts {
  productionStatus: ProductionStatus;
  generation: number;
  readyGeneration: number;
}

export async function writeProduction(tx: Reader, orderId: string, change: ProductionChange, now: Date): Promise<void> {
  await tx.sql`
    UPDATE orders SET production_status = ${change.productionStatus}, generation = ${change.generation},
      ready_generation = ${change.readyGeneration}, prints_wanted = ${change.wanted}, prints_sent = ${change.sent},
      prints_completed = ${change.completed}, prints_failed = ${change.failed}, lines_unmapped = ${change.unmapped},
      updated_at = ${now}
    WHERE id = ${orderId}`;
}

/** A compare-and-set move of the lifecycle; timestamps are set once. Answers false when `from` is no longer the status. */
export async function writeStatus(
  tx: Reader,
  orderId: string,
  move: { from: OrderStatus; to: OrderStatus },
  now: Date,
): Promise<boolean> {
  const { from, to } = move;
  const touched = await tx.sql`
    UPDATE orders SET status = ${to}, updated_at = ${now},
      accepted_at = CASE WHEN ${to === 'accepted'} THEN COALESCE(accepted_at, ${now}) ELSE accepted_at END,
      ready_at = CASE WHEN ${to === 'ready' || to === 'shipped'} THEN COALESCE(ready_at, ${now}) ELSE ready_at END,
      completed_at = CASE WHEN ${to === 'completed' || to === 'delivered'} THEN COALESCE(completed_at, ${now})
                          ELSE completed_at END,
      shipping_status = CASE WHEN ${to === 'shipped' || to === 'delivered'} THEN ${to} ELSE shipping_status END
    WHERE id = ${orderId} AND status = ${from}`;
  return touched === 1;
}

export async function writeCancelled(tx: Reader, orderId: string, said: { at: Date; reason: string | null }, now: Date): Promise<void> {
  await tx.sql`UPDATE orders SET cancelled_at = ${said.at}, cancel_reason = ${said.reason}, updated_at = ${now} WHERE id = ${orderId}`;
}

export async function writeFulfillmentFailed(tx: Reader, orderId: string, failed: boolean, now: Date): Promise<void> {
  await tx.sql`UPDATE orders SET fulfillment_failed = ${failed}, updated_at = ${now} WHERE id = ${orderId}`;
}

/** Shopify's fulfillments that count as standing here, among these. */
export async function areStanding(tx: Reader, orderId: string, fulfillments: readonly string[]): Promise<boolean> {
  const { standing } = await tx.sql.one(z.object({ standing: z.boolean() }))`
    SELECT EXISTS (
      SELECT FROM fulfillment WHERE order_id = ${orderId} AND phase = 'succeeded' AND shopify_id = ANY (${fulfillments}::text[])) AS standing`;
  return standing;
}

/** A parcel as Shopify has it. */
export interface Parcel {
  shopifyId: string | null;
  trackingNumber: string | null;
  trackingUrl: string | null;
  trackingCompany: string | null;
}

/**
 * Without the parcel that is gone. Its tracking goes with it: a parcel that is sent instead would be announced with it.
 *
 * @param left the latest one that stands, if any does
 */
export async function writeUnfulfilled(tx: Reader, orderId: string, gone: Parcel, left: Parcel | undefined, now: Date): Promise<void> {
  await tx.sql`UPDATE orders SET fulfilled_at = NULL, shopify_fulfillment_id = ${left?.shopifyId ?? null}, updated_at = ${now} WHERE id = ${orderId}`;
  await tx.sql`
    UPDATE orders SET tracking_number = ${left?.trackingNumber ?? null}, tracking_url = ${left?.trackingUrl ?? null}, tracking_company = ${left?.trackingCompany ?? null}
    WHERE id = ${orderId} AND tracking_number = ${gone.trackingNumber}`;
}

export interface FulfilledFacts {
  shopifyFulfillmentId: string | null;
  trackingNumber: string | null;
  trackingUrl: string | null;
  trackingCompany: string | null;
  /** Everything of ours is fulfilled now. */
  complete: boolean;
}

export async function writeFulfilled(tx: Reader, orderId: string, facts: FulfilledFacts, now: Date): Promise<void> {
  await tx.sql`
    UPDATE orders SET fulfillment_failed = false, updated_at = ${now},
      fulfilled_at = CASE WHEN ${facts.complete} THEN COALESCE(fulfilled_at, ${now}) ELSE fulfilled_at END,
      shopify_fulfillment_id = COALESCE(${facts.shopifyFulfillmentId}, shopify_fulfillment_id),
      tracking_number = COALESCE(${facts.trackingNumber}, tracking_number),
      tracking_url = COALESCE(${facts.trackingUrl}, tracking_url),
      tracking_company = COALESCE(${facts.trackingCompany}, tracking_company)
    WHERE id = ${orderId}`;
}
