import { orderIdFromDelivery } from './delivery';
import { legacyId } from './gid';
import { fulfillmentFromWebhook, orderFromWebhook, refundFromWebhook } from './order-from-webhook';
import { allPages } from './read-order';

const at = '2026-11-02T10:00:00Z';
const line = { id: 2, title: 'Dragon', sku: 'DRAGON-L', quantity: 1, price: '10.00' };
const order = { id: 1, name: '#1001', created_at: at, updated_at: at, currency: 'EUR', total_price: '10.00', line_items: [line] };
const orderWith = (change: Record<string, unknown>) => () => orderFromWebhook(JSON.stringify({ ...order, ...change }));
const lineWith = (change: Record<string, unknown>) => orderWith({ line_items: [{ ...line, ...change }] });
const invalid = expect.objectContaining({ code: 'invalid-delivery' }) as Error;

test('an order whose customer pasted NUL into the note is an order like others', () => {
  const pasted = { name: '#10\u000001', note: 'a\0b\ud83d', line_items: [{ ...line, title: 'Dr\0agon', sku: 'DRAGON\0-L' }] };
  expect(orderWith(pasted)()).toMatchObject({ name: '#1001', note: 'ab\ufffd', lineItems: [{ title: 'Dragon', sku: 'DRAGON-L' }] });
});

describe('what no column or index takes is refused as a body of nobody, and not found out where it is written', () => {
  test.each([
    ['an amount of four hundred digits', orderWith({ total_price: '9'.repeat(400) })],
    ['an amount that a number rounds', orderWith({ total_price: 1e21 })],
    ['the price of a line', lineWith({ price_set: { shop_money: { amount: '9'.repeat(17) } } })],
    ['a quantity of two thousand millions', lineWith({ quantity: 2_147_483_648 })],
    ['an id of four hundred digits', orderWith({ id: '9'.repeat(400) })],
    ['the id of a line', lineWith({ id: '1'.repeat(21) })],
    ['a date in the year 275760', orderWith({ created_at: '+275760-09-13T00:00:00Z' })],
    ['a date before our era', orderWith({ updated_at: '-000001-01-01T00:00:00Z' })],
    ['a SKU of thousands of letters', lineWith({ sku: 'x'.repeat(5_000) })],
    ['more lines than can be numbered', orderWith({ line_items: Array.from({ length: 40_000 }, (_, id) => ({ ...line, id: id + 1 })) })],
    ['a currency that is none', orderWith({ currency: '$$$' })],
    ['a refund of a date that is none', () => refundFromWebhook(JSON.stringify({ id: 1, order_id: 2, created_at: '275760-09-14T00:00:00Z' }), 'EUR')],
    ['a fulfillment of the year 275760', () => fulfillmentFromWebhook(JSON.stringify({ id: 1, order_id: 2, created_at: '+275760-09-13T00:00:00Z' }))],
    ['the order of a fulfillment that is no id', () => orderIdFromDelivery('fulfillments/create', '{"order_id":"gid://shopify/"}')],
    ['the order of a refund that is a long text', () => orderIdFromDelivery('refunds/create', JSON.stringify({ order_id: 'x'.repeat(5_000) }))],
  ])('%s', (_what, read) => {
    expect(read).toThrow(invalid);
  });

  test('a global id of four hundred digits is none', () => {
    expect(legacyId(`gid://shopify/Order/${'9'.repeat(400)}`)).toBeNull();
  });
});

test('what is large and right is read', () => {
  expect(orderWith({ total_price: '999999999999.99' })()).toMatchObject({ totalCents: 99_999_999_999_999 });
  expect(lineWith({ quantity: 1_000_000, sku: 'S'.repeat(255) })()).toMatchObject({ lineItems: [{ quantity: 1_000_000 }] });
});

test.each([
  ['a cursor that comes again', () => 'same'],
  ['another cursor for ever', (n: number) => `cursor ${String(n)}`],
])('pages that have no end (%s) are given up, to be asked for again', async (_what, cursor) => {
  let asked = 0;
  const page = () => ({ pageInfo: { hasNextPage: true, endCursor: cursor(asked) }, nodes: [asked] });
  const reading = allPages(page(), () => {
    asked += 1;
    return Promise.resolve(page());
  });
  await expect(reading).rejects.toMatchObject({ failure: 'transient' });
});
