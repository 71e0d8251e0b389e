import { createHmac, randomUUID } from 'node:crypto';

import { restFulfillment } from './rest-fulfillment';
import { restOrder } from './rest-order';
import { restRefund } from './rest-refund';
import { restTime } from './rest-money';
import type { SandboxSettings } from './settings';
import type { Shop, ShopEvent } from './shop';
import { gid, restId, shopifyJson } from './shopify-json';
import type { WebhookSender } from './webhook-sender';

/** The version that webhooks are written in. */
export const API_VERSION = '2026-10';

/** Topics that only an app's own configuration can have, never the Admin API. */
export const PRIVACY_TOPICS = ['customers/data_request', 'customers/redact', 'shop/redact'];

/** What the fallback URL receives: the topics that Forma3D Connect reads, and nothing else. */
export const FALLBACK_TOPICS = [
  'orders/create',
  'orders/paid',
  'orders/updated',
  'orders/edited',
  'orders/cancelled',
  'refunds/create',
  'fulfillments/create',
  'fulfillments/update',
  'fulfillment_orders/order_routing_complete',
  'bulk_operations/finish',
  'app/uninstalled',
  ...PRIVACY_TOPICS,
];

/** Seconds between the first attempt and the eight retries at speed 60; Shopify spreads its eight over four hours. Two minutes in all. */
const RETRY_WAITS_S = [1, 2, 4, 8, 12, 20, 30, 43];

/** Faster prints mean faster retries, but never more than four times: an app needs a moment to start again. Slower ones do not slow them. */
export function retryDelaysMs(speed: number): number[] {
  const factor = Math.min(1, Math.max(0.25, 60 / Math.max(speed, 1)));
  return RETRY_WAITS_S.map((seconds) => seconds * 1000 * factor);
}

/** Base64 HMAC-SHA256 of the exact bytes, as in `X-Shopify-Hmac-Sha256`. */
export function shopifySignature(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body, 'utf8').digest('base64');
}

/** Turns what happens in the shop into signed deliveries. */
export class ShopifyWebhooks {
  constructor(
    private readonly shop: Shop,
    private readonly sender: WebhookSender,
    private readonly settings: Pick<SandboxSettings, 'shopifySecret' | 'shopDomain' | 'webhookUrl'>,
    private readonly speed: () => number,
    private readonly delays: number[] | null = null,
  ) {}

  /** Bodies are written at once: they show the shop as it was at that moment, however late they arrive. */
  deliver(events: ShopEvent[]): void {
    const eventId = randomUUID();
    for (const event of events) {
      const urls = this.destinations(event.topic);
      if (urls.length === 0) continue;
      const body = shopifyJson(this.body(event));
      for (const { url, subscriptionId } of urls) {
        this.sender.send({
          system: 'shopify',
          topic: event.topic,
          url,
          body,
          headers: this.headers(event.topic, body, eventId),
          retryDelaysMs: this.delays ?? retryDelaysMs(this.speed()),
          onGivenUp: () => this.dropSubscription(subscriptionId),
        });
      }
    }
  }

  private headers(topic: string, body: string, eventId: string): Record<string, string> {
    return {
      'X-Shopify-Topic': topic,
      'X-Shopify-Hmac-Sha256': shopifySignature(body, this.settings.shopifySecret),
      'X-Shopify-Shop-Domain': this.settings.shopDomain,
      'X-Shopify-API-Version': API_VERSION,
      'X-Shopify-Webhook-Id': randomUUID(),
      'X-Shopify-Event-Id': eventId,
      'X-Shopify-Triggered-At': this.shop.scheduler.now().toISOString(),
      'User-Agent': 'Shopify-Captain-Hook',
    };
  }

  private destinations(topic: string): { url: string; subscriptionId: string | null }[] {
    const { subscriptions, everSubscribed } = this.shop.data;
    const fallback = this.settings.webhookUrl;
    if (PRIVACY_TOPICS.includes(topic)) {
      const urls = fallback ? [fallback] : [...new Set(subscriptions.map((subscription) => subscription.url))];
      return urls.map((url) => ({ url, subscriptionId: null }));
    }
    if (everSubscribed) {
      return subscriptions
        .filter((subscription) => subscription.topic === topic)
        .map((subscription) => ({ url: subscription.url, subscriptionId: subscription.id }));
    }
    return fallback && FALLBACK_TOPICS.includes(topic) ? [{ url: fallback, subscriptionId: null }] : [];
  }

  /** After the last retry Shopify deletes a subscription that was made through the Admin API. */
  private dropSubscription(id: string | null): void {
    if (id === null) return;
    const { data } = this.shop;
    data.subscriptions = data.subscriptions.filter((subscription) => subscription.id !== id);
    this.shop.changed();
  }

  private body(event: ShopEvent): unknown {
    const shopId = 71_000_000;
    const shop_domain = this.settings.shopDomain;
    switch (event.topic) {
      case 'refunds/create': {
        const refund = event.order.refunds.find((candidate) => candidate.id === event.refundId);
        return refund ? restRefund(event.order, refund) : null;
      }
      case 'fulfillments/create':
      case 'fulfillments/update':
        return { ...restFulfillment(event.order, event.fulfillment), email: event.order.email };
      case 'fulfillment_orders/order_routing_complete':
      case 'fulfillment_orders/placed_on_hold':
      case 'fulfillment_orders/hold_released': {
        const status = event.fulfillmentOrder.status.toLowerCase();
        return { fulfillment_order: { id: gid('FulfillmentOrder', event.fulfillmentOrder.id), status } };
      }
      case 'orders/edited':
        return {
          order_edit: {
            id: restId(this.shop.newId()),
            app_id: null,
            created_at: restTime(event.order.updatedAt),
            notify_customer: false,
            order_id: restId(event.order.id),
            staff_note: '',
            user_id: null,
            line_items: {
              additions: event.additions.map(({ id, delta }) => ({ id: restId(id), delta })),
              removals: event.removals.map(({ id, delta }) => ({ id: restId(id), delta })),
            },
            discounts: { line_item: { additions: [], removals: [] } },
            shipping_lines: { additions: [], removals: [] },
          },
        };
      case 'bulk_operations/finish': {
        const bulk = this.shop.data.bulkOperations.find((candidate) => candidate.id === event.bulkId);
        return {
          admin_graphql_api_id: gid('BulkOperation', event.bulkId),
          completed_at: bulk?.completedAt ?? null,
          created_at: bulk?.createdAt ?? null,
          error_code: bulk?.errorCode?.toLowerCase() ?? null,
          status: bulk?.status.toLowerCase() ?? null,
          type: 'query',
        };
      }
      case 'app/uninstalled':
        return { id: shopId, name: 'Forma3D sandbox shop', domain: shop_domain, myshopify_domain: shop_domain, plan_name: 'sandbox' };
      case 'shop/redact':
        return { shop_id: shopId, shop_domain };
      case 'customers/data_request':
      case 'customers/redact': {
        const { customer, id } = event.order;
        const person = customer ? { id: restId(customer.id), email: customer.email, phone: customer.phone } : null;
        return event.topic === 'customers/redact'
          ? { shop_id: shopId, shop_domain, customer: person, orders_to_redact: [restId(id)] }
          : { shop_id: shopId, shop_domain, orders_requested: [restId(id)], customer: person, data_request: { id: 9999 } };
      }
      default:
        return restOrder(event.order, this.settings.shopDomain);
    }
  }
}
