import { connection } from './admin-connection';
import { addressNode, customerNode } from './admin-customer';
import { taxLine } from './admin-line';
import { moneyBag, moneyV2 } from './admin-money';
import type { Args, Node, Nodes } from './admin-node';
import { orderName } from './rest-order';
import { displayFulfillmentStatus, financialStatus, isOpen, sum, sumsOf, unfulfilledQuantity } from './shop-money';
import type { OrderRecord } from './shop-types';
import { gid } from './shopify-json';

const listed = <T>(items: T[], args: Args): T[] =>
  typeof args.first === 'number' ? items.slice(0, args.first) : items;

export function orderNode(nodes: Nodes, order: OrderRecord): Node {
  const { currency } = order;
  const sums = sumsOf(order);
  const bag = (cents: number) => moneyBag(cents, currency);
  const address = order.shippingAddress ? addressNode(order.shippingAddress, order.id) : null;
  const refunded = sum(order.refunds, (refund) => refund.paidBackCents);
  const taxed = order.lines.filter((line) => line.taxRate > 0);
  const taxLines = (cents: number) => (taxed[0] ? [taxLine(cents, taxed[0].taxRate, currency)] : []);
  return {
    __typename: 'Order',
    id: gid('Order', order.id),
    legacyResourceId: order.id,
    name: orderName(order),
    number: order.number,
    createdAt: order.createdAt,
    processedAt: order.processedAt,
    updatedAt: order.updatedAt,
    cancelledAt: order.cancelledAt,
    cancelReason: order.cancelReason?.toUpperCase() ?? null,
    closed: false,
    closedAt: null,
    confirmed: true,
    test: order.test,
    sourceName: order.sourceName,
    sourceIdentifier: null,
    registeredSourceUrl: null,
    currencyCode: currency,
    presentmentCurrencyCode: currency,
    taxesIncluded: order.taxesIncluded,
    taxExempt: false,
    dutiesIncluded: false,
    estimatedTaxes: false,
    edited: order.lines.some((line) => line.quantity !== line.currentQuantity),
    displayFinancialStatus: financialStatus(order),
    displayFulfillmentStatus: displayFulfillmentStatus(order),
    returnStatus: 'NO_RETURN',
    fullyPaid: sums.received >= sums.currentTotal,
    unpaid: order.transactions.length === 0,
    fulfillable: order.fulfillmentOrders.some(isOpen),
    refundable: sums.received > sums.paidBack,
    requiresShipping: order.lines.some((line) => line.requiresShipping),
    email: order.email,
    phone: order.phone,
    note: order.note,
    tags: order.tags,
    poNumber: null,
    customAttributes: [],
    customerLocale: 'en',
    discountCode: sums.discounts > 0 ? 'SANDBOX' : null,
    discountCodes: sums.discounts > 0 ? ['SANDBOX'] : [],
    paymentGatewayNames: order.transactions.length > 0 ? ['bogus'] : [],
    totalPriceSet: bag(sums.total),
    originalTotalPriceSet: bag(sums.total),
    subtotalPriceSet: bag(sums.subtotal),
    totalTaxSet: bag(sums.tax),
    totalDiscountsSet: bag(sums.discounts),
    totalShippingPriceSet: bag(sums.shipping),
    totalTipReceivedSet: bag(sums.tips),
    totalTipReceived: moneyV2(sums.tips, currency),
    totalRefundedSet: bag(refunded),
    totalRefundedShippingSet: bag(sum(order.refunds, (refund) => refund.shippingCents)),
    totalReceivedSet: bag(sums.received),
    totalOutstandingSet: bag(Math.max(0, sums.currentTotal - sums.received)),
    totalCapturableSet: bag(0),
    netPaymentSet: bag(sums.received - sums.paidBack),
    refundDiscrepancySet: bag(sum(order.refunds, (refund) => sum(refund.adjustments, (each) => each.amountCents))),
    currentSubtotalPriceSet: bag(sums.currentSubtotal),
    currentTotalPriceSet: bag(sums.currentTotal),
    currentTotalTaxSet: bag(sums.currentTax),
    currentTotalDiscountsSet: bag(sums.currentDiscounts),
    currentCartDiscountAmountSet: bag(0),
    currentShippingPriceSet: bag(sums.shipping),
    currentTotalDutiesSet: null,
    currentTotalAdditionalFeesSet: null,
    originalTotalDutiesSet: null,
    originalTotalAdditionalFeesSet: null,
    currentSubtotalLineItemsQuantity: sum(order.lines, (line) => line.currentQuantity),
    subtotalLineItemsQuantity: sum(order.lines, (line) => line.quantity),
    totalWeight: '0',
    taxLines: taxLines(sums.tax),
    currentTaxLines: taxLines(sums.currentTax),
    shippingAddress: address,
    billingAddress: address,
    displayAddress: address,
    billingAddressMatchesShippingAddress: true,
    customer: order.customer ? customerNode(order) : null,
    retailLocation: null,
    shippingLine: shippingLineNode(order),
    shippingLines: (args: Args) =>
      connection(order.shippingLine ? [order.shippingLine] : [], args, () => shippingLineNode(order)),
    lineItems: (args: Args) => connection(order.lines, args, (line) => nodes.line(order, line)),
    nonFulfillableLineItems: (args: Args) =>
      connection(order.lines.filter((line) => unfulfilledQuantity(order, line) === 0), args, (line) => nodes.line(order, line)),
    fulfillments: (args: Args) =>
      listed(order.fulfillments, args).map((fulfillment) => nodes.fulfillment(order, fulfillment)),
    fulfillmentsCount: { __typename: 'Count', count: order.fulfillments.length, precision: 'EXACT' },
    fulfillmentOrders: (args: Args) =>
      connection(order.fulfillmentOrders, args, (entry) => nodes.fulfillmentOrder(order, entry)),
    refunds: (args: Args) => listed(order.refunds, args).map((refund) => nodes.refund(order, refund)),
    transactions: (args: Args) => listed(order.transactions, args).map((each) => nodes.transaction(order, each)),
    transactionsCount: { __typename: 'Count', count: order.transactions.length, precision: 'EXACT' },
  };
}

function shippingLineNode(order: OrderRecord): Node | null {
  const line = order.shippingLine;
  if (!line) return null;
  const price = moneyBag(line.priceCents, order.currency);
  return {
    __typename: 'ShippingLine',
    id: gid('ShippingLine', line.id),
    title: line.title,
    code: line.code,
    source: 'shopify',
    custom: false,
    isRemoved: false,
    phone: null,
    carrierIdentifier: null,
    deliveryCategory: line.deliveryCategory,
    shippingRateHandle: null,
    originalPriceSet: price,
    discountedPriceSet: price,
    currentDiscountedPriceSet: price,
    discountAllocations: [],
    taxLines: [],
  };
}

export function transactionNode(order: OrderRecord, transaction: OrderRecord['transactions'][number]): Node {
  return {
    __typename: 'OrderTransaction',
    id: gid('OrderTransaction', transaction.id),
    kind: transaction.kind.toUpperCase(),
    status: 'SUCCESS',
    gateway: 'bogus',
    formattedGateway: 'Bogus',
    amountSet: moneyBag(transaction.amountCents, order.currency),
    createdAt: transaction.createdAt,
    processedAt: transaction.createdAt,
    test: order.test,
    errorCode: null,
    paymentId: `#${order.number}.1`,
    manualPaymentGateway: false,
  };
}

