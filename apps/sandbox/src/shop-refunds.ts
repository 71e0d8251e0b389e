import type { SandboxCancel, SandboxRefund } from '@forma3d/contracts';

import { ShopRefusal, type Shop, type ShopEvent } from './shop';
import { removeUnfulfilled, setStatus, type Outcome } from './shop-fulfillment';
import { isOpen, linePrice, lineTax, sum, sumsOf, unfulfilledQuantity } from './shop-money';
import type { CancelJobRecord, LineRecord, OrderRecord, RefundRecord } from './shop-types';

/** Finds a line by its id, else by its SKU. */
export function lineOf(order: OrderRecord, reference: { sku?: string | undefined; line_item_id?: string | undefined }): LineRecord {
  const line =
    order.lines.find((each) => each.id === reference.line_item_id) ??
    order.lines.find((each) => reference.sku !== undefined && each.sku === reference.sku);
  if (!line) throw new ShopRefusal(422, `Order ${order.id} has no line ${reference.line_item_id ?? reference.sku ?? '?'}.`);
  return line;
}

/** The merchant gives units, shipping or an amount back. */
export function refundOrder(shop: Shop, order: OrderRecord, input: SandboxRefund): RefundRecord {
  const refund = emptyRefund(shop, input.note ?? null);
  for (const entry of input.lines) {
    const line = lineOf(order, entry);
    if (entry.quantity > line.currentQuantity) {
      throw new ShopRefusal(409, `Only ${line.currentQuantity} of ${line.sku ?? line.title} are left to refund.`);
    }
    const unfulfilled = Math.min(entry.quantity, unfulfilledQuantity(order, line));
    if (entry.restock_type) addRefundLine(shop, order, refund, line, entry.quantity, entry.restock_type);
    else {
      addRefundLine(shop, order, refund, line, unfulfilled, 'cancel');
      addRefundLine(shop, order, refund, line, entry.quantity - unfulfilled, 'return');
    }
  }
  refund.shippingCents = input.shipping_cents ?? 0;
  if (input.amount_cents) refund.adjustments.push({ id: shop.newId(), amountCents: -input.amount_cents });
  payBack(shop, order, refund, refundTotal(refund, order));
  order.refunds.push(refund);
  shop.touch(order);
  shop.emit({ topic: 'refunds/create', order, refundId: refund.id }, { topic: 'orders/updated', order });
  return refund;
}

/** What a refund is worth: its lines with tax, shipping and plain amounts. */
export function refundTotal(refund: RefundRecord, order: OrderRecord): number {
  return (
    sum(refund.lines, (line) => line.subtotalCents + (order.taxesIncluded ? 0 : line.taxCents)) +
    refund.shippingCents -
    sum(refund.adjustments, (adjustment) => adjustment.amountCents)
  );
}

/** Why Shopify will not cancel an order, in its own words; null when it will. */
export function whyNotCancel(order: OrderRecord): string | null {
  if (order.cancelledAt) return 'Cannot cancel an order that has already been canceled';
  const fulfilled = order.fulfillments.some((each) => each.status === 'SUCCESS' && each.service !== 'gift_card');
  return fulfilled ? 'Cannot cancel an order that has outstanding fulfillments' : null;
}

/** Cancels at once, as the job of `orderCancel` does when it comes to it. */
export function cancelOrder(shop: Shop, order: OrderRecord, input: SandboxCancel): void {
  const problem = whyNotCancel(order);
  if (problem) throw new ShopRefusal(409, problem);
  order.cancelledAt = shop.now();
  order.cancelReason = input.reason;
  const refund = emptyRefund(shop, null);
  for (const line of order.lines) {
    if (line.currentQuantity > 0 && !line.tip) {
      addRefundLine(shop, order, refund, line, line.currentQuantity, input.restock ? 'cancel' : 'no_restock');
    }
  }
  for (const fulfillmentOrder of order.fulfillmentOrders.filter(isOpen)) {
    fulfillmentOrder.lines.forEach((line) => (line.remainingQuantity = 0));
    setStatus(shop, fulfillmentOrder, 'CLOSED');
  }
  const sums = sumsOf(order);
  if (input.refund) {
    refund.shippingCents = order.shippingLine?.priceCents ?? 0;
    payBack(shop, order, refund, sums.received - sums.paidBack);
  }
  order.refunds.push(refund);
  shop.touch(order);
  const events: ShopEvent[] = [{ topic: 'orders/cancelled', order }, { topic: 'orders/updated', order }];
  if (refund.paidBackCents > 0) events.push({ topic: 'refunds/create', order, refundId: refund.id });
  shop.emit(...events);
}

/** How long the job of `orderCancel` takes, in milliseconds. */
export const CANCEL_JOB_MS = 200;

/** `orderCancel`: a job that runs a moment later; its refusals come at once, in Shopify's words. */
export function requestCancel(shop: Shop, orderId: string, input: SandboxCancel): Outcome<CancelJobRecord> {
  const order = shop.findOrder(orderId);
  if (!order) return { errors: [{ field: ['orderId'], message: 'Order does not exist', code: 'NOT_FOUND' }] };
  const problem = whyNotCancel(order);
  if (problem) return { errors: [{ field: ['orderId'], message: problem, code: 'INVALID' }] };
  const digits = shop.newId().padStart(12, '0').slice(-12);
  const job: CancelJobRecord = { id: `5a4db0c5-0000-4000-8000-${digits}`, orderId, done: false };
  shop.data.cancelJobs.push(job);
  shop.changed();
  shop.scheduler.after(CANCEL_JOB_MS, () => {
    job.done = true;
    // Someone may have fulfilled or cancelled it meanwhile: the job then ends without doing anything.
    if (whyNotCancel(order) === null) cancelOrder(shop, order, input);
    else shop.changed();
  });
  return { ok: job };
}

function emptyRefund(shop: Shop, note: string | null): RefundRecord {
  return { id: shop.newId(), createdAt: shop.now(), note, lines: [], shippingCents: 0, adjustments: [], paidBackCents: 0 };
}

function addRefundLine(
  shop: Shop,
  order: OrderRecord,
  refund: RefundRecord,
  line: LineRecord,
  quantity: number,
  restockType: RefundRecord['lines'][number]['restockType'],
): void {
  if (quantity === 0) return;
  refund.lines.push({
    id: shop.newId(),
    lineItemId: line.id,
    quantity,
    restockType,
    subtotalCents: linePrice(line, quantity),
    taxCents: lineTax(line, quantity, order.taxesIncluded),
  });
  line.currentQuantity -= quantity;
  if (restockType === 'cancel') removeUnfulfilled(shop, order, line.id, quantity);
}

function payBack(shop: Shop, order: OrderRecord, refund: RefundRecord, wanted: number): void {
  const sums = sumsOf(order);
  refund.paidBackCents = Math.max(0, Math.min(wanted, sums.received - sums.paidBack));
  if (refund.paidBackCents > 0) {
    order.transactions.push({ id: shop.newId(), kind: 'refund', amountCents: refund.paidBackCents, createdAt: shop.now() });
  }
}
