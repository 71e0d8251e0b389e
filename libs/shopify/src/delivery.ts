import { createHmac, timingSafeEqual } from 'node:crypto';

import { invalidDelivery } from '@forma3d/kernel';
import { z } from 'zod';

import { bodyId } from './bounded-values';
import { legacyId } from './gid';
import { parseDelivery } from './parse-delivery';

/** What the headers of a webhook delivery say; absent ones are null. */
export interface ShopifyDeliveryHeaders {
  /** `orders/create` … */
  topic: string | null;
  /** One per delivery and its retries: what to de-duplicate by. */
  webhookId: string | null;
  /** Shared by all deliveries of one merchant action: never to de-duplicate by. */
  eventId: string | null;
  /** Lower case. */
  shopDomain: string | null;
  triggeredAt: Date | null;
  apiVersion: string | null;
  hmac: string | null;
}

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/**
 * Reads both families of names, `X-Shopify-Topic` and the newer `Shopify-Topic` of Events deliveries, from headers as Node gives them:
 * with names in lower case.
 */
export function deliveryHeaders(headers: Headers): ShopifyDeliveryHeaders {
  const read = (name: string): string | null => {
    const value = headers[`x-shopify-${name}`] ?? headers[`shopify-${name}`];
    const first = Array.isArray(value) ? value[0] : value;
    return first === undefined || first === '' ? null : first;
  };
  return {
    topic: read('topic'),
    webhookId: read('webhook-id'),
    eventId: read('event-id'),
    shopDomain: read('shop-domain')?.toLowerCase() ?? null,
    triggeredAt: momentOf(read('triggered-at')),
    apiVersion: read('api-version'),
    hmac: read('hmac-sha256'),
  };
}

/** Null for none, for nonsense, and for times that no calendar of a database holds: the header is a remark, not part of what is signed. */
function momentOf(header: string | null): Date | null {
  if (header === null || !/^2\d{3}-/.test(header)) return null;
  const moment = new Date(header);
  return Number.isNaN(moment.getTime()) ? null : moment;
}

/** Base64 of 32 bytes, once. A header that was sent twice arrives as both, joined; decoding would stop at the end of the first. */
const SIGNATURE = /^[A-Za-z0-9+/]{43}=$/;

/**
 * Whether Shopify signed these very bytes with one of the secrets (several while a secret is being replaced).
 *
 * Base64 HMAC-SHA256 over the raw body; Shopify escapes `/` and `&` in bodies, so a body that was parsed and written
 * again never verifies. All secrets are tried and each is compared in constant time.
 */
export function verifyWebhook(raw: Uint8Array, hmacHeader: string | null | undefined, secrets: readonly string[]): boolean {
  if (!hmacHeader || !SIGNATURE.test(hmacHeader)) return false;
  const given = Buffer.from(hmacHeader, 'base64');
  let matches = false;
  for (const secret of secrets) {
    if (secret === '') continue;
    const expected = createHmac('sha256', secret).update(raw).digest();
    if (given.length === expected.length && timingSafeEqual(given, expected)) matches = true;
  }
  return matches;
}

/** What a delivery is about: an order, or a fulfillment order whose order must be asked for, or neither. */
export type DeliverySubject =
  | { kind: 'order'; orderId: string }
  | { kind: 'fulfillment-order'; fulfillmentOrderId: string }
  | { kind: 'none' };

const gidOrId = z.looseObject({ admin_graphql_api_id: z.string().optional(), id: bodyId.optional() });
const orderBody = gidOrId;
const ofOrderBody = z.looseObject({ order_id: bodyId });
/** `orders/edited` carries `{ order_edit: { order_id, … } }`. */
const orderEditBody = z.looseObject({ order_edit: ofOrderBody });
const fulfillmentOrderBody = z.looseObject({ fulfillment_order: gidOrId });

/**
 * Which order the body of a topic is about, from the ids alone: the rest of the body may be anything.
 *
 * @throws DomainError `invalid-delivery` when the ids that the topic promises are not there
 */
export function orderIdFromDelivery(topic: string, raw: Uint8Array | string): DeliverySubject {
  const name = topic.toLowerCase();
  if (name === 'orders/edited') {
    return { kind: 'order', orderId: parseDelivery(orderEditBody, raw).order_edit.order_id };
  }
  if (name.startsWith('orders/')) {
    return { kind: 'order', orderId: idOf(parseDelivery(orderBody, raw)) };
  }
  if (name.startsWith('refunds/') || name.startsWith('fulfillments/')) {
    return { kind: 'order', orderId: parseDelivery(ofOrderBody, raw).order_id };
  }
  if (name.startsWith('fulfillment_orders/')) {
    return { kind: 'fulfillment-order', fulfillmentOrderId: idOf(parseDelivery(fulfillmentOrderBody, raw).fulfillment_order) };
  }
  return { kind: 'none' };
}

function idOf(resource: z.output<typeof gidOrId>): string {
  const fromGid = resource.admin_graphql_api_id === undefined ? null : legacyId(resource.admin_graphql_api_id);
  const id = fromGid ?? resource.id;
  if (id !== undefined) return id;
  throw invalidDelivery('Shopify', [{ path: ['id'], message: 'is missing' }]);
}
