import type { FulfillmentOrderRecord, LineRecord, OrderRecord } from './shop-types';

/** Sums of an order in minor units: `original` as it was bought, `current` without removed and refunded units. */
export interface OrderSums {
  subtotal: number;
  discounts: number;
  tax: number;
  shipping: number;
  tips: number;
  total: number;
  currentSubtotal: number;
  currentDiscounts: number;
  currentTax: number;
  currentTotal: number;
  received: number;
  paidBack: number;
}

/** The part of a line's discounts that belongs to `quantity` of its units, rounded to a cent. */
export function discountShare(line: LineRecord, quantity: number): number {
  return line.quantity === 0 ? 0 : Math.round((line.discountCents * quantity) / line.quantity);
}

/** What `quantity` units of a line cost after discounts; with its tax inside where prices include it. */
export function linePrice(line: LineRecord, quantity: number): number {
  return line.unitPriceCents * quantity - discountShare(line, quantity);
}

export function lineTax(line: LineRecord, quantity: number, included: boolean): number {
  const price = linePrice(line, quantity);
  return Math.round(included ? price - price / (1 + line.taxRate) : price * line.taxRate);
}

export function sumsOf(order: OrderRecord): OrderSums {
  const goods = order.lines.filter((line) => !line.tip);
  const tips = sum(order.lines.filter((line) => line.tip), (line) => linePrice(line, line.quantity));
  const subtotal = sum(goods, (line) => linePrice(line, line.quantity));
  const tax = sum(order.lines, (line) => lineTax(line, line.quantity, order.taxesIncluded));
  const currentSubtotal = sum(goods, (line) => linePrice(line, line.currentQuantity));
  const currentTax = sum(order.lines, (line) => lineTax(line, line.currentQuantity, order.taxesIncluded));
  const shipping = order.shippingLine?.priceCents ?? 0;
  const shippingBack = sum(order.refunds, (refund) => refund.shippingCents);
  return {
    subtotal,
    discounts: sum(order.lines, (line) => line.discountCents),
    tax,
    shipping,
    tips,
    total: subtotal + tips + shipping + (order.taxesIncluded ? 0 : tax),
    currentSubtotal,
    currentDiscounts: sum(order.lines, (line) => discountShare(line, line.currentQuantity)),
    currentTax,
    currentTotal:
      currentSubtotal + tips + Math.max(0, shipping - shippingBack) + (order.taxesIncluded ? 0 : currentTax),
    received: sum(order.transactions, (t) => (t.kind === 'sale' ? t.amountCents : 0)),
    paidBack: sum(order.transactions, (t) => (t.kind === 'refund' ? t.amountCents : 0)),
  };
}

export type FinancialStatus = 'PENDING' | 'PARTIALLY_PAID' | 'PAID' | 'PARTIALLY_REFUNDED' | 'REFUNDED' | 'VOIDED';

export function financialStatus(order: OrderRecord): FinancialStatus {
  const sums = sumsOf(order);
  const paidAtAll = order.transactions.some((transaction) => transaction.kind === 'sale');
  if (!paidAtAll) return order.cancelledAt ? 'VOIDED' : 'PENDING';
  if (sums.paidBack > 0) return sums.paidBack >= sums.received ? 'REFUNDED' : 'PARTIALLY_REFUNDED';
  return sums.received < sums.currentTotal ? 'PARTIALLY_PAID' : 'PAID';
}

/** Tips are never fulfilled; everything else is, by somebody. */
export function isFulfillable(line: LineRecord): boolean {
  return !line.tip;
}

export function fulfilledQuantity(order: OrderRecord, lineId: string): number {
  return sum(
    order.fulfillments.filter((fulfillment) => fulfillment.status === 'SUCCESS'),
    (fulfillment) => sum(fulfillment.lines, (line) => (line.lineItemId === lineId ? line.quantity : 0)),
  );
}

/** Units that somebody still has to fulfill. */
export function unfulfilledQuantity(order: OrderRecord, line: LineRecord): number {
  if (!isFulfillable(line)) return 0;
  if (!order.routed) return line.currentQuantity;
  return sum(order.fulfillmentOrders.filter(isOpen), (fulfillmentOrder) =>
    sum(fulfillmentOrder.lines, (entry) => (entry.lineItemId === line.id ? entry.remainingQuantity : 0)),
  );
}

export function isOpen(fulfillmentOrder: FulfillmentOrderRecord): boolean {
  return !['CLOSED', 'CANCELLED', 'INCOMPLETE'].includes(fulfillmentOrder.status);
}

/** `OrderDisplayFulfillmentStatus` of the Admin schema. */
export function displayFulfillmentStatus(
  order: OrderRecord,
): 'UNFULFILLED' | 'PARTIALLY_FULFILLED' | 'FULFILLED' | 'ON_HOLD' | 'SCHEDULED' {
  const open = sum(order.lines, (line) => unfulfilledQuantity(order, line));
  const done = sum(order.lines, (line) => fulfilledQuantity(order, line.id));
  if (done > 0) return open === 0 ? 'FULFILLED' : 'PARTIALLY_FULFILLED';
  const waiting = order.fulfillmentOrders.filter(isOpen);
  if (waiting.some((fulfillmentOrder) => fulfillmentOrder.status === 'ON_HOLD')) return 'ON_HOLD';
  if (waiting.length > 0 && waiting.every((entry) => entry.status === 'SCHEDULED')) return 'SCHEDULED';
  return 'UNFULFILLED';
}

export function sum<T>(items: readonly T[], amount: (item: T) => number): number {
  return items.reduce((total, item) => total + amount(item), 0);
}
