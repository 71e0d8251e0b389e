import { createHmac, randomUUID } from 'node:crypto';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Product, SHOPIFY_SECRET } from './product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
  await product.map('PLANTER');
}, 30_000);
afterAll(() => product.stop());
afterEach(async () => {
  await product.control('DELETE', '/faults');
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
});

const deliver = (body: Buffer, topic: string, webhookId: string) =>
  product.raw('/webhooks/shopify', body, {
    'content-type': 'application/json',
    'x-shopify-topic': topic,
    'x-shopify-webhook-id': webhookId,
    'x-shopify-shop-domain': 'forma3d-sandbox.myshopify.com',
    'x-shopify-api-version': '2026-10',
    'x-shopify-hmac-sha256': createHmac('sha256', SHOPIFY_SECRET).update(body).digest('base64'),
  });

/** The bodies that Shopify delivered for an order, by topic. */
async function deliveriesOf(orderId: string): Promise<Map<string, Buffer>> {
  const rows = await product.db.sql.rows(z.object({ topic: z.string(), body: z.instanceof(Buffer) }))`
    SELECT topic, body FROM webhook_delivery WHERE source = 'shopify' ORDER BY id`;
  return new Map(rows.filter((row) => row.body.includes(orderId)).map((row) => [row.topic, row.body]));
}

async function emptyApi(): Promise<void> {
  await product.settled();
  await product.db.sql`TRUNCATE orders, line_item, queue_item, print_job, fulfillment, fulfillment_request, line_recipe,
    order_header, order_line_item, refund, webhook_delivery, retry_queue, event, attention CASCADE`;
}

describe('the same delivery a hundred times at once', () => {
  it('is one order and one set of queue items', async () => {
    await product.control('POST', '/simplyprint/speed', { speed: 0 });
    const id = await product.order([{ sku: 'PLANTER', quantity: 3 }]);
    const body = await until(async () => (await deliveriesOf(id)).get('orders/create'));
    await emptyApi();
    const before = (await product.farm()).calls['queue/AddItem'] ?? 0;
    const webhookId = randomUUID();
    const answers = await Promise.all(Array.from({ length: 100 }, () => deliver(body, 'orders/create', webhookId)));
    expect(new Set(answers.map((answer) => answer.status))).toEqual(new Set([200]));
    await product.oursWhen(id, (order) => order.production_status !== 'PENDING');
    await product.settled();
    expect(await product.count('webhook_delivery')).toBeGreaterThan(0);
    const deliveries = await product.db.sql.rows(z.unknown())`SELECT 1 FROM webhook_delivery WHERE dedupe_key = ${webhookId}`;
    expect(deliveries).toHaveLength(1);
    expect(await product.count('orders')).toBe(1);
    expect(await product.count('queue_item')).toBe(1);
    expect(await product.count('print_job')).toBe(3);
    expect((await product.farm()).calls['queue/AddItem']).toBe(before + 1);
  }, 60_000);

  it('under a hundred different webhook ids is the same, too', async () => {
    const id = await product.order([{ sku: 'PLANTER', quantity: 1 }]);
    const body = await until(async () => (await deliveriesOf(id)).get('orders/create'));
    await product.fulfilled(id);
    await emptyApi();
    await Promise.all(Array.from({ length: 100 }, () => deliver(body, 'orders/create', randomUUID())));
    await product.settled();
    const created = await product.db.sql.rows(z.unknown())`SELECT 1 FROM event WHERE type = 'order.created'`;
    expect(created).toHaveLength(1);
    expect(await product.count('orders')).toBe(1);
  }, 60_000);
});

describe('webhooks in the wrong order', () => {
  it('orders/updated and orders/paid before orders/create are one right order', async () => {
    const id = await product.order([{ sku: 'PLANTER', quantity: 1 }], { paid: false });
    await product.ours(id);
    await product.control('POST', `/orders/${id}/pay`);
    await product.fulfilled(id);
    const bodies = await deliveriesOf(id);
    await emptyApi();
    for (const topic of ['orders/updated', 'orders/paid', 'orders/create']) {
      const body = bodies.get(topic);
      if (!body) throw new Error(`no ${topic} was delivered`);
      expect((await deliver(body, topic, randomUUID())).status).toBe(200);
    }
    await product.settled();
    const order = await product.ours(id);
    expect(await product.count('orders')).toBe(1);
    expect(order).toMatchObject({ financial_status: 'PAID' });
    expect(order.timeline.filter((entry) => entry.type === 'order.paid')).toHaveLength(1);
  }, 60_000);

  it('all duplicated and reordered change nothing in the end', async () => {
    await product.fault({ target: 'webhooks', kind: 'duplicate', rate: 1 });
    await product.fault({ target: 'webhooks', kind: 'reorder', rate: 1 });
    const ids = await Promise.all([1, 2, 3, 4].map((quantity) => product.order([{ sku: 'PLANTER', quantity }])));
    for (const [index, id] of ids.entries()) {
      const shop = await product.fulfilled(id);
      expect(shop.fulfillments).toHaveLength(1);
      const order = await product.oursWhen(id, (each) => each.timeline.some((entry) => entry.type === 'fulfillment.created'));
      const prints = await product.db.sql.rows(z.unknown())`SELECT 1 FROM print_job WHERE order_id = ${order.id}`;
      expect(prints).toHaveLength(index + 1);
      expect(order.timeline.filter((entry) => entry.type === 'order.ready-for-fulfillment')).toHaveLength(1);
    }
  }, 60_000);

  it('one that never comes is found by the catch-up sweep', async () => {
    await product.fault({ target: 'webhooks', kind: 'drop', operation: 'shopify', rate: 1 });
    const id = await product.order([{ sku: 'PLANTER', quantity: 1 }]);
    await product.wake('CATCH_UP');
    expect((await product.fulfilled(id)).fulfillments).toHaveLength(1);
  }, 60_000);
});
