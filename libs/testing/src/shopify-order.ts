import type { ShopifyFulfillmentOrder, ShopifyLineItem, ShopifyOrder } from '@forma3d/shopify';

/** A line of two mugs, for tests; change what the test is about. */
export function aLine(change: Partial<ShopifyLineItem> = {}): ShopifyLineItem {
  return {
    id: '9001',
    title: 'Mug',
    variantTitle: 'Red',
    sku: 'MUG-RED',
    variantId: '7001',
    productId: '5001',
    vendor: 'Acme',
    quantity: 2,
    currentQuantity: 2,
    fulfillableQuantity: 2,
    unitPriceCents: 1500,
    discountCents: 0,
    taxCents: 0,
    requiresShipping: true,
    giftCard: false,
    tip: false,
    fulfillmentService: 'manual',
    ...change,
  };
}

/** A paid order of two mugs as a webhook tells it, placed on 2 November 2026 at 09:00 UTC, for tests. */
export function anOrder(change: Partial<ShopifyOrder> = {}): ShopifyOrder {
  const placed = new Date('2026-11-02T09:00:00.000Z');
  return {
    id: '820982911946154508',
    name: '#1001',
    number: 1001,
    createdAt: placed,
    processedAt: placed,
    updatedAt: placed,
    cancelledAt: null,
    cancelReason: null,
    test: false,
    sourceName: 'web',
    currency: 'EUR',
    taxesIncluded: true,
    financialStatus: 'PAID',
    fulfillmentStatus: 'UNFULFILLED',
    totalCents: 3500,
    subtotalCents: 3000,
    taxCents: 0,
    discountCents: 0,
    shippingCents: 500,
    currentSubtotalCents: 3000,
    currentTotalCents: 3500,
    shippingMethod: { title: 'Standard', code: 'standard' },
    pickup: false,
    customer: { id: '3001', email: 'jo@example.org', firstName: 'Jo', lastName: 'Peeters', phone: null },
    email: 'jo@example.org',
    phone: null,
    shippingAddress: {
      name: 'Jo Peeters',
      company: null,
      address1: 'Dorpstraat 1',
      address2: null,
      zip: '9000',
      city: 'Gent',
      provinceCode: null,
      countryCode: 'BE',
      phone: null,
    },
    note: null,
    tags: ['gift'],
    lineItems: [aLine()],
    refunds: [],
    fulfillments: [],
    fulfillmentOrders: null,
    ...change,
  };
}

/** An open fulfillment order of ours with those two mugs, for tests. */
export function aFulfillmentOrder(change: Partial<ShopifyFulfillmentOrder> = {}): ShopifyFulfillmentOrder {
  return {
    id: '4001',
    status: 'OPEN',
    supportedActions: ['CREATE_FULFILLMENT'],
    locationId: '1',
    ours: true,
    deliveryMethod: 'SHIPPING',
    fulfillAt: null,
    lines: [{ id: '4101', lineItemId: '9001', totalQuantity: 2, remainingQuantity: 2 }],
    ...change,
  };
}
