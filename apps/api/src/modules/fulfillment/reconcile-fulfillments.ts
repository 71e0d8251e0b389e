import type { ShopifyFulfillment } from '@forma3d/shopify';
import { isOpen, overlap, sameUnits, type FulfillmentRow } from './fulfillment-row';
import { mayBeOurs, VOID, type PlannableLine } from './plan-fulfillment';

/** What Shopify's list of fulfillments says about our rows. */
export interface Reconciliation {
  /** Calls whose answer got lost, and which did happen. */
  happened: { row: FulfillmentRow; fulfillment: ShopifyFulfillment }[];
  /** Calls whose answer got lost, and which did not happen. */
  didNotHappen: FulfillmentRow[];
  /** Made by somebody else. `row` is work of ours that it settles. */
  adopted: { row: FulfillmentRow | null; fulfillment: ShopifyFulfillment }[];
  /** Ours, or adopted, and since cancelled in Shopify. */
  cancelled: FulfillmentRow[];
}

/**
 * Compares our rows of an order with what Shopify shows. Every open intent must be past its deadline and settle time when
 * Shopify was read: only then does an absent fulfillment mean that the call did not happen.
 */
export function reconcile(
  rows: readonly FulfillmentRow[],
  fulfillments: readonly ShopifyFulfillment[],
  lines: readonly PlannableLine[],
): Reconciliation {
  const recorded = new Set(rows.map((row) => row.shopifyId));
  let unrecorded = fulfillments.filter((fulfillment) => !recorded.has(fulfillment.id));
  const result: Reconciliation = { happened: [], didNotHappen: [], adopted: [], cancelled: [] };

  for (const row of rows.filter((each) => each.intentUntil !== null)) {
    // Our call names every unit, so its fulfillment holds exactly those.
    const answer = unrecorded.find((each) => !row.knownBefore.includes(each.id) && sameUnits(each.lines, row.lines));
    if (answer) {
      result.happened.push({ row, fulfillment: answer });
      unrecorded = unrecorded.filter((each) => each !== answer);
    } else {
      result.didNotHappen.push(row);
    }
  }

  const ours = lines.filter((line) => mayBeOurs(line) && (line.exclusion === null || line.exclusion === 'already_fulfilled'));
  const ourIds = new Set(ours.map((line) => line.shopifyId));
  const unfinished = rows.filter((row) => row.shopifyId === null && (isOpen(row) || row.phase === 'failed'));
  const free = unfinished.filter((row) => !result.happened.some((each) => each.row === row));
  for (const fulfillment of unrecorded) {
    if (VOID.has(fulfillment.status) || !fulfillment.lines.some((line) => ourIds.has(line.lineItemId))) continue;
    const row = free.find((each) => overlap(each.lines, fulfillment.lines)) ?? free.find((each) => each.lines.length === 0) ?? null;
    if (row) free.splice(free.indexOf(row), 1);
    result.adopted.push({ row, fulfillment });
  }

  const cancelledThere = new Set(fulfillments.filter((each) => each.status === 'CANCELLED').map((each) => each.id));
  result.cancelled = rows.filter((row) => row.phase === 'succeeded' && row.shopifyId !== null && cancelledThere.has(row.shopifyId));
  return result;
}

export function isEmpty(result: Reconciliation): boolean {
  return [result.happened, result.didNotHappen, result.adopted, result.cancelled].every((part) => part.length === 0);
}
