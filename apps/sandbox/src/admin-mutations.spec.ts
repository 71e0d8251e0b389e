import { FULFILL, part, TestSandbox, whole, type FulfillAnswer } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start();
});
afterAll(() => client.stop());

const fulfill = async (variables: Record<string, unknown>) =>
  (await client.graphql<FulfillAnswer>(FULFILL, variables)).data.fulfillmentCreate;

const newOrder = async (...lines: Record<string, unknown>[]) => {
  const { id } = await client.order({ lines });
  return client.routed(id);
};

describe('user errors of fulfillmentCreate', () => {
  test('a closed fulfillment order', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    const id = order.fulfillment_orders[0]?.id ?? '';
    expect((await fulfill(whole(id))).userErrors).toEqual([]);
    expect(await fulfill(whole(id))).toEqual({
      fulfillment: null,
      userErrors: [{ field: ['fulfillment'], message: `Fulfillment order ${id} has an unfulfillable status= closed.` }],
    });
    expect((await client.view(order.id)).fulfillments).toHaveLength(1);
  });

  test('a cancelled order', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    await client.control('POST', `orders/${order.id}/cancel`);
    const id = order.fulfillment_orders[0]?.id ?? '';
    expect((await fulfill(whole(id))).userErrors[0]?.message).toBe(`Fulfillment order ${id} has an unfulfillable status= closed.`);
  });

  test('an unknown fulfillment order', async () => {
    expect((await fulfill(whole('42'))).userErrors).toEqual([{ field: ['fulfillment'], message: 'Fulfillment order does not exist.' }]);
  });

  test('too many units, counted over what is left', async () => {
    const order = await newOrder({ sku: 'A', quantity: 3 });
    const entry = order.fulfillment_orders[0];
    const line = String(entry?.lines[0]?.id);
    expect((await fulfill(part(entry?.id ?? '', line, 2))).userErrors).toEqual([]);
    expect((await fulfill(part(entry?.id ?? '', line, 2))).userErrors).toEqual([
      { field: ['fulfillment'], message: 'Invalid fulfillment order line item quantity requested.' },
    ]);
    // Repeating a partial one while units remain makes a second fulfillment: why a lost answer must be looked up.
    expect((await fulfill(part(entry?.id ?? '', line, 1))).userErrors).toEqual([]);
    expect((await client.view(order.id)).fulfillments).toHaveLength(2);
  });

  test('two locations in one call', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 }, { sku: 'B', quantity: 1, location: 'City counter' });
    const ids = order.fulfillment_orders.map((each) => each.id);
    expect((await fulfill(whole(...ids))).userErrors).toEqual([
      {
        field: ['fulfillment'],
        message: 'All fulfillment orders must be assigned to a single location. Multiple locations with ids [71000000001, 71000000002] were found.',
      },
    ]);
  });

  test('a hold', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    const held = await client.control<typeof order>('POST', `orders/${order.id}/hold`);
    expect(held).toMatchObject({ display_fulfillment_status: 'ON_HOLD', fulfillment_orders: [{ status: 'ON_HOLD' }] });
    const id = order.fulfillment_orders[0]?.id ?? '';
    expect((await fulfill(whole(id))).userErrors[0]?.message).toBe(`Fulfillment order ${id} has an unfulfillable status= on_hold.`);
    const actions = await client.graphql<{ data: unknown }>(
      'query q($id: ID!) { fulfillmentOrder(id: $id) { supportedActions { action } fulfillmentHolds { reason } } }',
      { id: `gid://shopify/FulfillmentOrder/${id}` },
    );
    expect(actions.data).toEqual({
      fulfillmentOrder: {
        supportedActions: [{ action: 'RELEASE_HOLD' }, { action: 'HOLD' }, { action: 'MOVE' }],
        fulfillmentHolds: [{ reason: 'OTHER' }],
      },
    });
    await client.control('POST', `orders/${order.id}/release`);
    expect((await fulfill(whole(id))).userErrors).toEqual([]);
  });
});

describe('other mutations', () => {
  test('cancelling a fulfillment opens a new fulfillment order, and doing so twice succeeds', async () => {
    const order = await newOrder({ sku: 'A', quantity: 2 });
    const made = await fulfill(whole(order.fulfillment_orders[0]?.id ?? ''));
    const CANCEL = 'mutation m($id: ID!) { fulfillmentCancel(id: $id) { fulfillment { status } userErrors { message } } }';
    for (let time = 0; time < 2; time += 1) {
      const answer = await client.graphql<{ data: unknown }>(CANCEL, { id: made.fulfillment?.id });
      expect(answer.data).toEqual({ fulfillmentCancel: { fulfillment: { status: 'CANCELLED' }, userErrors: [] } });
    }
    expect((await client.view(order.id)).fulfillment_orders).toMatchObject([
      { status: 'CLOSED' },
      { status: 'OPEN', lines: [{ remaining_quantity: 2 }] },
    ]);
  });

  test('tracking is added to a fulfillment', async () => {
    const order = await newOrder({ sku: 'A', quantity: 1 });
    const made = await fulfill(whole(order.fulfillment_orders[0]?.id ?? ''));
    await client.graphql(
      `mutation m($id: ID!) { fulfillmentTrackingInfoUpdate(fulfillmentId: $id, trackingInfoInput: { number: "3S1", url: "https://post.example/3S1", company: "Post" }, notifyCustomer: true) { fulfillment { id } userErrors { message } } }`,
      { id: made.fulfillment?.id },
    );
    expect((await client.view(order.id)).fulfillments[0]?.tracking).toEqual({ number: '3S1', url: 'https://post.example/3S1', company: 'Post' });
    await client.webhooks('fulfillments/update');
  });

  test('an order for pickup is prepared once', async () => {
    const { id } = await client.order({ lines: [{ sku: 'A', quantity: 1 }], fulfilment_type: 'pickup' });
    const order = await client.routed(id);
    const prepare = () =>
      client.graphql<{ data: { fulfillmentOrderLineItemsPreparedForPickup: { userErrors: { code: string }[] } } }>(
        `mutation m($id: ID!) { fulfillmentOrderLineItemsPreparedForPickup(input: { lineItemsByFulfillmentOrder: [{ fulfillmentOrderId: $id }] }) { userErrors { field message code } } }`,
        { id: `gid://shopify/FulfillmentOrder/${order.fulfillment_orders[0]?.id ?? ''}` },
      );
    expect((await prepare()).data.fulfillmentOrderLineItemsPreparedForPickup.userErrors).toEqual([]);
    expect((await client.view(id)).fulfillment_orders[0]).toMatchObject({ delivery_method: 'PICK_UP', prepared_for_pickup: true });
    expect((await prepare()).data.fulfillmentOrderLineItemsPreparedForPickup.userErrors).toMatchObject([
      { code: 'NO_LINE_ITEMS_TO_PREPARE_FOR_FULFILLMENT_ORDER' },
    ]);
  });

  test('part of a fulfillment order is held: the rest is split off', async () => {
    const order = await newOrder({ sku: 'A', quantity: 3 });
    const entry = order.fulfillment_orders[0];
    const answer = await client.graphql<{ data: { fulfillmentOrderHold: { fulfillmentHold: { id: string } } } }>(
      `mutation m($id: ID!, $line: ID!) { fulfillmentOrderHold(id: $id, fulfillmentHold: { reason: OTHER, fulfillmentOrderLineItems: [{ id: $line, quantity: 1 }] }) {
        fulfillmentHold { id } fulfillmentOrder { status } remainingFulfillmentOrder { status } userErrors { message code } } }`,
      { id: `gid://shopify/FulfillmentOrder/${entry?.id ?? ''}`, line: `gid://shopify/FulfillmentOrderLineItem/${String(entry?.lines[0]?.id)}` },
    );
    expect(answer.data.fulfillmentOrderHold).toMatchObject({
      fulfillmentOrder: { status: 'ON_HOLD' },
      remainingFulfillmentOrder: { status: 'OPEN' },
      userErrors: [],
    });
    expect((await client.view(order.id)).fulfillment_orders.map((each) => each.lines[0]?.remaining_quantity)).toEqual([1, 2]);
    const released = await client.graphql<{ data: unknown }>(
      'mutation m($id: ID!, $hold: ID!) { fulfillmentOrderReleaseHold(id: $id, holdIds: [$hold]) { fulfillmentOrder { status } userErrors { message } } }',
      { id: `gid://shopify/FulfillmentOrder/${entry?.id ?? ''}`, hold: answer.data.fulfillmentOrderHold.fulfillmentHold.id },
    );
    expect(released.data).toEqual({ fulfillmentOrderReleaseHold: { fulfillmentOrder: { status: 'OPEN' }, userErrors: [] } });
  });

  test('orderCancel is a job, and refuses in Shopify’s words', async () => {
    const CANCEL = `mutation m($id: ID!) { orderCancel(orderId: $id, reason: CUSTOMER, restock: true, refund: true) { job { id done } orderCancelUserErrors { field message code } } }`;
    type Cancelled = { data: { orderCancel: { job: { id: string; done: boolean } | null; orderCancelUserErrors: { message: string }[] } } };
    const order = await newOrder({ sku: 'A', quantity: 1 });
    const id = `gid://shopify/Order/${order.id}`;
    const answer = await client.graphql<Cancelled>(CANCEL, { id });
    expect(answer.data.orderCancel).toMatchObject({ job: { done: false }, orderCancelUserErrors: [] });
    const ended = await client.until(
      () => client.graphql<{ data: { job: { done: boolean } } }>('query q($id: ID!) { job(id: $id) { done } }', { id: answer.data.orderCancel.job?.id }),
      (job) => job.data.job.done,
    );
    expect(ended.data.job.done).toBe(true);
    expect(await client.view(order.id)).toMatchObject({ display_financial_status: 'REFUNDED', fulfillment_orders: [{ status: 'CLOSED' }] });
    expect((await client.graphql<Cancelled>(CANCEL, { id })).data.orderCancel.orderCancelUserErrors[0]?.message).toBe(
      'Cannot cancel an order that has already been canceled',
    );
    const shipped = await newOrder({ sku: 'A', quantity: 1 });
    await client.control('POST', `orders/${shipped.id}/fulfill`, { tracking: { number: 'X1' } });
    const refused = await client.graphql<Cancelled>(CANCEL, { id: `gid://shopify/Order/${shipped.id}` });
    expect(refused.data.orderCancel).toMatchObject({
      job: null,
      orderCancelUserErrors: [{ message: 'Cannot cancel an order that has outstanding fulfillments' }],
    });
  });
});
