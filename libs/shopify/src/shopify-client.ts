import { OutsideError } from '@forma3d/kernel';
import { z } from 'zod';

import { connectAdminApi } from './admin-api';
import { DOCUMENTS, type ShopifyDocument } from './documents';
import { gidSchema, toGid } from './gid';
import { graphqlFulfillmentHeader, pageOf } from './graphql-order-schema';
import { toFulfillmentHeader } from './order-from-graphql';
import { allPages, readFulfillmentWork, readOrder } from './read-order';
import type { ShopifyClient, ShopifyClientOptions, ShopifyTracking } from './shopify-client-types';
import type { ShopifyFulfillmentHeader } from './shopify-order';
import { topicFromEnum, topicToEnum } from './webhook-topics';

const userErrors = z.array(z.object({ field: z.array(z.string()).nullish(), message: z.string(), code: z.string().nullish() }));
const fulfillmentPayload = z.object({ fulfillment: graphqlFulfillmentHeader.nullish(), userErrors });
const subscription = z
  .object({ id: z.string(), topic: z.string(), uri: z.string() })
  .transform(({ id, topic, uri }) => ({ id, topic: topicFromEnum(topic), url: /^https?:\/\//.test(uri) ? uri : null }));
const subscriptions = z.object({ webhookSubscriptions: pageOf(subscription) });

/** The client of one shop. Making one sends nothing. */
export function createShopifyClient(options: ShopifyClientOptions): ShopifyClient {
  const ask = connectAdminApi(options);

  async function changeFulfillment(
    document: ShopifyDocument,
    variables: Record<string, unknown>,
    signal: AbortSignal | undefined,
  ): Promise<ShopifyFulfillmentHeader> {
    const schema = z.object({ [document.operation]: fulfillmentPayload.nullish() });
    const payload = (await ask(document, variables, schema, signal))[document.operation];
    refuseUserErrors(document, payload?.userErrors);
    return toFulfillmentHeader(made(document, payload?.fulfillment));
  }

  return {
    getShop: async (signal) => {
      const schema = z.object({
        shop: z.object({
          id: z.string(),
          name: z.string(),
          myshopifyDomain: z.string(),
          email: z.string().nullish(),
          currencyCode: z.string(),
          ianaTimezone: z.string(),
        }),
      });
      const { shop } = await ask(DOCUMENTS.shop, {}, schema, signal);
      return {
        id: shop.id.slice(shop.id.lastIndexOf('/') + 1),
        name: shop.name,
        domain: shop.myshopifyDomain,
        email: shop.email || null,
        currency: shop.currencyCode,
        timeZone: shop.ianaTimezone,
      };
    },

    getOrder: (id, signal) => readOrder(ask, id, signal),

    getFulfillmentWork: (orderId, signal) => readFulfillmentWork(ask, orderId, signal),

    changedOrders: async ({ since, after }, signal) => {
      const node = z.object({ id: gidSchema, updatedAt: z.iso.datetime({ offset: true }).transform((text) => new Date(text)) });
      const variables = { query: `updated_at:>='${since.toISOString()}'`, after: after ?? null };
      const { orders } = await ask(DOCUMENTS.changedOrders, variables, z.object({ orders: pageOf(node) }), signal);
      return { orders: orders.nodes, nextCursor: orders.pageInfo.hasNextPage ? (orders.pageInfo.endCursor ?? null) : null };
    },

    orderIdOfFulfillmentOrder: async (id, signal) => {
      const schema = z.object({ fulfillmentOrder: z.object({ orderId: gidSchema }).nullable() });
      const variables = { id: toGid('FulfillmentOrder', id) };
      return (await ask(DOCUMENTS.fulfillmentOrderOrder, variables, schema, signal)).fulfillmentOrder?.orderId ?? null;
    },

    createFulfillment: ({ groups, notifyCustomer, tracking }, signal) =>
      changeFulfillment(
        DOCUMENTS.fulfillmentCreate,
        {
          fulfillment: {
            notifyCustomer,
            ...(tracking === undefined ? {} : { trackingInfo: trackingInput(tracking) }),
            lineItemsByFulfillmentOrder: groups.map((group) => ({
              fulfillmentOrderId: toGid('FulfillmentOrder', group.fulfillmentOrderId),
              fulfillmentOrderLineItems: group.lines.map((line) => ({
                id: toGid('FulfillmentOrderLineItem', line.id),
                quantity: line.quantity,
              })),
            })),
          },
        },
        signal,
      ),

    updateTracking: ({ fulfillmentId, tracking, notifyCustomer }, signal) =>
      changeFulfillment(
        DOCUMENTS.fulfillmentTrackingInfoUpdate,
        { fulfillmentId: toGid('Fulfillment', fulfillmentId), trackingInfoInput: trackingInput(tracking), notifyCustomer },
        signal,
      ),

    cancelFulfillment: (id, signal) =>
      changeFulfillment(DOCUMENTS.fulfillmentCancel, { id: toGid('Fulfillment', id) }, signal),

    markPreparedForPickup: async (ids, signal) => {
      const document = DOCUMENTS.preparedForPickup;
      const input = { lineItemsByFulfillmentOrder: ids.map((id) => ({ fulfillmentOrderId: toGid('FulfillmentOrder', id) })) };
      const schema = z.object({ [document.operation]: z.object({ userErrors }).nullish() });
      refuseUserErrors(document, (await ask(document, { input }, schema, signal))[document.operation]?.userErrors);
    },

    cancelOrder: async ({ orderId, reason, notifyCustomer, staffNote }, signal) => {
      const document = DOCUMENTS.orderCancel;
      const job = z.object({ id: z.string() }).nullish();
      const schema = z.object({ orderCancel: z.object({ job, orderCancelUserErrors: userErrors }).nullish() });
      const variables = { orderId: toGid('Order', orderId), reason, notifyCustomer, staffNote: staffNote ?? null };
      const payload = made(document, (await ask(document, variables, schema, signal)).orderCancel);
      refuseUserErrors(document, payload.orderCancelUserErrors);
      return { jobId: payload.job?.id ?? null };
    },

    isJobDone: async (jobId, signal) => {
      const schema = z.object({ job: z.object({ done: z.boolean() }).nullish() });
      return (await ask(DOCUMENTS.job, { id: jobId }, schema, signal)).job?.done ?? true;
    },

    listWebhookSubscriptions: async (signal) => {
      const page = async (after: string | null) =>
        (await ask(DOCUMENTS.webhookSubscriptions, { after }, subscriptions, signal)).webhookSubscriptions;
      return allPages(await page(null), page);
    },

    createWebhookSubscription: async (topic, url, signal) => {
      const document = DOCUMENTS.webhookSubscriptionCreate;
      const schema = z.object({
        webhookSubscriptionCreate: z.object({ webhookSubscription: subscription.nullish(), userErrors }).nullish(),
      });
      const variables = { topic: topicToEnum(topic), webhookSubscription: { uri: url, format: 'JSON' } };
      const payload = (await ask(document, variables, schema, signal)).webhookSubscriptionCreate;
      refuseUserErrors(document, payload?.userErrors);
      return made(document, payload?.webhookSubscription);
    },
  };
}

function trackingInput({ number, url, company }: ShopifyTracking): Record<string, string> {
  return { number, ...(url ? { url } : {}), ...(company ? { company } : {}) };
}

/** User errors are Shopify's plain no: nothing was done and asking again changes nothing. */
function refuseUserErrors(document: ShopifyDocument, errors: z.output<typeof userErrors> | undefined): void {
  if (!errors?.length) return;
  throw new OutsideError(
    {
      system: 'shopify',
      operation: document.operation,
      failure: 'permanent',
      userErrors: errors.map(({ field, message, code }) => ({ field: field ?? null, message, ...(code ? { code } : {}) })),
    },
    `Shopify, ${document.operation}: ${errors.map(({ message }) => message).join('; ')}`,
  );
}

/** What a mutation without user errors must have made. */
function made<T>(document: ShopifyDocument, thing: T | null | undefined): T {
  if (thing !== null && thing !== undefined) return thing;
  throw new OutsideError(
    { system: 'shopify', operation: document.operation, failure: 'unknown' },
    `Shopify, ${document.operation}: neither a result nor an error`,
  );
}
