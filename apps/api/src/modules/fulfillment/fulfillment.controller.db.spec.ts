import { createHttpApp, PlatformModule, readConfig, type HttpApp } from '@forma3d/platform';
import { newId } from '@forma3d/kernel';
import { testSettings, useDatabase } from '@forma3d/testing';
import { AccessModule } from '../access';
import { setUp } from './fulfillment.fixture';
import { FulfillmentModule } from './fulfillment.module';

const database = useDatabase();
const at = setUp(database.url());
let app: HttpApp;
let orderId: string;

beforeAll(async () => {
  await at.addStore();
  at.shop.addFulfillmentOrder('a', [['1', 1]]);
  orderId = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }] });
  await at.run(orderId);
  // The one store of the settings is the one of the test.
  await at.db.sql`UPDATE store SET shopify_domain = 'test-shop.myshopify.com'`;
  const config = readConfig(testSettings({ DATABASE_URL: database.url() }));
  app = await createHttpApp({
    module: class Root {},
    imports: [PlatformModule.forRoot(config, { runTasks: false }), AccessModule, FulfillmentModule],
  });
});
afterAll(async () => {
  await app.close();
  await at.db.close();
});

async function call(method: 'GET' | 'POST', url: string, payload?: object | string) {
  const headers = { authorization: 'Bearer admin-token-of-test', ...(payload === undefined ? {} : { 'content-type': 'application/json' }) };
  const response = await app.inject({ method, url, headers, ...(payload === undefined ? {} : { payload }) });
  return { status: response.statusCode, body: response.json<Record<string, unknown> & { data: { id: string }[] }>() };
}

test('fulfillments are listed and shown, under the documented path too', async () => {
  const list = await call('GET', `/fulfillments?order_id=${orderId}&phase=succeeded&limit=1`);
  expect(list).toMatchObject({ status: 200, body: { data: [{ order_id: orderId, provider: 'shopify' }], pagination: { has_more: false } } });
  const one = await call('GET', `/api/v1/fulfillments/${list.body.data[0]?.id ?? ''}`);
  expect(one).toMatchObject({ status: 200, body: { phase: 'succeeded', lines: [{ shopify_line_item_id: '1', quantity: 1 }], tracking: null } });
});

test('an order that is fulfilled already answers 200, without a body and with one', async () => {
  for (const payload of [undefined, {}, { notify_customer: false }, '']) {
    expect(await call('POST', `/api/v1/fulfillments/order/${orderId}`, payload)).toMatchObject({
      status: 200,
      body: { success: true, message: 'The order is fulfilled already.', fulfillment: { order_id: orderId } },
    });
  }
});

test('what is unknown is 404, what is not allowed 409, what is wrong 422, what is broken 400', async () => {
  const waiting = await at.addOrder({ lines: [{ shopifyId: '1', wanted: 1 }], ready: false });
  const order = `/api/v1/fulfillments/order/${waiting}`;
  expect(await call('GET', `/api/v1/fulfillments/${newId()}`)).toMatchObject({ status: 404, body: { code: 'fulfillment-not-found' } });
  expect(await call('POST', `/api/v1/fulfillments/order/${newId()}`)).toMatchObject({ status: 404, body: { code: 'order-not-found' } });
  expect(await call('POST', order)).toMatchObject({ status: 409, body: { code: 'fulfillment-not-allowed' } });
  for (const payload of [{ notify_customer: 'yes' }, { tracking: {} }, { tracking: { number: ' ' } }, { tracking: { number: 'T', url: 'javascript:x' } }, []]) {
    expect(await call('POST', order, payload)).toMatchObject({ status: 422, body: { code: 'invalid' } });
  }
  expect((await call('POST', `${order}/force`, { cancel_remaining: 'yes' })).status).toBe(422);
  expect((await call('POST', order, { cancel_remaining: true })).status).toBe(422);
  expect((await call('POST', order, '{')).status).toBe(400);
  for (const query of ['phase=done', 'order_id=1', 'from=yesterday', 'limit=0', 'cursor=x']) {
    expect([query, (await call('GET', `/api/v1/fulfillments?${query}`)).status]).toEqual([query, 422]);
  }
});
