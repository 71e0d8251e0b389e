import { badRequest, compareKeys, connection } from './admin-connection';
import { idOf } from './admin-gid';
import type { Args, Node, Nodes } from './admin-node';
import { orderFilter, orderSortKey } from './admin-search';
import { SHOP_TIME_ZONE } from './rest-money';
import { isOpen } from './shop-money';
import type { OrderRecord } from './shop-types';
import { API_VERSION } from './shopify-webhooks';
import { gid } from './shopify-json';

const SCOPES = [
  'read_orders',
  'write_orders',
  'read_all_orders',
  'read_products',
  'read_customers',
  'read_locations',
  'read_fulfillments',
  'read_merchant_managed_fulfillment_orders',
  'write_merchant_managed_fulfillment_orders',
  'read_third_party_fulfillment_orders',
];

/** The root fields of queries, without those of webhooks and bulk operations. */
export function shopQueries(nodes: Nodes) {
  const { shop } = nodes;
  const order = (args: Args) => {
    const found = shop.findOrder(idOf(args.id, 'Order') ?? '');
    return found ? nodes.order(found) : null;
  };
  const fulfillmentOrder = (args: Args) => {
    const found = shop.findFulfillmentOrder(idOf(args.id, 'FulfillmentOrder') ?? '');
    return found ? nodes.fulfillmentOrder(found.order, found.fulfillmentOrder) : null;
  };
  const fulfillment = (args: Args) => {
    const found = shop.findFulfillment(idOf(args.id, 'Fulfillment') ?? '');
    return found ? nodes.fulfillment(found.order, found.fulfillment) : null;
  };
  const refund = (args: Args) => {
    const id = idOf(args.id, 'Refund');
    for (const each of shop.data.orders) {
      const found = each.refunds.find((candidate) => candidate.id === id);
      if (found) return nodes.refund(each, found);
    }
    return null;
  };
  const location = (args: Args) => {
    const id = args.id === undefined || args.id === null ? shop.data.locations[0]?.id : idOf(args.id, 'Location');
    return shop.data.locations.some((each) => each.id === id) && id ? nodes.location(id) : null;
  };
  const lineItem = (args: Args) => {
    const id = idOf(args.id, 'LineItem');
    for (const each of shop.data.orders) {
      const found = each.lines.find((line) => line.id === id);
      if (found) return nodes.line(each, found);
    }
    return null;
  };
  const product = (args: Args) => nodes.product(idOf(args.id, 'Product'));
  const productVariant = (args: Args) => nodes.variant(idOf(args.id, 'ProductVariant'));
  const byType: Record<string, (args: Args) => Node | null> = {
    Order: order,
    FulfillmentOrder: fulfillmentOrder,
    Fulfillment: fulfillment,
    Refund: refund,
    Location: location,
    LineItem: lineItem,
    Product: product,
    ProductVariant: productVariant,
  };
  const node = (args: Args) => {
    const type = /^gid:\/\/shopify\/([A-Za-z]+)\//.exec(String(args.id))?.[1];
    if (!type) idOf(args.id, '');
    const find = byType[type ?? ''];
    if (!find) throw badRequest(`The sandbox does not look up ${type ?? 'that'} by its id.`);
    return find(args);
  };
  const openFulfillmentOrders = (args: Args) => {
    if (args.query) throw badRequest('The sandbox does not search fulfillment orders.');
    return shop.data.orders
      .flatMap((each) => each.fulfillmentOrders.map((entry) => ({ id: entry.id, order: each, entry })))
      .filter(({ entry }) => args.includeClosed === true || isOpen(entry));
  };
  // The pages of one long list follow each other: the last list is kept until something in the shop changes.
  let last: { of: string; orders: OrderRecord[] } | null = null;
  const sortedOrders = (key: (order: OrderRecord) => string, sortKey: unknown, query: unknown): OrderRecord[] => {
    const of = JSON.stringify([shop.version, sortKey, query]);
    if (last?.of !== of) {
      const keep = orderFilter(typeof query === 'string' ? query : null);
      last = { of, orders: shop.data.orders.filter(keep).sort((a, b) => compareKeys(key(a), a.id, key(b), b.id)) };
    }
    return last.orders;
  };
  return {
    order,
    fulfillmentOrder,
    fulfillment,
    refund,
    location,
    product,
    productVariant,
    node,
    nodes: (args: Args) => (Array.isArray(args.ids) ? args.ids.map((id: unknown) => node({ id })) : []),
    orders: (args: Args) => {
      const key = orderSortKey(typeof args.sortKey === 'string' ? args.sortKey : null);
      return connection(sortedOrders(key, args.sortKey, args.query), args, nodes.order, key);
    },
    ordersCount: (args: Args) => {
      const keep = orderFilter(typeof args.query === 'string' ? args.query : null);
      return { __typename: 'Count', count: shop.data.orders.filter(keep).length, precision: 'EXACT' };
    },
    fulfillmentOrders: (args: Args) =>
      connection(openFulfillmentOrders(args), args, (each) => nodes.fulfillmentOrder(each.order, each.entry)),
    assignedFulfillmentOrders: (args: Args) => {
      // Only fulfillment services have orders assigned to them; this app is none.
      return connection<{ id: string }, Node>([], args, () => ({ __typename: 'FulfillmentOrder' }));
    },
    locations: (args: Args) => connection(shop.data.locations, args, (each) => nodes.location(each.id)),
    products: (args: Args) => {
      if (args.query) throw badRequest('The sandbox does not search products.');
      return connection(shop.data.products, args, (each) => nodes.product(each.id));
    },
    productVariants: (args: Args) => {
      if (args.query) throw badRequest('The sandbox does not search variants.');
      return connection(shop.data.products.flatMap((each) => each.variants), args, (each) => nodes.variant(each.id));
    },
    shop: () => ({
      __typename: 'Shop',
      id: gid('Shop', '71000000'),
      name: 'Forma3D sandbox shop',
      email: 'owner@example.com',
      contactEmail: 'owner@example.com',
      myshopifyDomain: shop.domain,
      url: `https://${shop.domain}`,
      primaryDomain: { __typename: 'Domain', id: gid('Domain', '1'), host: shop.domain, url: `https://${shop.domain}`, sslEnabled: true },
      ianaTimezone: SHOP_TIME_ZONE,
      timezoneAbbreviation: 'CET',
      timezoneOffset: '+0100',
      timezoneOffsetMinutes: 60,
      currencyCode: 'EUR',
      enabledPresentmentCurrencies: ['EUR'],
      taxesIncluded: true,
      taxShipping: false,
      weightUnit: 'KILOGRAMS',
      unitSystem: 'METRIC_SYSTEM',
      createdAt: '2026-01-05T08:00:00Z',
      updatedAt: '2026-01-05T08:00:00Z',
      plan: { __typename: 'ShopPlan', displayName: 'Sandbox', publicDisplayName: 'Sandbox', partnerDevelopment: true, shopifyPlus: false },
    }),
    job: (args: Args) => {
      const id = idOf(args.id, 'Job');
      const found = shop.data.cancelJobs.find((each) => each.id === id);
      return found ? { __typename: 'Job', id: gid('Job', found.id), done: found.done } : null;
    },
    publicApiVersions: () => [{ __typename: 'ApiVersion', handle: API_VERSION, displayName: API_VERSION, supported: true }],
    currentAppInstallation: () => ({
      __typename: 'AppInstallation',
      id: gid('AppInstallation', '1'),
      accessScopes: SCOPES.map((handle) => ({ __typename: 'AccessScope', handle, description: handle })),
    }),
  };
}
