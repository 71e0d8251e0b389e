import { connection } from './admin-connection';
import type { Args, Node, Nodes } from './admin-node';
import { orderName } from './rest-order';
import { sum } from './shop-money';
import type { FulfillmentOrderRecord, FulfillmentRecord, LineRecord, OrderRecord } from './shop-types';
import { gid } from './shopify-json';

/** What may be done with a fulfillment order: ask for `CREATE_FULFILLMENT` before fulfilling. */
export function supportedActions(fulfillmentOrder: FulfillmentOrderRecord, thirdParty: boolean): string[] {
  switch (fulfillmentOrder.status) {
    case 'OPEN':
      return ['CREATE_FULFILLMENT', ...(thirdParty ? ['REQUEST_FULFILLMENT'] : ['REPORT_PROGRESS']), 'MOVE', 'HOLD', 'SPLIT'];
    case 'IN_PROGRESS':
      return ['CREATE_FULFILLMENT', 'REPORT_PROGRESS', 'HOLD', 'MARK_AS_OPEN'];
    case 'ON_HOLD':
      return ['RELEASE_HOLD', 'HOLD', 'MOVE'];
    case 'SCHEDULED':
      return ['MARK_AS_OPEN', 'MOVE'];
    default:
      return [];
  }
}

export function fulfillmentOrderNode(nodes: Nodes, order: OrderRecord, fulfillmentOrder: FulfillmentOrderRecord): Node {
  const location = nodes.shop.location(fulfillmentOrder.locationId);
  const address = order.shippingAddress;
  return {
    __typename: 'FulfillmentOrder',
    id: gid('FulfillmentOrder', fulfillmentOrder.id),
    status: fulfillmentOrder.status,
    requestStatus: 'UNSUBMITTED',
    createdAt: fulfillmentOrder.createdAt,
    updatedAt: fulfillmentOrder.updatedAt,
    fulfillAt: fulfillmentOrder.fulfillAt ?? fulfillmentOrder.createdAt,
    fulfillBy: null,
    channelId: null,
    internationalDuties: null,
    order: () => nodes.order(order),
    orderId: gid('Order', order.id),
    orderName: orderName(order),
    orderProcessedAt: order.processedAt,
    supportedActions: supportedActions(fulfillmentOrder, location.service !== null).map((action) => ({
      __typename: 'FulfillmentOrderSupportedAction',
      action,
      externalUrl: null,
    })),
    fulfillmentHolds: fulfillmentOrder.holds.map((hold) => holdNode(hold)),
    deliveryMethod: {
      __typename: 'DeliveryMethod',
      id: gid('DeliveryMethod', fulfillmentOrder.id),
      methodType: fulfillmentOrder.delivery,
      presentedName: order.shippingLine?.title ?? null,
      serviceCode: order.shippingLine?.code ?? null,
      sourceReference: null,
      minDeliveryDateTime: null,
      maxDeliveryDateTime: null,
      additionalInformation: null,
      brandedPromise: null,
    },
    assignedLocation: {
      __typename: 'FulfillmentOrderAssignedLocation',
      name: location.name,
      address1: 'Dok Noord 4',
      address2: null,
      city: location.city,
      countryCode: 'BE',
      phone: null,
      province: null,
      zip: '9000',
      location: () => nodes.location(location.id),
    },
    destination: address
      ? {
          __typename: 'FulfillmentOrderDestination',
          id: gid('FulfillmentOrderDestination', fulfillmentOrder.id),
          firstName: address.first_name,
          lastName: address.last_name,
          address1: address.address1,
          address2: null,
          zip: address.zip,
          city: address.city,
          province: null,
          company: null,
          countryCode: address.country_code,
          email: order.email,
          phone: address.phone,
          location: null,
        }
      : null,
    lineItems: (args: Args) =>
      connection(fulfillmentOrder.lines, args, (entry) => fulfillmentOrderLineNode(nodes, order, entry)),
    fulfillments: (args: Args) =>
      connection(
        order.fulfillments.filter((each) => each.lines.some((line) => line.fulfillmentOrderId === fulfillmentOrder.id)),
        args,
        (each) => nodes.fulfillment(order, each),
      ),
  };
}

export function holdNode(hold: FulfillmentOrderRecord['holds'][number]): Node {
  return {
    __typename: 'FulfillmentHold',
    id: gid('FulfillmentHold', hold.id),
    reason: hold.reason,
    displayReason: hold.reason.toLowerCase().replaceAll('_', ' '),
    reasonNotes: hold.notes,
    handle: hold.handle,
    heldByRequestingApp: true,
    heldByApp: null,
  };
}

function fulfillmentOrderLineNode(nodes: Nodes, order: OrderRecord, entry: FulfillmentOrderRecord['lines'][number]): Node {
  const line = lineOf(order, entry.lineItemId);
  return {
    __typename: 'FulfillmentOrderLineItem',
    id: gid('FulfillmentOrderLineItem', entry.id),
    totalQuantity: entry.totalQuantity,
    remainingQuantity: entry.remainingQuantity,
    lineItem: () => nodes.line(order, line),
    productTitle: line.title,
    variantTitle: line.variantTitle,
    requiresShipping: line.requiresShipping,
    sku: line.sku,
    vendor: line.vendor,
    inventoryItemId: null,
    variant: () => nodes.variant(line.variantId),
    warnings: [],
    image: null,
  };
}

export function fulfillmentNode(nodes: Nodes, order: OrderRecord, fulfillment: FulfillmentRecord): Node {
  const { company, numbers, urls } = fulfillment.tracking;
  const parcels = Math.max(numbers.length, urls.length);
  const tracking = Array.from({ length: parcels }, (_, index) => ({
    __typename: 'FulfillmentTrackingInfo',
    company,
    number: numbers[index] ?? null,
    url: urls[index] ?? null,
  }));
  const served = new Set(fulfillment.lines.map((line) => line.fulfillmentOrderId));
  return {
    __typename: 'Fulfillment',
    id: gid('Fulfillment', fulfillment.id),
    legacyResourceId: fulfillment.id,
    name: `${orderName(order)}-F${order.fulfillments.indexOf(fulfillment) + 1}`,
    status: fulfillment.status,
    displayStatus: fulfillment.status === 'CANCELLED' ? 'CANCELED' : 'FULFILLED',
    createdAt: fulfillment.createdAt,
    updatedAt: fulfillment.updatedAt,
    deliveredAt: null,
    estimatedDeliveryAt: null,
    inTransitAt: null,
    requiresShipping: true,
    originAddress: null,
    totalQuantity: sum(fulfillment.lines, (line) => line.quantity),
    order: () => nodes.order(order),
    location: () => nodes.location(fulfillment.locationId),
    service: () => nodes.service(fulfillment.service),
    trackingInfo: (args: Args) => (typeof args.first === 'number' ? tracking.slice(0, args.first) : tracking),
    fulfillmentLineItems: (args: Args) =>
      connection(fulfillment.lines, args, (entry) => ({
        __typename: 'FulfillmentLineItem',
        id: gid('FulfillmentLineItem', entry.id),
        quantity: entry.quantity,
        lineItem: () => nodes.line(order, lineOf(order, entry.lineItemId)),
      })),
    fulfillmentOrders: (args: Args) =>
      connection(order.fulfillmentOrders.filter((each) => served.has(each.id)), args, (each) => nodes.fulfillmentOrder(order, each)),
  };
}

export function locationNode(nodes: Nodes, id: string): Node {
  const location = nodes.shop.location(id);
  return {
    __typename: 'Location',
    id: gid('Location', location.id),
    legacyResourceId: location.id,
    name: location.name,
    isActive: true,
    isPrimary: nodes.shop.data.locations[0]?.id === id,
    fulfillsOnlineOrders: true,
    shipsInventory: true,
    isFulfillmentService: location.service !== null,
    // The shop's own locations have no service; a third party's have theirs.
    fulfillmentService: () => (location.service === null ? null : nodes.service(location.service)),
    createdAt: '2026-01-05T08:00:00Z',
    updatedAt: '2026-01-05T08:00:00Z',
    address: {
      __typename: 'LocationAddress',
      address1: 'Dok Noord 4',
      address2: null,
      city: location.city,
      country: 'Belgium',
      countryCode: 'BE',
      zip: '9000',
      phone: null,
      province: null,
      provinceCode: null,
      formatted: ['Dok Noord 4', location.city, 'Belgium'],
      latitude: null,
      longitude: null,
    },
  };
}

export function serviceNode(nodes: Nodes, handle: string): Node {
  const type = handle === 'manual' ? 'MANUAL' : handle === 'gift_card' ? 'GIFT_CARD' : 'THIRD_PARTY';
  const location = nodes.shop.data.locations.find((candidate) => candidate.service === handle);
  return {
    __typename: 'FulfillmentService',
    id: `gid://shopify/FulfillmentService/${handle}`,
    handle,
    serviceName: handle === 'manual' ? 'Manual' : handle,
    type,
    callbackUrl: null,
    fulfillmentOrdersOptIn: true,
    inventoryManagement: type === 'THIRD_PARTY',
    requiresShippingMethod: true,
    trackingSupport: false,
    location: () => (location ? nodes.location(location.id) : null),
  };
}

function lineOf(order: OrderRecord, id: string): LineRecord {
  const line = order.lines.find((candidate) => candidate.id === id);
  if (!line) throw new Error(`Order ${order.id} lost its line ${id}.`);
  return line;
}
