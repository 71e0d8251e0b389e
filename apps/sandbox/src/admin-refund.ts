import { connection } from './admin-connection';
import { moneyBag, moneyV2 } from './admin-money';
import type { Args, Node, Nodes } from './admin-node';
import { refundTotal } from './shop-refunds';
import type { OrderRecord, RefundRecord } from './shop-types';
import { gid } from './shopify-json';

export function refundNode(nodes: Nodes, order: OrderRecord, refund: RefundRecord): Node {
  const { currency } = order;
  const bag = (cents: number) => moneyBag(cents, currency);
  const shipping = refund.shippingCents > 0 && order.shippingLine ? [{ id: refund.id }] : [];
  const paid = order.transactions.filter((each) => each.kind === 'refund' && each.createdAt === refund.createdAt);
  return {
    __typename: 'Refund',
    id: gid('Refund', refund.id),
    legacyResourceId: refund.id,
    createdAt: refund.createdAt,
    processedAt: refund.createdAt,
    updatedAt: refund.createdAt,
    note: refund.note,
    duties: [],
    return: null,
    order: () => nodes.order(order),
    totalRefundedSet: bag(refund.paidBackCents),
    totalRefunded: moneyV2(Math.min(refund.paidBackCents, refundTotal(refund, order)), currency),
    orderAdjustments: (args: Args) =>
      connection(refund.adjustments, args, (adjustment) => ({
        __typename: 'OrderAdjustment',
        id: gid('OrderAdjustment', adjustment.id),
        reason: 'REFUND_DISCREPANCY',
        amountSet: bag(adjustment.amountCents),
        taxAmountSet: bag(0),
      })),
    refundLineItems: (args: Args) =>
      connection(refund.lines, args, (entry) => {
        const line = order.lines.find((candidate) => candidate.id === entry.lineItemId);
        return {
          __typename: 'RefundLineItem',
          id: gid('RefundLineItem', entry.id),
          quantity: entry.quantity,
          restockType: entry.restockType.toUpperCase(),
          restocked: entry.restockType !== 'no_restock',
          subtotalSet: bag(entry.subtotalCents),
          totalTaxSet: bag(entry.taxCents),
          priceSet: bag(line?.unitPriceCents ?? 0),
          lineItem: () => (line ? nodes.line(order, line) : null),
          location: () => (line && entry.restockType !== 'no_restock' ? nodes.location(line.locationId) : null),
        };
      }),
    refundShippingLines: (args: Args) =>
      connection(shipping, args, () => ({
        __typename: 'RefundShippingLine',
        id: gid('RefundShippingLine', refund.id),
        subtotalAmountSet: bag(refund.shippingCents),
        taxAmountSet: bag(0),
      })),
    transactions: (args: Args) => connection(paid, args, (each) => nodes.transaction(order, each)),
  };
}
