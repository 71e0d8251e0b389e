import { OutsideError } from '@forma3d/kernel';
import { z } from 'zod';

import type { AskShopify } from './admin-api';
import { DOCUMENTS } from './documents';
import { gidSchema, toGid } from './gid';
import {
  graphqlFulfillment,
  graphqlFulfillmentOrder,
  graphqlFulfillmentOrderLine,
  graphqlLineItem,
  graphqlOrder,
  graphqlRefund,
  pageOf,
  type GraphqlFulfillment,
  type GraphqlFulfillmentOrder,
  type GraphqlRefund,
} from './graphql-order-schema';
import { orderFromGraphql, toFulfillment, toFulfillmentOrder } from './order-from-graphql';
import type { FulfillmentWork } from './shopify-client-types';
import type { ShopifyOrder } from './shopify-order';

/** How many the list fields of our documents ask for; that many came back means that there may be more. */
const REFUNDS_ASKED = 5;
const FULFILLMENTS_ASKED = 3;

const ids = z.array(z.object({ id: gidSchema }));
const orderAnswer = z.object({ order: graphqlOrder.nullable() });
const workAnswer = z.object({
  order: z
    .object({
      updatedAt: graphqlOrder.shape.updatedAt,
      cancelledAt: graphqlOrder.shape.cancelledAt,
      displayFulfillmentStatus: graphqlOrder.shape.displayFulfillmentStatus,
      fulfillments: z.array(graphqlFulfillment),
      fulfillmentOrders: pageOf(graphqlFulfillmentOrder),
    })
    .nullable(),
});

/** The whole order, every page of everything in it. Null when Shopify has none of that id. */
export async function readOrder(ask: AskShopify, id: string, signal?: AbortSignal): Promise<ShopifyOrder | null> {
  const { order } = await ask(DOCUMENTS.order, { id: toGid('Order', id) }, orderAnswer, signal);
  if (order === null) return null;
  const lineItems = await allPages(order.lineItems, async (after) => {
    const schema = z.object({ order: z.object({ lineItems: pageOf(graphqlLineItem) }) });
    return (await ask(DOCUMENTS.orderLineItems, { id: toGid('Order', id), after }, schema, signal)).order.lineItems;
  });
  return orderFromGraphql({
    order,
    lineItems,
    refunds: await readRefunds(ask, id, order.refunds, signal),
    fulfillments: await wholeFulfillments(ask, id, order.fulfillments, signal),
    fulfillmentOrders: await wholeFulfillmentOrders(ask, id, order.fulfillmentOrders, signal),
  });
}

/** What was fulfilled of an order and what is open. Null when Shopify has none of that id. */
export async function readFulfillmentWork(ask: AskShopify, id: string, signal?: AbortSignal): Promise<FulfillmentWork | null> {
  const { order } = await ask(DOCUMENTS.orderFulfillmentWork, { id: toGid('Order', id) }, workAnswer, signal);
  if (order === null) return null;
  const fulfillments = await wholeFulfillments(ask, id, order.fulfillments, signal);
  const fulfillmentOrders = await wholeFulfillmentOrders(ask, id, order.fulfillmentOrders, signal);
  const openLines = fulfillmentOrders.flatMap((each) => each.lineItems.nodes.map((line) => line.lineItem));
  return {
    updatedAt: order.updatedAt,
    cancelledAt: order.cancelledAt ?? null,
    fulfillmentStatus: order.displayFulfillmentStatus ?? 'UNFULFILLED',
    fulfillments: fulfillments.map(toFulfillment),
    fulfillmentOrders: fulfillmentOrders.map(toFulfillmentOrder),
    currentQuantities: new Map(openLines.map((line) => [line.id, line.currentQuantity])),
  };
}

/** One fulfillment whose first page of lines is known, with the rest of them. */
async function wholeFulfillment(
  ask: AskShopify,
  first: GraphqlFulfillment,
  signal?: AbortSignal,
): Promise<GraphqlFulfillment> {
  const nodes = await allPages(first.fulfillmentLineItems, async (after) => {
    const schema = z.object({ fulfillment: graphqlFulfillment });
    const variables = { id: toGid('Fulfillment', first.id), after };
    return (await ask(DOCUMENTS.fulfillment, variables, schema, signal)).fulfillment.fulfillmentLineItems;
  });
  return { ...first, fulfillmentLineItems: { ...first.fulfillmentLineItems, nodes } };
}

async function wholeFulfillments(
  ask: AskShopify,
  orderId: string,
  first: GraphqlFulfillment[],
  signal?: AbortSignal,
): Promise<GraphqlFulfillment[]> {
  const whole: GraphqlFulfillment[] = [];
  for (const fulfillment of first) whole.push(await wholeFulfillment(ask, fulfillment, signal));
  if (first.length < FULFILLMENTS_ASKED) return whole;

  const schema = z.object({ order: z.object({ fulfillments: ids }) });
  const all = await ask(DOCUMENTS.orderFulfillmentIds, { id: toGid('Order', orderId) }, schema, signal);
  const known = new Set(first.map(({ id }) => id));
  for (const { id } of all.order.fulfillments) {
    if (known.has(id)) continue;
    const answer = z.object({ fulfillment: graphqlFulfillment });
    const { fulfillment } = await ask(DOCUMENTS.fulfillment, { id: toGid('Fulfillment', id), after: null }, answer, signal);
    whole.push(await wholeFulfillment(ask, fulfillment, signal));
  }
  return whole;
}

async function wholeFulfillmentOrders(
  ask: AskShopify,
  orderId: string,
  first: Page<GraphqlFulfillmentOrder>,
  signal?: AbortSignal,
): Promise<GraphqlFulfillmentOrder[]> {
  const all = await allPages(first, async (after) => {
    const schema = z.object({ order: z.object({ fulfillmentOrders: pageOf(graphqlFulfillmentOrder) }) });
    const variables = { id: toGid('Order', orderId), after };
    return (await ask(DOCUMENTS.orderFulfillmentOrders, variables, schema, signal)).order.fulfillmentOrders;
  });
  const whole: GraphqlFulfillmentOrder[] = [];
  for (const fulfillmentOrder of all) {
    const nodes = await allPages(fulfillmentOrder.lineItems, async (after) => {
      const schema = z.object({ fulfillmentOrder: z.object({ lineItems: pageOf(graphqlFulfillmentOrderLine) }) });
      const variables = { id: toGid('FulfillmentOrder', fulfillmentOrder.id), after };
      return (await ask(DOCUMENTS.fulfillmentOrderLineItems, variables, schema, signal)).fulfillmentOrder.lineItems;
    });
    whole.push({ ...fulfillmentOrder, lineItems: { ...fulfillmentOrder.lineItems, nodes } });
  }
  return whole;
}

async function readRefunds(
  ask: AskShopify,
  orderId: string,
  first: { id: string }[],
  signal?: AbortSignal,
): Promise<GraphqlRefund[]> {
  const listed = z.object({ order: z.object({ refunds: ids }) });
  const all =
    first.length < REFUNDS_ASKED
      ? first
      : (await ask(DOCUMENTS.orderRefundIds, { id: toGid('Order', orderId) }, listed, signal)).order.refunds;
  const schema = z.object({ refund: graphqlRefund });
  const refunds: GraphqlRefund[] = [];
  for (const { id } of all) {
    const read = async (after: string | null) =>
      (await ask(DOCUMENTS.refund, { id: toGid('Refund', id), after }, schema, signal)).refund;
    const refund = await read(null);
    const nodes = await allPages(refund.refundLineItems, async (after) => (await read(after)).refundLineItems);
    refunds.push({ ...refund, refundLineItems: { ...refund.refundLineItems, nodes } });
  }
  return refunds;
}

interface Page<Node> {
  pageInfo: { hasNextPage: boolean; endCursor?: string | null | undefined };
  nodes: Node[];
}

/** More than anything of Shopify's has: an answer that always promises another page is read no further. */
const MOST_PAGES = 1_000;

/** All nodes of a connection whose first page is at hand. */
export async function allPages<Node>(first: Page<Node>, next: (after: string) => Promise<Page<Node>>): Promise<Node[]> {
  const nodes = [...first.nodes];
  const asked = new Set<string>();
  let page = first;
  while (page.pageInfo.hasNextPage && page.pageInfo.endCursor) {
    const after = page.pageInfo.endCursor;
    if (asked.has(after) || asked.size >= MOST_PAGES) {
      throw new OutsideError({ system: 'shopify', operation: 'next page', failure: 'transient' }, 'Shopify, next page: the pages have no end');
    }
    asked.add(after);
    page = await next(after);
    for (const node of page.nodes) nodes.push(node);
  }
  return nodes;
}
