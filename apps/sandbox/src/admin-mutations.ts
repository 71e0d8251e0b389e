import { z } from 'zod';

import { idOf } from './admin-gid';
import { holdNode } from './admin-fulfillment';
import type { Args, Nodes } from './admin-node';
import { cancelFulfillment, createFulfillment, updateTracking, type Outcome, type UserError } from './shop-fulfillment';
import { holdFulfillmentOrder, preparedForPickup, releaseHold } from './shop-holds';
import { requestCancel } from './shop-refunds';
import type { FulfillmentRecord, TrackingRecord } from './shop-types';
import { gid } from './shopify-json';

const trackingSchema = z
  .looseObject({
    company: z.string().nullish(),
    number: z.string().nullish(),
    numbers: z.array(z.string()).nullish(),
    url: z.string().nullish(),
    urls: z.array(z.string()).nullish(),
  })
  .transform(
    (input): TrackingRecord => ({
      company: input.company ?? null,
      numbers: input.numbers ?? (input.number ? [input.number] : []),
      urls: input.urls ?? (input.url ? [input.url] : []),
    }),
  );

const unitsSchema = z.array(z.looseObject({ id: z.string(), quantity: z.number() })).nullish();

const fulfillmentSchema = z.looseObject({
  lineItemsByFulfillmentOrder: z.array(
    z.looseObject({ fulfillmentOrderId: z.string(), fulfillmentOrderLineItems: unitsSchema }),
  ),
  notifyCustomer: z.boolean().nullish(),
  trackingInfo: trackingSchema.nullish(),
});

const holdSchema = z.looseObject({
  reason: z.string(),
  reasonNotes: z.string().nullish(),
  handle: z.string().nullish(),
  fulfillmentOrderLineItems: unitsSchema,
});

const pickupSchema = z.looseObject({
  lineItemsByFulfillmentOrder: z.array(z.looseObject({ fulfillmentOrderId: z.string() })),
});

const cancelSchema = z.looseObject({
  orderId: z.string(),
  reason: z.enum(['CUSTOMER', 'DECLINED', 'FRAUD', 'INVENTORY', 'OTHER', 'STAFF']),
  refund: z.boolean().nullish(),
  refundMethod: z.looseObject({ originalPaymentMethodsRefund: z.boolean().nullish() }).nullish(),
  restock: z.boolean(),
});

/** At most so many lines of one fulfillment order in one `fulfillmentCreate`. */
const MOST_LINES = 512;

const units = (input: z.infer<typeof unitsSchema>) =>
  (input ?? []).map((unit) => ({ id: idOf(unit.id, 'FulfillmentOrderLineItem') ?? '', quantity: unit.quantity }));

/** Only what the schema's payloads can say: an outside client sees neither more nor other fields than from Shopify. */
const shown = (errors: UserError[]) => errors.map(({ field, message, code }) => ({ field, message, code: code ?? null }));

/** The mutations on orders and fulfillments. */
export function shopMutations(nodes: Nodes) {
  const { shop } = nodes;
  const fulfillmentPayload = (outcome: Outcome<FulfillmentRecord>) => {
    if ('errors' in outcome) return { fulfillment: null, userErrors: shown(outcome.errors) };
    const found = shop.findFulfillment(outcome.ok.id);
    return { fulfillment: found ? nodes.fulfillment(found.order, found.fulfillment) : null, userErrors: [] };
  };
  const trackingUpdate = (args: Args) =>
    fulfillmentPayload(
      updateTracking(
        shop,
        idOf(args.fulfillmentId, 'Fulfillment') ?? '',
        trackingSchema.parse(args.trackingInfoInput),
        args.notifyCustomer === true,
      ),
    );
  return {
    fulfillmentCreate: (args: Args) => {
      const input = fulfillmentSchema.parse(args.fulfillment);
      const groups = input.lineItemsByFulfillmentOrder.map((group) => ({
        fulfillmentOrderId: idOf(group.fulfillmentOrderId, 'FulfillmentOrder') ?? '',
        lines: units(group.fulfillmentOrderLineItems),
      }));
      if (groups.some((group) => group.lines.length > MOST_LINES)) {
        const message = `The number of fulfillment order line items exceeds the maximum of ${MOST_LINES}.`;
        return { fulfillment: null, userErrors: [{ field: ['fulfillment'], message }] };
      }
      const notify = input.notifyCustomer === true;
      const tracking = input.trackingInfo;
      return fulfillmentPayload(createFulfillment(shop, { groups, notify, ...(tracking ? { tracking } : {}) }));
    },
    fulfillmentCancel: (args: Args) => fulfillmentPayload(cancelFulfillment(shop, idOf(args.id, 'Fulfillment') ?? '')),
    fulfillmentTrackingInfoUpdate: trackingUpdate,
    fulfillmentOrderLineItemsPreparedForPickup: (args: Args) => {
      const input = pickupSchema.parse(args.input);
      const ids = input.lineItemsByFulfillmentOrder.map((group) => idOf(group.fulfillmentOrderId, 'FulfillmentOrder') ?? '');
      const outcome = preparedForPickup(shop, ids);
      return { userErrors: 'errors' in outcome ? shown(outcome.errors) : [] };
    },
    fulfillmentOrderHold: (args: Args) => {
      const input = holdSchema.parse(args.fulfillmentHold);
      const id = idOf(args.id, 'FulfillmentOrder') ?? '';
      const outcome = holdFulfillmentOrder(shop, id, {
        reason: input.reason,
        notes: input.reasonNotes ?? null,
        handle: input.handle ?? '',
        lines: units(input.fulfillmentOrderLineItems),
      });
      const nothing = { fulfillmentHold: null, fulfillmentOrder: null, remainingFulfillmentOrder: null };
      if ('errors' in outcome) return { ...nothing, userErrors: shown(outcome.errors) };
      const found = shop.findFulfillmentOrder(id);
      const { held, remaining, holdId } = outcome.ok;
      const hold = held.holds.find((each) => each.id === holdId);
      if (!found || !hold) return { ...nothing, userErrors: [] };
      return {
        fulfillmentHold: holdNode(hold),
        fulfillmentOrder: nodes.fulfillmentOrder(found.order, held),
        remainingFulfillmentOrder: remaining ? nodes.fulfillmentOrder(found.order, remaining) : null,
        userErrors: [],
      };
    },
    fulfillmentOrderReleaseHold: (args: Args) => {
      const id = idOf(args.id, 'FulfillmentOrder') ?? '';
      const holdIds = Array.isArray(args.holdIds) ? args.holdIds.map((each) => idOf(each, 'FulfillmentHold') ?? '') : null;
      const outcome = releaseHold(shop, id, holdIds);
      if ('errors' in outcome) return { fulfillmentOrder: null, userErrors: shown(outcome.errors) };
      const found = shop.findFulfillmentOrder(id);
      return { fulfillmentOrder: found ? nodes.fulfillmentOrder(found.order, found.fulfillmentOrder) : null, userErrors: [] };
    },
    orderCancel: (args: Args) => {
      const input = cancelSchema.parse(args);
      const outcome = requestCancel(shop, idOf(input.orderId, 'Order') ?? '', {
        reason: z.enum(['customer', 'declined', 'fraud', 'inventory', 'other', 'staff']).parse(input.reason.toLowerCase()),
        refund: input.refund === true || input.refundMethod?.originalPaymentMethodsRefund === true,
        restock: input.restock,
      });
      if ('errors' in outcome) {
        const errors = shown(outcome.errors);
        return { job: null, jobResult: null, orderCancelUserErrors: errors, userErrors: errors };
      }
      const job = { __typename: 'Job', id: gid('Job', outcome.ok.id), done: outcome.ok.done };
      return { job, jobResult: null, orderCancelUserErrors: [], userErrors: [] };
    },
  };
}

/** The payload of a mutation that a fault refuses with a user error. */
export function refusedPayload(message: string): Record<string, unknown> {
  const userErrors = [{ field: ['fulfillment'], message, code: null }];
  return {
    fulfillment: null,
    fulfillmentOrder: null,
    fulfillmentHold: null,
    remainingFulfillmentOrder: null,
    job: null,
    jobResult: null,
    bulkOperation: null,
    webhookSubscription: null,
    deletedWebhookSubscriptionId: null,
    userErrors,
    orderCancelUserErrors: userErrors,
  };
}
