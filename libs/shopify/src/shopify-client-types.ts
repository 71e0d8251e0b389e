import type { OutsideGate } from '@forma3d/kernel';

import type { ShopifyFulfillment, ShopifyFulfillmentHeader, ShopifyFulfillmentOrder, ShopifyOrder } from './shopify-order';

export interface ShopifyClientOptions {
  storeId: string;
  /** `something.myshopify.com`. */
  shopDomain: string;
  accessToken: string;
  /** `2026-10`; answers in another version are reported through `onVersionDrift`. */
  apiVersion: string;
  /** Where the Admin API is reached instead of the shop itself (the sandbox, a proxy). */
  apiBaseUrl?: string | undefined;
  gate: OutsideGate;
  /** How long to wait for an answer, in milliseconds. */
  timeoutMs: number;
  /** Shopify answered in another version than asked: the asked one is retired or not known there. */
  onVersionDrift?: ((drift: { asked: string; answered: string }) => void) | undefined;
}

export interface ShopifyShop {
  id: string;
  name: string;
  /** The permanent `*.myshopify.com` name. */
  domain: string;
  email: string | null;
  currency: string;
  /** IANA name, e.g. `Europe/Brussels`. */
  timeZone: string;
}

export interface ShopifyTracking {
  number: string;
  url?: string | undefined;
  company?: string | undefined;
}

/** Which units of which fulfillment orders; all groups must stand at one location and belong to one order. */
export interface CreateFulfillmentInput {
  orderId: string;
  groups: { fulfillmentOrderId: string; lines: { id: string; quantity: number }[] }[];
  /** Shopify mails the customer. */
  notifyCustomer: boolean;
  tracking?: ShopifyTracking | undefined;
}

export interface ShopifyWebhookSubscription {
  id: string;
  /** As in deliveries: `orders/create`. */
  topic: string;
  /** Null for subscriptions that do not go to a URL. */
  url: string | null;
}

export interface ChangedOrders {
  orders: { id: string; updatedAt: Date }[];
  /** Pass it as `after` for the rest; null when there is no more. */
  nextCursor: string | null;
}

/** What must be known before a plan, before a fulfillment, and after a lost answer to one. */
export interface FulfillmentWork {
  /** The order's own; a change of its fulfillment orders alone need not move it. */
  updatedAt: Date;
  cancelledAt: Date | null;
  /** Upper case, as in `ShopifyOrder`. */
  fulfillmentStatus: string;
  fulfillments: ShopifyFulfillment[];
  fulfillmentOrders: ShopifyFulfillmentOrder[];
  /** By line item id, of the lines in the fulfillment orders: units that are still bought, without refunded and removed ones. */
  currentQuantities: ReadonlyMap<string, number>;
}

/**
 * What Forma3D Connect asks of one shop's Admin API. Ids in and out are numeric ids as decimal strings.
 *
 * Every method rejects with an `OutsideError`; `failure` says what that means for the caller. Queries never answer
 * `unknown`; mutations do when the answer got lost, and must then be read back before they are tried again.
 */
export interface ShopifyClient {
  getShop(signal?: AbortSignal): Promise<ShopifyShop>;
  /** With refunds, fulfillments and fulfillment orders, all pages of each. Null when there is no such order. */
  getOrder(id: string, signal?: AbortSignal): Promise<ShopifyOrder | null>;
  /** A read at a third of `getOrder`'s price, for deciding what to make and what to fulfill. Null when there is no such order. */
  getFulfillmentWork(orderId: string, signal?: AbortSignal): Promise<FulfillmentWork | null>;
  /** Orders updated at or after `since`, oldest change first, one page of up to a hundred. */
  changedOrders(input: { since: Date; after?: string | undefined }, signal?: AbortSignal): Promise<ChangedOrders>;
  orderIdOfFulfillmentOrder(fulfillmentOrderId: string, signal?: AbortSignal): Promise<string | null>;
  createFulfillment(input: CreateFulfillmentInput, signal?: AbortSignal): Promise<ShopifyFulfillmentHeader>;
  updateTracking(
    input: { fulfillmentId: string; tracking: ShopifyTracking; notifyCustomer: boolean },
    signal?: AbortSignal,
  ): Promise<ShopifyFulfillmentHeader>;
  /** Cancelling one that is cancelled already succeeds. */
  cancelFulfillment(fulfillmentId: string, signal?: AbortSignal): Promise<ShopifyFulfillmentHeader>;
  /** Tells customers who collect that their goods are ready. */
  markPreparedForPickup(fulfillmentOrderIds: string[], signal?: AbortSignal): Promise<void>;
  /**
   * Asks Shopify to cancel the order. Asynchronous there: resolving means accepted, and a job does it a moment later, or does nothing
   * where somebody fulfilled the order meanwhile. Nothing is refunded or restocked.
   *
   * @returns the whole id of the job, for `isJobDone`; null where Shopify names none
   */
  cancelOrder(
    input: { orderId: string; reason: ShopifyCancelReason; notifyCustomer: boolean; staffNote?: string | undefined },
    signal?: AbortSignal,
  ): Promise<{ jobId: string | null }>;
  /** Whether a job is over, however it ended; also when Shopify does not know it any more. */
  isJobDone(jobId: string, signal?: AbortSignal): Promise<boolean>;
  listWebhookSubscriptions(signal?: AbortSignal): Promise<ShopifyWebhookSubscription[]>;
  createWebhookSubscription(topic: string, url: string, signal?: AbortSignal): Promise<ShopifyWebhookSubscription>;
}

/** `OrderCancelReason` of the Admin schema. */
export type ShopifyCancelReason = 'CUSTOMER' | 'DECLINED' | 'FRAUD' | 'INVENTORY' | 'OTHER' | 'STAFF';
