import { TestSandbox, type Answer } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start({ speed: 0 });
});
afterAll(() => client.stop());

/** The data of an answer that has no errors. */
const ask = async (query: string, variables: Record<string, unknown> = {}): Promise<unknown> => {
  const answer = await client.graphql<Answer>(query, variables);
  expect(answer.errors).toBeUndefined();
  return answer.data;
};

test('the shop, its places, products and the rights of the app', async () => {
  expect(
    await ask(`{ shop { name myshopifyDomain currencyCode ianaTimezone plan { displayName } }
      locations(first: 10) { nodes { name isFulfillmentService fulfillmentService { handle type location { name } } address { city } } }
      products(first: 2) { nodes { title vendor variants(first: 5) { nodes { sku price product { title } } } } }
      productVariants(first: 1) { nodes { displayName } }
      publicApiVersions { handle supported }
      currentAppInstallation { accessScopes { handle } } }`),
  ).toMatchObject({
    shop: { myshopifyDomain: 'forma3d-sandbox.myshopify.com', currencyCode: 'EUR' },
    locations: {
      nodes: [
        { name: 'Workshop', isFulfillmentService: false, fulfillmentService: null },
        { name: 'City counter', fulfillmentService: null },
        { isFulfillmentService: true, fulfillmentService: { handle: 'pack-and-post', type: 'THIRD_PARTY' } },
      ],
    },
    products: { nodes: [{ title: 'Desk dragon', variants: { nodes: [{ sku: 'DRAGON-S', price: '14.9' }, {}] } }, {}] },
    publicApiVersions: [{ handle: '2026-10', supported: true }],
  });
});

test('an order with everything that can be asked of it, and each of its parts by its own id', async () => {
  const { id } = await client.order({
    lines: [{ sku: 'DRAGON-L', quantity: 3, discount_cents: 300, tax_rate: 0.21 }],
    customer: { phone: '+32470000000' },
  });
  await client.routed(id);
  await client.control('POST', `orders/${id}/fulfill`, {
    lines: [{ sku: 'DRAGON-L', quantity: 2 }],
    tracking: { number: '3S1', url: 'https://post.example/3S1' },
  });
  await client.control('POST', `orders/${id}/refund`, { lines: [{ sku: 'DRAGON-L', quantity: 1 }], shipping_cents: 495, amount_cents: 100 });
  const data = (await ask(
    `query q($id: ID!) { order(id: $id) {
      transactions(first: 5) { id kind status amountSet { shopMoney { amount } } }
      shippingLines(first: 1) { nodes { title discountedPriceSet { shopMoney { amount } } } }
      customer { displayName defaultPhoneNumber { phoneNumber } defaultAddress { formattedArea } }
      nonFulfillableLineItems(first: 5) { nodes { id } }
      lineItems(first: 5) { nodes { id name discountAllocations { allocatedAmountSet { shopMoney { amount } } } taxLines { rate } variant { id displayName } product { id } } }
      refunds { id legacyResourceId order { name } totalRefundedSet { shopMoney { amount } } orderAdjustments(first: 5) { nodes { amountSet { shopMoney { amount } } } }
        refundShippingLines(first: 5) { nodes { subtotalAmountSet { shopMoney { amount } } } }
        refundLineItems(first: 5) { nodes { quantity restockType location { name } lineItem { sku } } } transactions(first: 5) { nodes { kind } } }
      fulfillments(first: 5) { id name service { handle } location { name } order { id } trackingInfo { number url } fulfillmentOrders(first: 2) { nodes { id } }
        fulfillmentLineItems(first: 5) { nodes { quantity lineItem { sku } } } }
      fulfillmentOrders(first: 5) { nodes { id orderName destination { city } deliveryMethod { methodType } assignedLocation { name location { id } } order { id }
        fulfillments(first: 2) { nodes { id } } lineItems(first: 5) { nodes { sku variant { sku } lineItem { id } } } } } } }`,
    { id: `gid://shopify/Order/${id}` },
  )) as { order: Record<'refunds' | 'fulfillments' | 'transactions', { id: string }[]> & Record<'lineItems' | 'fulfillmentOrders', { nodes: { id: string; product: { id: string }; variant: { id: string } }[] }> };
  expect(data.order).toMatchObject({
    transactions: [{ kind: 'SALE' }, { kind: 'REFUND' }],
    customer: { displayName: 'Robin Peeters', defaultPhoneNumber: { phoneNumber: '+32470000000' } },
    lineItems: { nodes: [{ name: 'Desk dragon - Large', discountAllocations: [{ allocatedAmountSet: { shopMoney: { amount: '3.0' } } }] }] },
    refunds: [
      {
        orderAdjustments: { nodes: [{ amountSet: { shopMoney: { amount: '-1.0' } } }] },
        refundShippingLines: { nodes: [{ subtotalAmountSet: { shopMoney: { amount: '4.95' } } }] },
        refundLineItems: { nodes: [{ quantity: 1, restockType: 'CANCEL', location: { name: 'Workshop' } }] },
        transactions: { nodes: [{ kind: 'REFUND' }] },
      },
    ],
    fulfillments: [{ service: { handle: 'manual' }, trackingInfo: [{ number: '3S1', url: 'https://post.example/3S1' }] }],
    fulfillmentOrders: { nodes: [{ destination: { city: 'Ghent' }, deliveryMethod: { methodType: 'SHIPPING' }, fulfillments: { nodes: [{}] } }] },
  });
  const line = data.order.lineItems.nodes[0];
  const ids = [data.order.refunds[0], data.order.fulfillments[0], data.order.fulfillmentOrders.nodes[0], line, line?.product, line?.variant].map(
    (each) => each?.id,
  );
  expect(await ask('query q($ids: [ID!]!) { nodes(ids: $ids) { id } }', { ids })).toEqual({ nodes: ids.map((each) => ({ id: each })) });
  expect(await ask('{ location(id: "gid://shopify/Location/71000000001") { name } }')).toEqual({ location: { name: 'Workshop' } });
  expect(
    await ask('{ fulfillmentOrders(first: 9, includeClosed: true) { nodes { status } } assignedFulfillmentOrders(first: 9) { nodes { id } } ordersCount { count } }'),
  ).toMatchObject({ fulfillmentOrders: { nodes: [{ status: 'CLOSED' }] }, assignedFulfillmentOrders: { nodes: [] }, ordersCount: { count: 1 } });
});

test('pages go backwards too, and a cursor survives what it points to', async () => {
  await client.control('POST', 'reset');
  await client.control('POST', 'catalogue', { orders: 5, days: 9, seed: 5 });
  type Page = { orders: { nodes: { id: string }[]; pageInfo: { startCursor: string; endCursor: string; hasPreviousPage: boolean } } };
  const page = async (args: string) =>
    ((await ask(`{ orders(${args}, sortKey: ID) { nodes { id } pageInfo { startCursor endCursor hasPreviousPage } } }`)) as Page).orders;
  const all = (await page('first: 9')).nodes;
  const last = await page('last: 2');
  expect(last.nodes).toEqual(all.slice(3));
  const before = await page(`last: 2, before: "${last.pageInfo.startCursor}"`);
  expect(before.nodes).toEqual(all.slice(1, 3));
  expect(before.pageInfo.hasPreviousPage).toBe(true);
  const gone = Buffer.from(JSON.stringify({ last_id: String(BigInt(all[2]?.id.split('/').at(-1) ?? 0) - 1n), last_value: '' })).toString('base64');
  expect((await page(`first: 9, after: "${gone}"`)).nodes).toEqual(all.slice(2));
  for (const args of ['first: 1, last: 1', 'first: 1, after: "nonsense"']) {
    expect((await client.graphql<Answer>(`{ orders(${args}) { nodes { id } } }`)).errors).toHaveLength(1);
  }
});

test('a line of a group of orders is held, released and fulfilled by the merchant', async () => {
  const { id } = await client.order({ lines: [{ sku: 'A', quantity: 2 }, { sku: 'B', quantity: 1, location: 'City counter' }] });
  await client.control('POST', `orders/${id}/hold`);
  expect(await client.routed(id)).toMatchObject({ display_fulfillment_status: 'ON_HOLD' });
  await client.control('POST', `orders/${id}/release`);
  expect((await client.raw('POST', `orders/${id}/release`)).status).toBe(409);
  await client.control('POST', `orders/${id}/hold`, { lines: [{ sku: 'A', quantity: 1 }] });
  expect((await client.view(id)).fulfillment_orders.map((each) => each.status).sort()).toEqual(['ON_HOLD', 'OPEN', 'OPEN']);
  expect((await client.raw('POST', `orders/${id}/fulfill`, { lines: [{ sku: 'A', quantity: 2 }] })).status).toBe(409);
  await client.control('POST', `orders/${id}/fulfill`);
  expect(await client.view(id)).toMatchObject({ display_fulfillment_status: 'PARTIALLY_FULFILLED', fulfillments: [{}, {}] });
});
