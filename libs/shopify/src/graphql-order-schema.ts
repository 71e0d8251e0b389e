import { z } from 'zod';

import { amountText, isDate, quantity, sku } from './bounded-values';
import { gidSchema } from './gid';

/** The answers to our own order documents; what we did not ask for is not here. */

const date = z.iso.datetime({ offset: true }).transform((text) => new Date(text)).refine(isDate, 'not a date');
const text = z.string().nullish();
const money = z.object({ shopMoney: z.object({ amount: amountText }) });
const moneyOrNull = money.nullish();

/** One page of a connection, as all our documents ask for it. */
export function pageOf<Node extends z.ZodType>(node: Node) {
  return z.object({
    pageInfo: z.object({ hasNextPage: z.boolean(), endCursor: z.string().nullish() }),
    nodes: z.array(node),
  });
}

export const graphqlLineItem = z.object({
  id: gidSchema,
  title: z.string(),
  variantTitle: text,
  sku,
  vendor: text,
  quantity,
  currentQuantity: quantity,
  fulfillableQuantity: quantity.nullish(),
  requiresShipping: z.boolean(),
  isGiftCard: z.boolean(),
  product: z.object({ id: gidSchema }).nullish(),
  variant: z.object({ id: gidSchema }).nullish(),
  fulfillmentService: z.object({ handle: z.string() }).nullish(),
  originalUnitPriceSet: money,
  discountAllocations: z.array(z.object({ allocatedAmountSet: money })),
  taxLines: z.array(z.object({ priceSet: money })),
});

const fulfillmentLine = z.object({ quantity: quantity.nullish(), lineItem: z.object({ id: gidSchema }) });

/** A fulfillment without its lines: what a call that changes one answers. */
export const graphqlFulfillmentHeader = z.object({
  id: gidSchema,
  status: z.string(),
  createdAt: date,
  updatedAt: date,
  trackingInfo: z.array(z.object({ number: text, url: text, company: text })),
});

export const graphqlFulfillment = graphqlFulfillmentHeader.extend({ fulfillmentLineItems: pageOf(fulfillmentLine) });

export const graphqlFulfillmentOrderLine = z.object({
  id: gidSchema,
  totalQuantity: quantity,
  remainingQuantity: quantity,
  lineItem: z.object({ id: gidSchema, currentQuantity: quantity }),
});

export const graphqlFulfillmentOrder = z.object({
  id: gidSchema,
  status: z.string(),
  fulfillAt: date.nullish(),
  supportedActions: z.array(z.object({ action: z.string() })),
  deliveryMethod: z.object({ methodType: z.string() }).nullish(),
  assignedLocation: z.object({
    location: z
      .object({ id: gidSchema, fulfillmentService: z.object({ handle: z.string(), type: z.string() }).nullish() })
      .nullish(),
  }),
  lineItems: pageOf(graphqlFulfillmentOrderLine),
});

export const graphqlRefund = z.object({
  id: gidSchema,
  createdAt: date.nullish(),
  processedAt: date,
  totalRefundedSet: money,
  orderAdjustments: z.object({ nodes: z.array(z.object({ amountSet: money })) }),
  refundLineItems: pageOf(
    z.object({
      id: gidSchema.nullish(),
      quantity,
      restockType: z.string(),
      lineItem: z.object({ id: gidSchema }),
      subtotalSet: money,
      totalTaxSet: money,
    }),
  ),
});

export const graphqlOrder = z.object({
  id: gidSchema,
  name: z.string(),
  number: z.number().int().nullish(),
  createdAt: date,
  processedAt: date,
  updatedAt: date,
  cancelledAt: date.nullish(),
  cancelReason: text,
  test: z.boolean(),
  sourceName: text,
  currencyCode: z.string().length(3),
  taxesIncluded: z.boolean(),
  displayFinancialStatus: text,
  displayFulfillmentStatus: text,
  email: text,
  phone: text,
  note: text,
  tags: z.array(z.string()),
  totalPriceSet: money,
  subtotalPriceSet: moneyOrNull,
  totalTaxSet: moneyOrNull,
  totalDiscountsSet: moneyOrNull,
  totalShippingPriceSet: moneyOrNull,
  totalTipReceivedSet: moneyOrNull,
  currentSubtotalPriceSet: money,
  currentTotalPriceSet: money,
  shippingLine: z.object({ title: z.string(), code: text, source: text, deliveryCategory: text }).nullish(),
  customer: z
    .object({
      id: gidSchema,
      firstName: text,
      lastName: text,
      defaultEmailAddress: z.object({ emailAddress: z.string() }).nullish(),
      defaultPhoneNumber: z.object({ phoneNumber: z.string() }).nullish(),
    })
    .nullish(),
  shippingAddress: z
    .object({
      name: text,
      company: text,
      address1: text,
      address2: text,
      zip: text,
      city: text,
      provinceCode: text,
      countryCodeV2: text,
      phone: text,
    })
    .nullish(),
  lineItems: pageOf(graphqlLineItem),
  refunds: z.array(z.object({ id: gidSchema })),
  fulfillments: z.array(graphqlFulfillment),
  fulfillmentOrders: pageOf(graphqlFulfillmentOrder),
});

export type GraphqlLineItem = z.output<typeof graphqlLineItem>;
export type GraphqlFulfillmentHeader = z.output<typeof graphqlFulfillmentHeader>;
export type GraphqlFulfillment = z.output<typeof graphqlFulfillment>;
export type GraphqlFulfillmentOrder = z.output<typeof graphqlFulfillmentOrder>;
export type GraphqlFulfillmentOrderLine = z.output<typeof graphqlFulfillmentOrderLine>;
export type GraphqlRefund = z.output<typeof graphqlRefund>;
export type GraphqlOrder = z.output<typeof graphqlOrder>;
/** `{ shopMoney: { amount } }`, or nothing. */
export type GraphqlMoney = z.output<typeof moneyOrNull>;
