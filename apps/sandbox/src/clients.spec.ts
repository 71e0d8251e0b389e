import { openGate } from '@forma3d/kernel';
import { createShopifyClient, orderFromWebhook } from '@forma3d/shopify';
import { createSimplyPrintClient } from '@forma3d/simplyprint';

import { TestSandbox } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start({ speed: 0 });
});
afterAll(() => client.stop());

const shopify = () =>
  createShopifyClient({
    storeId: 'store',
    shopDomain: 'forma3d-sandbox.myshopify.com',
    accessToken: 'shpat_sandbox',
    apiVersion: '2026-10',
    apiBaseUrl: client.sandbox.url,
    gate: openGate,
    timeoutMs: 5000,
  });

const simplyPrint = () =>
  createSimplyPrintClient({
    storeId: 'store',
    baseUrl: `${client.sandbox.url}/simplyprint`,
    companyId: '1',
    apiKey: 'sandbox-simplyprint-key',
    auth: 'api-key',
    gate: openGate,
    timeoutMs: 5000,
  });

test("the product's Shopify client reads and fulfills an order here", async () => {
  const shop = await shopify().getShop();
  expect(shop).toMatchObject({ currency: 'EUR', timeZone: 'Europe/Brussels' });
  const { id } = await client.order({
    lines: [
      { sku: 'HEX-WHITE', quantity: 3, discount_cents: 300 },
      { sku: 'GIFT-25', quantity: 1 },
      { sku: 'FOREIGN', quantity: 1, fulfillment_service: 'pack-and-post' },
      { sku: null, quantity: 1, tip: true, price_cents: 200 },
    ],
  });
  await client.routed(id);
  const order = await shopify().getOrder(id);
  const ours = order?.fulfillmentOrders?.filter((each) => each.ours && each.status === 'OPEN') ?? [];
  expect(ours).toHaveLength(1);
  expect(order?.fulfillmentOrders?.some((each) => !each.ours)).toBe(true);
  const group = ours[0];
  const fulfillment = await shopify().createFulfillment({
    orderId: id,
    groups: [{ fulfillmentOrderId: group?.id ?? '', lines: [{ id: group?.lines[0]?.id ?? '', quantity: 2 }] }],
    notifyCustomer: true,
  });
  expect(fulfillment.status).toBe('SUCCESS');
  const after = await shopify().getOrder(id);
  expect(after?.fulfillmentOrders?.find((each) => each.id === group?.id)).toMatchObject({
    status: 'IN_PROGRESS',
    lines: [{ totalQuantity: 3, remainingQuantity: 1 }],
  });
  const changed = await shopify().changedOrders({ since: new Date(Date.now() - 60_000) });
  expect(changed.orders.map((each) => each.id)).toContain(id);
});

test('an order means the same whether it came by webhook or was asked for', async () => {
  const { id } = await client.order({
    lines: [{ sku: 'DRAGON-L', quantity: 2, discount_cents: 500, tax_rate: 0.21 }, { sku: null, quantity: 1, custom: true }],
    fulfilment_type: 'pickup',
    note: 'ring twice',
    tags: ['gift'],
  });
  await client.routed(id);
  await client.control('POST', `orders/${id}/refund`, { lines: [{ sku: 'DRAGON-L', quantity: 1 }], amount_cents: 250 });
  await client.control('POST', `orders/${id}/fulfill`, { tracking: { number: '3S2', url: 'https://post.example/3S2', company: 'Post' } });
  const asked = await shopify().getOrder(id);
  const sent = await client.until(
    () => client.webhooks('orders/updated'),
    (all) => all.some(({ body }) => body.includes(id) && body.includes('3S2')),
  );
  const delivery = sent.findLast(({ body }) => body.includes(id) && body.includes('3S2'));
  const told = orderFromWebhook(Buffer.from(delivery?.body ?? ''));
  expect(told).toMatchObject({ refunds: [{}], fulfillments: [{ trackingNumber: '3S2' }], fulfillmentStatus: 'FULFILLED' });
  expect({ ...told, fulfillmentOrders: null }).toEqual({ ...asked, fulfillmentOrders: null });
});

test("the product's SimplyPrint client adds, finds and removes its queue item here", async () => {
  const farm = simplyPrint();
  await farm.test();
  expect(await farm.ensureMarkerField()).toBe(true);
  const { queueItemId } = await farm.addItem({ filesystem: 'b'.repeat(32), amount: 3, marker: 'row-1', note: 'order #1' });
  expect(await farm.listQueue()).toMatchObject([{ id: queueItemId, left: 3, printed: 0, marker: 'row-1', note: 'order #1' }]);
  await farm.updateItem(queueItemId, { amount: 1 });
  const webhook = await farm.ensureWebhook(`${client.receiverUrl}/simplyprint`, 'secret');
  expect(await farm.ensureWebhook(`${client.receiverUrl}/simplyprint`, 'secret')).toBe(webhook);
  await client.control('POST', 'simplyprint/speed', { speed: 600 });
  const jobs = await client.until(() => farm.listJobs({ page: 1, pageSize: 50 }), (page) => page.jobs[0]?.status === 'done');
  expect(jobs.jobs).toMatchObject([{ queueItemId, marker: 'row-1', percentage: 100 }]);
  expect(await farm.listQueue()).toEqual([]);
  expect((await farm.listPrinters()).every((printer) => printer.job === null)).toBe(true);
  expect(await farm.getJob(jobs.jobs[0]?.uid ?? '')).toMatchObject({ state: 'done' });
  expect(await farm.findFiles('dragon')).toHaveLength(2);
  await client.webhooks('job.done');
});
