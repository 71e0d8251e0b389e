import { toMinorUnits } from '@forma3d/kernel';

import type {
  GraphqlFulfillment,
  GraphqlFulfillmentHeader,
  GraphqlFulfillmentOrder,
  GraphqlFulfillmentOrderLine,
  GraphqlLineItem,
  GraphqlMoney,
  GraphqlOrder,
  GraphqlRefund,
} from './graphql-order-schema';
import { financialStatus, fulfillmentStatus, isTip, meansPickup, sum, textOrNull } from './order-meanings';
import type {
  ShopifyFulfillment,
  ShopifyFulfillmentHeader,
  ShopifyFulfillmentOrder,
  ShopifyFulfillmentOrderLine,
  ShopifyLineItem,
  ShopifyOrder,
  ShopifyRefund,
} from './shopify-order';

/** Everything that our documents brought about one order, all pages read. */
export interface GraphqlOrderParts {
  order: GraphqlOrder;
  lineItems: GraphqlLineItem[];
  refunds: GraphqlRefund[];
  fulfillments: GraphqlFulfillment[];
  fulfillmentOrders: GraphqlFulfillmentOrder[];
}

/** The same shape that a webhook's body gives, with the fulfillment orders that webhooks never carry. */
export function orderFromGraphql(parts: GraphqlOrderParts): ShopifyOrder {
  const { order } = parts;
  const cents = (money: GraphqlMoney): number => toMinorUnits(money?.shopMoney.amount ?? '0', order.currencyCode);
  const totalTipCents = cents(order.totalTipReceivedSet);
  return {
    id: order.id,
    name: order.name,
    number: order.number ?? null,
    createdAt: order.createdAt,
    processedAt: order.processedAt,
    updatedAt: order.updatedAt,
    cancelledAt: order.cancelledAt ?? null,
    cancelReason: textOrNull(order.cancelReason),
    test: order.test,
    sourceName: textOrNull(order.sourceName),
    currency: order.currencyCode,
    taxesIncluded: order.taxesIncluded,
    financialStatus: financialStatus(order.displayFinancialStatus),
    fulfillmentStatus: fulfillmentStatus(order.displayFulfillmentStatus),
    totalCents: cents(order.totalPriceSet),
    subtotalCents: cents(order.subtotalPriceSet),
    taxCents: cents(order.totalTaxSet),
    discountCents: cents(order.totalDiscountsSet),
    shippingCents: cents(order.totalShippingPriceSet),
    currentSubtotalCents: cents(order.currentSubtotalPriceSet),
    currentTotalCents: cents(order.currentTotalPriceSet),
    shippingMethod: order.shippingLine ? { title: order.shippingLine.title, code: textOrNull(order.shippingLine.code) } : null,
    pickup: meansPickup(order.shippingLine?.deliveryCategory, order.shippingLine?.source, order.shippingLine?.code),
    customer: order.customer
      ? {
          id: order.customer.id,
          email: textOrNull(order.customer.defaultEmailAddress?.emailAddress),
          firstName: textOrNull(order.customer.firstName),
          lastName: textOrNull(order.customer.lastName),
          phone: textOrNull(order.customer.defaultPhoneNumber?.phoneNumber),
        }
      : null,
    email: textOrNull(order.email),
    phone: textOrNull(order.phone),
    shippingAddress: order.shippingAddress
      ? {
          name: textOrNull(order.shippingAddress.name),
          company: textOrNull(order.shippingAddress.company),
          address1: textOrNull(order.shippingAddress.address1),
          address2: textOrNull(order.shippingAddress.address2),
          zip: textOrNull(order.shippingAddress.zip),
          city: textOrNull(order.shippingAddress.city),
          provinceCode: textOrNull(order.shippingAddress.provinceCode),
          countryCode: textOrNull(order.shippingAddress.countryCodeV2),
          phone: textOrNull(order.shippingAddress.phone),
        }
      : null,
    note: textOrNull(order.note),
    tags: order.tags,
    lineItems: parts.lineItems.map((line) => toLineItem(line, cents, totalTipCents)),
    refunds: parts.refunds.map((refund) => toRefund(refund, cents)),
    fulfillments: parts.fulfillments.map(toFulfillment),
    fulfillmentOrders: parts.fulfillmentOrders.map(toFulfillmentOrder),
  };
}

type Cents = (money: GraphqlMoney) => number;

function toLineItem(node: GraphqlLineItem, cents: Cents, totalTipCents: number): ShopifyLineItem {
  const line = {
    id: node.id,
    title: node.title,
    variantTitle: textOrNull(node.variantTitle),
    sku: textOrNull(node.sku),
    variantId: node.variant?.id ?? null,
    productId: node.product?.id ?? null,
    vendor: textOrNull(node.vendor),
    quantity: node.quantity,
    currentQuantity: node.currentQuantity,
    fulfillableQuantity: node.fulfillableQuantity ?? null,
    unitPriceCents: cents(node.originalUnitPriceSet),
    discountCents: sum(node.discountAllocations.map((each) => cents(each.allocatedAmountSet))),
    taxCents: sum(node.taxLines.map((tax) => cents(tax.priceSet))),
    requiresShipping: node.requiresShipping,
    giftCard: node.isGiftCard,
    fulfillmentService: textOrNull(node.fulfillmentService?.handle),
  };
  return { ...line, tip: isTip(line, totalTipCents) };
}

function toRefund(node: GraphqlRefund, cents: Cents): ShopifyRefund {
  // What is given back beyond the lines is a negative adjustment, as in REST; 0 - x keeps -0 out.
  const adjustments = sum(node.orderAdjustments.nodes.map((each) => cents(each.amountSet)));
  return {
    id: node.id,
    createdAt: node.createdAt ?? node.processedAt,
    totalCents: cents(node.totalRefundedSet),
    lines: node.refundLineItems.nodes.map((line) => ({
      id: line.id ?? null,
      lineItemId: line.lineItem.id,
      quantity: line.quantity,
      restockType: line.restockType,
      subtotalCents: cents(line.subtotalSet),
      taxCents: cents(line.totalTaxSet),
    })),
    adjustmentsCents: 0 - adjustments,
  };
}

/** A fulfillment in an answer of ours, all its lines read. */
export function toFulfillment(node: GraphqlFulfillment): ShopifyFulfillment {
  return {
    ...toFulfillmentHeader(node),
    lines: node.fulfillmentLineItems.nodes.map((line) => ({ lineItemId: line.lineItem.id, quantity: line.quantity ?? 0 })),
  };
}

/** A fulfillment that a call of ours made or changed. */
export function toFulfillmentHeader(node: GraphqlFulfillmentHeader): ShopifyFulfillmentHeader {
  const tracking = node.trackingInfo[0];
  return {
    id: node.id,
    status: node.status,
    createdAt: node.createdAt,
    updatedAt: node.updatedAt,
    trackingNumber: textOrNull(tracking?.number),
    trackingUrl: textOrNull(tracking?.url),
    trackingCompany: textOrNull(tracking?.company),
  };
}

/** A fulfillment order in an answer of ours, all its lines read. */
export function toFulfillmentOrder(node: GraphqlFulfillmentOrder): ShopifyFulfillmentOrder {
  const location = node.assignedLocation.location ?? null;
  const service = location?.fulfillmentService ?? null;
  return {
    id: node.id,
    status: node.status,
    supportedActions: node.supportedActions.map((supported) => supported.action),
    locationId: location?.id ?? null,
    ours: location !== null && (service === null || service.type === 'MANUAL' || service.handle === 'manual'),
    deliveryMethod: node.deliveryMethod?.methodType ?? null,
    fulfillAt: node.fulfillAt ?? null,
    lines: node.lineItems.nodes.map(toFulfillmentOrderLine),
  };
}

function toFulfillmentOrderLine(node: GraphqlFulfillmentOrderLine): ShopifyFulfillmentOrderLine {
  return {
    id: node.id,
    lineItemId: node.lineItem.id,
    totalQuantity: node.totalQuantity,
    remainingQuantity: node.remainingQuantity,
  };
}
