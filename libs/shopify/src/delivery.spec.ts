import { createHmac } from 'node:crypto';

import { deliveryHeaders, orderIdFromDelivery, verifyWebhook } from './delivery';

const sign = (raw: Buffer, secret: string): string => createHmac('sha256', secret).update(raw).digest('base64');

describe('the signature', () => {
  const raw = Buffer.from('{"url":"https:\\/\\/a.example\\u0026b"}');

  test('is checked over the bytes as they came', () => {
    expect(verifyWebhook(raw, sign(raw, 's1'), ['s1'])).toBe(true);
    const rewritten = Buffer.from(JSON.stringify(JSON.parse(raw.toString())));
    expect(verifyWebhook(rewritten, sign(raw, 's1'), ['s1'])).toBe(false);
  });

  test('may be made with any of several secrets, while one is being replaced', () => {
    expect(verifyWebhook(raw, sign(raw, 'old'), ['new', 'old'])).toBe(true);
    expect(verifyWebhook(raw, sign(raw, 'new'), ['new', 'old'])).toBe(true);
    expect(verifyWebhook(raw, sign(raw, 'other'), ['new', 'old'])).toBe(false);
  });

  test.each([undefined, null, '', 'not base64 !', 'c2hvcnQ='])('%j is none', (header) => {
    expect(verifyWebhook(raw, header, ['s1'])).toBe(false);
  });

  test('an empty secret signs nothing', () => {
    expect(verifyWebhook(raw, sign(raw, ''), [''])).toBe(false);
    expect(verifyWebhook(raw, sign(raw, 's1'), [])).toBe(false);
  });
});

describe('the headers', () => {
  test('are read in any case', () => {
    expect(
      deliveryHeaders({
        'x-shopify-topic': 'orders/create',
        'x-shopify-webhook-id': 'w-1',
        'x-shopify-event-id': 'e-1',
        'x-shopify-shop-domain': 'Made-To-Order.myshopify.com',
        'x-shopify-triggered-at': '2026-11-20T10:00:00.123456789Z',
        'x-shopify-api-version': '2026-10',
        'x-shopify-hmac-sha256': 'abc=',
      }),
    ).toEqual({
      topic: 'orders/create',
      webhookId: 'w-1',
      eventId: 'e-1',
      shopDomain: 'made-to-order.myshopify.com',
      triggeredAt: new Date('2026-11-20T10:00:00.123Z'),
      apiVersion: '2026-10',
      hmac: 'abc=',
    });
  });

  test('are read under their newer names', () => {
    const read = deliveryHeaders({ 'shopify-topic': ['orders/paid'], 'shopify-hmac-sha256': 'x', 'shopify-webhook-id': 'w-2' });
    expect(read).toMatchObject({ topic: 'orders/paid', hmac: 'x', webhookId: 'w-2', eventId: null });
  });

  test('that are missing or no date are null', () => {
    expect(deliveryHeaders({ 'x-shopify-topic': '', 'x-shopify-triggered-at': 'yesterday' })).toMatchObject({ topic: null, triggeredAt: null });
  });
});

describe('what a delivery is about', () => {
  const order = (orderId: string) => ({ kind: 'order', orderId });

  test.each([
    ['orders/create', '{"id":820982911946154508,"admin_graphql_api_id":"gid:\\/\\/shopify\\/Order\\/820982911946154508"}', order('820982911946154508')],
    ['orders/updated', '{"id":820982911946154508}', order('820982911946154508')],
    ['orders/edited', '{"order_edit":{"id":1,"order_id":820982911946154508}}', order('820982911946154508')],
    ['refunds/create', '{"id":1,"order_id":450789469}', order('450789469')],
    ['fulfillments/update', '{"id":1,"order_id":450789469}', order('450789469')],
    [
      'fulfillment_orders/order_routing_complete',
      '{"fulfillment_order":{"id":"gid://shopify/FulfillmentOrder/77","status":"open"}}',
      { kind: 'fulfillment-order', fulfillmentOrderId: '77' },
    ],
    ['app/uninstalled', '{"id":548380009}', { kind: 'none' }],
  ])('%s', (topic, raw, subject) => {
    expect(orderIdFromDelivery(topic, Buffer.from(raw))).toEqual(subject);
  });

  test.each([
    ['orders/create', '{"name":"#1001"}'],
    ['refunds/create', '{"id":1}'],
    ['orders/edited', '{}'],
    ['fulfillment_orders/order_routing_complete', '{"fulfillment_order":{}}'],
    ['orders/create', 'not json'],
  ])('%s with %s is an invalid delivery', (topic, raw) => {
    expect(() => orderIdFromDelivery(topic, raw)).toThrow('Shopify sent a body that cannot be read');
  });
});

test.each(['nonsense', '0000-01-01T00:00:00Z', '+275760-09-13T00:00:00.000Z', '-271821-04-20T00:00:00.000Z'])('a trigger time of %s is none', (value) => {
  expect(deliveryHeaders({ 'x-shopify-triggered-at': value }).triggeredAt).toBeNull();
});

test('a signature that was sent twice, or has anything after it, is none', () => {
  const signature = createHmac('sha256', 'secret').update('{}').digest('base64');
  expect(verifyWebhook(Buffer.from('{}'), signature, ['secret'])).toBe(true);
  expect(verifyWebhook(Buffer.from('{}'), `${signature}, ${signature}`, ['secret'])).toBe(false);
  expect(verifyWebhook(Buffer.from('{}'), `${signature}x`, ['secret'])).toBe(false);
});
