import { restMoney, restMoneySet } from './rest-money';
import { fulfilledQuantity, lineTax, unfulfilledQuantity } from './shop-money';
import type { LineRecord, OrderRecord } from './shop-types';
import { gid, restId } from './shopify-json';

/** A line item as in REST orders, fulfillments (`quantity` then is what was fulfilled) and refunds. */
export function restLine(order: OrderRecord, line: LineRecord, quantity: number = line.quantity): Record<string, unknown> {
  const { currency } = order;
  const taxCents = lineTax(line, line.quantity, order.taxesIncluded);
  const open = unfulfilledQuantity(order, line);
  const done = fulfilledQuantity(order, line.id);
  return {
    id: restId(line.id),
    admin_graphql_api_id: gid('LineItem', line.id),
    attributed_staffs: [],
    current_quantity: line.currentQuantity,
    fulfillable_quantity: open,
    fulfillment_service: line.service,
    fulfillment_status: done === 0 ? null : open === 0 ? 'fulfilled' : 'partial',
    gift_card: line.giftCard,
    grams: 0,
    name: line.variantTitle ? `${line.title} - ${line.variantTitle}` : line.title,
    price: restMoney(line.unitPriceCents, currency),
    price_set: restMoneySet(line.unitPriceCents, currency),
    product_exists: line.productId !== null,
    product_id: line.productId === null ? null : restId(line.productId),
    properties: [],
    quantity,
    requires_shipping: line.requiresShipping,
    sku: line.sku,
    taxable: !line.giftCard && !line.tip,
    title: line.title,
    // Discounts stand in the allocations; this older field stays zero unless a script set it.
    total_discount: restMoney(0, currency),
    total_discount_set: restMoneySet(0, currency),
    variant_id: line.variantId === null ? null : restId(line.variantId),
    variant_inventory_management: line.variantId === null ? null : 'shopify',
    variant_title: line.variantTitle,
    vendor: line.vendor,
    // Only tips carry these.
    ...(line.tip ? { tip_payment_gateway: 'bogus', tip_payment_method: 'Bogus' } : {}),
    tax_lines:
      line.taxRate > 0
        ? [
            {
              channel_liable: false,
              price: restMoney(taxCents, currency),
              price_set: restMoneySet(taxCents, currency),
              rate: line.taxRate,
              title: 'VAT',
            },
          ]
        : [],
    duties: [],
    discount_allocations:
      line.discountCents > 0
        ? [
            {
              amount: restMoney(line.discountCents, currency),
              amount_set: restMoneySet(line.discountCents, currency),
              discount_application_index: 0,
            },
          ]
        : [],
  };
}
