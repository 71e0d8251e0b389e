import type { StorePolicies } from '@forma3d/contracts';
import type { OrderRow } from '../orders';
import type { FulfillmentRow } from './fulfillment-row';
import type { FulfillmentRequest } from './fulfillment.repository';
import type { Release } from './plan-fulfillment';

/** Everything that is ours to make is made, and the order was declared ready for it. */
export function isReady(order: OrderRow): boolean {
  return (
    order.plannedAt !== null &&
    order.readyGeneration >= order.generation &&
    order.linesUnmapped === 0 &&
    order.printsFailed === 0 &&
    order.printsCompleted >= order.printsWanted
  );
}

/** What may be handed over now: as policies say, or as a person does. */
export function releaseOf(
  order: OrderRow,
  policies: Pick<StorePolicies, 'fulfill_on'>,
  request: Pick<FulfillmentRequest, 'forced'> | undefined,
): Release {
  const nothing = { everything: false, shipping: false, pickup: false, prepare: false };
  if (request?.forced) return { ...nothing, everything: true };
  if (!isReady(order)) return nothing;
  if (request) return { ...nothing, shipping: true, pickup: true };
  const shipped = order.status === 'shipped' || order.status === 'delivered';
  return {
    everything: false,
    shipping: policies.fulfill_on === 'production_complete' || shipped,
    pickup: order.status === 'completed',
    prepare: true,
  };
}

/**
 * A fulfillment of this generation that failed for good, or was cancelled in Shopify, is a person's to start again: doing
 * it by ourselves would repeat what was refused, or undo what somebody meant.
 */
export function needsPerson(order: OrderRow, rows: readonly FulfillmentRow[]): boolean {
  return wasCancelledThere(order, rows) || rows.some((row) => row.generation === order.generation && row.phase === 'failed');
}

/** Somebody cancelled a fulfillment of this generation in Shopify, and meant something by it. */
export function wasCancelledThere(order: OrderRow, rows: readonly FulfillmentRow[]): boolean {
  return rows.some((row) => row.generation === order.generation && row.phase === 'cancelled' && row.shopifyId !== null);
}
