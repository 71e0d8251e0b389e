import type { ShopifyOrder } from '@forma3d/shopify';
import { hasState } from './lifecycle';
import type { LineRow, OrderRow } from './order-row';
import { fulfilmentTypeOf, lineSnapshot, type LineSnapshot } from './order-snapshot';
import type { RecordedFacts } from './recording.repository';

/** What a report of an order changes in what we know of it. */
export interface RecordedChanges {
  facts: RecordedFacts;
  factsChanged: boolean;
  becamePaid: boolean;
  /** When and why the shop cancelled it; null unless that is news. */
  cancelled: { at: Date; reason: string | null } | null;
  quantities: { shopify_id: string; current_quantity: number }[];
  addedLines: LineSnapshot[];
  /** What production must know of, in words; empty when it need not. */
  production: string[];
  /** It is newer than all before. */
  newer: boolean;
  /** It is older than what is known, and was left out. */
  older: boolean;
  /** It is of the same second as what is known and says otherwise: Shopify must be asked. */
  unclear: boolean;
}

const PAID = new Set<string | null>(['PAID', 'PARTIALLY_REFUNDED', 'REFUNDED']);

/**
 * Compares a report with what is known. An older one changes nothing. Of the same second as the newest (Shopify's clock
 * has no finer, so two different reports can share it) a webhook adds only what never goes back: paid and cancelled;
 * an order read from Shopify itself counts in full. The fulfilment type is corrected once, as soon as fulfillment orders
 * tell it.
 */
export function recordedChanges(known: OrderRow, lines: readonly LineRow[], order: ShopifyOrder): RecordedChanges {
  const age = known.shopifyUpdatedAt === null ? 1 : order.updatedAt.getTime() - known.shopifyUpdatedAt.getTime();
  const full = age > 0 || (age === 0 && order.fulfillmentOrders !== null);
  const forward = age >= 0;
  const becamePaid = forward && known.paidAt === null && PAID.has(order.financialStatus);
  const cancelled =
    forward && known.cancelledAt === null && order.cancelledAt !== null ? { at: order.cancelledAt, reason: order.cancelReason } : null;
  const byId = new Map(lines.map((line) => [line.shopifyId, line]));
  const changed = order.lineItems.filter((line) => {
    const before = byId.get(line.id);
    return before !== undefined && before.currentQuantity !== line.currentQuantity;
  });
  const added = order.lineItems.filter((line) => !byId.has(line.id));
  const type = typeFacts(known, order);
  const facts: RecordedFacts = {
    financialStatus: full || becamePaid ? order.financialStatus : known.financialStatus,
    shopifyUpdatedAt: age > 0 || known.shopifyUpdatedAt === null ? order.updatedAt : known.shopifyUpdatedAt,
    // Shopify does not say when it was paid: at the latest when we first hear so; when placed, if we hear so first.
    paidAt: becamePaid ? (known.shopifyUpdatedAt === null ? order.processedAt : order.updatedAt) : known.paidAt,
    ...type,
  };
  const quantities = full ? changed : [];
  const addedLines = full ? added : [];
  const production: string[] = [];
  if (quantities.length > 0) production.push('quantities');
  if (addedLines.length > 0) production.push('lines');
  if (type.fulfilmentType !== known.fulfilmentType) production.push('fulfilment_type');
  return {
    facts,
    factsChanged: differs(facts, known),
    becamePaid,
    cancelled,
    quantities: quantities.map((line) => ({ shopify_id: line.id, current_quantity: line.currentQuantity })),
    addedLines: addedLines.map((line, index) => lineSnapshot(line, nextPosition(lines) + index)),
    production,
    newer: age > 0,
    older: age < 0,
    unclear: age === 0 && !full && (changed.length > 0 || added.length > 0),
  };
}

/** How the order reaches the customer, as its fulfillment orders tell it; once they have told, it stays. */
export function typeFacts(
  known: OrderRow,
  order: Pick<ShopifyOrder, 'fulfillmentOrders'>,
): Pick<RecordedFacts, 'fulfilmentType' | 'fulfilmentTypeFinal' | 'shippingStatus'> {
  const { fulfilmentType, fulfilmentTypeFinal, shippingStatus } = known;
  const told = fulfilmentTypeOf(order);
  if (fulfilmentTypeFinal || told === undefined) return { fulfilmentType, fulfilmentTypeFinal, shippingStatus };
  // An order that a person has moved to a state of its own type keeps that type.
  if (told === fulfilmentType || !hasState(told, known.status)) {
    return { fulfilmentType, fulfilmentTypeFinal: true, shippingStatus };
  }
  return { fulfilmentType: told, fulfilmentTypeFinal: true, shippingStatus: told === 'pickup' ? null : 'pending' };
}

function differs(facts: RecordedFacts, known: OrderRow): boolean {
  return (
    facts.financialStatus !== known.financialStatus ||
    facts.shopifyUpdatedAt.getTime() !== known.shopifyUpdatedAt?.getTime() ||
    facts.paidAt?.getTime() !== known.paidAt?.getTime() ||
    facts.fulfilmentType !== known.fulfilmentType ||
    facts.fulfilmentTypeFinal !== known.fulfilmentTypeFinal
  );
}

function nextPosition(lines: readonly LineRow[]): number {
  return lines.reduce((next, line) => Math.max(next, line.position + 1), 0);
}
