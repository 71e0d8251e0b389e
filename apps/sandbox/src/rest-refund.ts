import { restLine } from './rest-line';
import { restMoney, restMoneySet, restTime } from './rest-money';
import type { OrderRecord, RefundRecord } from './shop-types';
import { gid, restId } from './shopify-json';

/** The body of `refunds/create`, also inside orders. */
export function restRefund(order: OrderRecord, refund: RefundRecord): Record<string, unknown> {
  const { currency } = order;
  const zero = restMoneySet(0, currency);
  return {
    id: restId(refund.id),
    admin_graphql_api_id: gid('Refund', refund.id),
    created_at: restTime(refund.createdAt),
    note: refund.note,
    order_id: restId(order.id),
    processed_at: restTime(refund.createdAt),
    restock: refund.lines.some((line) => line.restockType !== 'no_restock'),
    total_additional_fees_set: zero,
    total_duties_set: zero,
    user_id: null,
    additional_fees: [],
    duties: [],
    return: null,
    order_adjustments: [
      ...refund.adjustments.map((adjustment) => ({
        id: restId(adjustment.id),
        amount: restMoney(adjustment.amountCents, currency),
        amount_set: restMoneySet(adjustment.amountCents, currency),
        kind: 'refund_discrepancy',
        order_id: restId(order.id),
        reason: 'Refund discrepancy',
        refund_id: restId(refund.id),
        tax_amount: restMoney(0, currency),
        tax_amount_set: zero,
      })),
    ],
    refund_line_items: refund.lines.flatMap((entry) => {
      const line = order.lines.find((candidate) => candidate.id === entry.lineItemId);
      if (!line) return [];
      return [
        {
          id: restId(entry.id),
          line_item_id: restId(entry.lineItemId),
          location_id: entry.restockType === 'no_restock' ? null : restId(line.locationId),
          quantity: entry.quantity,
          restock_type: entry.restockType,
          // Numbers here, not texts: so it is in Shopify's own bodies.
          subtotal: Number(restMoney(entry.subtotalCents, currency)),
          subtotal_set: restMoneySet(entry.subtotalCents, currency),
          total_tax: Number(restMoney(entry.taxCents, currency)),
          total_tax_set: restMoneySet(entry.taxCents, currency),
          line_item: restLine(order, line),
        },
      ];
    }),
    refund_shipping_lines:
      refund.shippingCents > 0 && order.shippingLine
        ? [
            {
              id: restId(refund.id),
              shipping_line_id: restId(order.shippingLine.id),
              subtotal_amount_set: restMoneySet(refund.shippingCents, currency),
            },
          ]
        : [],
    transactions:
      refund.paidBackCents > 0
        ? [
            {
              id: restId(refund.id),
              admin_graphql_api_id: gid('OrderTransaction', refund.id),
              amount: restMoney(refund.paidBackCents, currency),
              authorization: null,
              created_at: restTime(refund.createdAt),
              currency,
              device_id: null,
              error_code: null,
              gateway: 'bogus',
              kind: 'refund',
              location_id: null,
              message: null,
              order_id: restId(order.id),
              parent_id: null,
              payment_id: `#${order.number}.R`,
              processed_at: restTime(refund.createdAt),
              receipt: {},
              source_name: order.sourceName,
              status: 'success',
              test: order.test,
              user_id: null,
            },
          ]
        : [],
  };
}
