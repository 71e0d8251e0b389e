import { GraphQLError } from 'graphql';
import { z } from 'zod';

import { connection } from './admin-connection';
import { idOf } from './admin-gid';
import type { Args, Node } from './admin-node';
import type { Shop } from './shop';
import type { UserError } from './shop-fulfillment';
import type { SubscriptionRecord } from './shop-types';
import { API_VERSION } from './shopify-webhooks';
import { gid } from './shopify-json';

/** Resources of two words, which the enum's underscores hide. */
const LONG_RESOURCES = ['FULFILLMENT_ORDERS', 'FULFILLMENT_HOLDS', 'FULFILLMENT_EVENTS', 'BULK_OPERATIONS', 'DRAFT_ORDERS', 'INVENTORY_LEVELS', 'INVENTORY_ITEMS'];

/** `FULFILLMENT_ORDERS_ORDER_ROUTING_COMPLETE` → `fulfillment_orders/order_routing_complete`. */
export function topicOf(enumName: string): string {
  const long = LONG_RESOURCES.find((resource) => enumName.startsWith(`${resource}_`));
  const resource = long ?? enumName.slice(0, enumName.indexOf('_'));
  return `${resource}/${enumName.slice(resource.length + 1)}`.toLowerCase();
}

const inputSchema = z.looseObject({
  uri: z.string().nullish(),
  callbackUrl: z.string().nullish(),
  filter: z.string().nullish(),
  includeFields: z.array(z.string()).nullish(),
});

type Payload = { webhookSubscription: Node | null; userErrors: UserError[] };

/** `webhookSubscriptions` and the three mutations, with Shopify's own refusals. */
export function subscriptionApi(shop: Shop) {
  const node = (subscription: SubscriptionRecord): Node => ({
    __typename: 'WebhookSubscription',
    id: gid('WebhookSubscription', subscription.id),
    legacyResourceId: subscription.id,
    topic: subscription.topic.replace('/', '_').toUpperCase(),
    uri: subscription.url,
    callbackUrl: subscription.url,
    endpoint: { __typename: 'WebhookHttpEndpoint', callbackUrl: subscription.url },
    format: 'JSON',
    filter: null,
    includeFields: [],
    metafieldNamespaces: [],
    metafields: [],
    name: null,
    apiVersion: { __typename: 'ApiVersion', handle: API_VERSION, displayName: API_VERSION, supported: true },
    createdAt: subscription.createdAt,
    updatedAt: subscription.updatedAt,
  });
  const find = (id: unknown) => shop.data.subscriptions.find((each) => each.id === idOf(id, 'WebhookSubscription'));
  const refused = (message: string, field = ['webhookSubscription', 'callbackUrl']): Payload => ({
    webhookSubscription: null,
    userErrors: [{ field, message }],
  });
  const checked = (raw: unknown, topic: string, except?: SubscriptionRecord): { url: string } | Payload => {
    const input = inputSchema.parse(raw);
    if (input.filter ?? input.includeFields?.length) {
      throw new GraphQLError('The sandbox does not simulate filters and field lists of webhook subscriptions.', {
        extensions: { code: 'NOT_SIMULATED' },
      });
    }
    const url = input.uri ?? input.callbackUrl ?? except?.url ?? '';
    const problem = addressProblem(url);
    if (problem) return refused(problem);
    const taken = shop.data.subscriptions.some((each) => each !== except && each.topic === topic && each.url === url);
    return taken ? refused('Address for this topic has already been taken') : { url };
  };
  return {
    query: {
      webhookSubscription: (args: Args) => {
        const found = find(args.id);
        return found ? node(found) : null;
      },
      webhookSubscriptions: (args: Args) => {
        const topics = Array.isArray(args.topics) ? args.topics.map((topic) => topicOf(String(topic))) : null;
        const wanted = args.uri ?? args.callbackUrl ?? null;
        const matching = shop.data.subscriptions.filter(
          (each) => (topics === null || topics.includes(each.topic)) && (wanted === null || each.url === wanted),
        );
        return connection(matching, args, node);
      },
      webhookSubscriptionsCount: () => ({ __typename: 'Count', count: shop.data.subscriptions.length, precision: 'EXACT' }),
    },
    mutation: {
      webhookSubscriptionCreate: (args: Args): Payload => {
        const topic = topicOf(String(args.topic));
        const input = checked(args.webhookSubscription, topic);
        if (!('url' in input)) return input;
        const now = shop.now();
        const created = { id: shop.newId(), topic, url: input.url, createdAt: now, updatedAt: now };
        shop.data.subscriptions.push(created);
        shop.data.everSubscribed = true;
        shop.changed();
        return { webhookSubscription: node(created), userErrors: [] };
      },
      webhookSubscriptionUpdate: (args: Args): Payload => {
        const found = find(args.id);
        if (!found) return refused('Webhook subscription does not exist', ['id']);
        const input = checked(args.webhookSubscription, found.topic, found);
        if (!('url' in input)) return input;
        found.url = input.url;
        found.updatedAt = shop.now();
        shop.changed();
        return { webhookSubscription: node(found), userErrors: [] };
      },
      webhookSubscriptionDelete: (args: Args) => {
        const found = find(args.id);
        if (!found) {
          const userErrors = [{ field: ['id'], message: 'Webhook subscription does not exist' }];
          return { deletedWebhookSubscriptionId: null, userErrors };
        }
        shop.data.subscriptions = shop.data.subscriptions.filter((each) => each !== found);
        shop.changed();
        return { deletedWebhookSubscriptionId: gid('WebhookSubscription', found.id), userErrors: [] };
      },
    },
  };
}

/** Shopify wants https. Here plain http is good enough for this machine and for neighbours in one container network (names without a dot). */
function addressProblem(url: string): string | null {
  if (url.trim() === '') return "Address can't be blank";
  if (!URL.canParse(url)) return 'Address is invalid';
  const { protocol, hostname } = new URL(url);
  if (protocol === 'https:') return null;
  const near = ['127.0.0.1', '[::1]'].includes(hostname) || !hostname.includes('.');
  return protocol === 'http:' && near ? null : `Address protocol ${protocol}// is not supported`;
}
