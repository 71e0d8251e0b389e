/** The webhook that all ingest measurements send: a paid order of three lines, 6.8 KB, as Shopify signs it. */
import { createHmac } from 'node:crypto';

export const SECRET = 'secret-of-the-benchmark';
export const SHOP = 'bench-shop.myshopify.com';
export const TOPIC = 'orders/create';
const BYTES = 6_800;

const line = (id) => ({
  id,
  admin_graphql_api_id: `gid://shopify/LineItem/${id}`,
  title: 'Wall bracket', variant_title: 'Black', sku: `BRACKET-${id % 10}`, vendor: 'Forma3D', quantity: 2, current_quantity: 2, fulfillable_quantity: 2,
  price: '15.00', price_set: { shop_money: { amount: '15.00', currency_code: 'EUR' }, presentment_money: { amount: '15.00', currency_code: 'EUR' } },
  variant_id: id + 100, product_id: id + 200, requires_shipping: true, gift_card: false, taxable: true, total_discount: '0.00', fulfillment_service: 'manual',
  properties: [], tax_lines: [], discount_allocations: [],
});
const address = { first_name: 'Jo', last_name: 'Peeters', address1: 'Dorpstraat 1', address2: null, zip: '9000', city: 'Gent', country: 'Belgium', country_code: 'BE', phone: null };

function orderOf(bytes) {
  const order = {
    id: 820982911946154500, name: '#1001', order_number: 1001, created_at: '2026-11-02T10:00:00+01:00', updated_at: '2026-11-02T10:00:00+01:00',
    processed_at: '2026-11-02T10:00:00+01:00', currency: 'EUR', financial_status: 'paid', fulfillment_status: null, total_price: '95.00', subtotal_price: '90.00',
    total_tax: '0.00', test: false, tags: '', email: 'jo@example.org', line_items: [9001, 9002, 9003].map(line), shipping_address: address, billing_address: address,
    shipping_lines: [{ title: 'Standard', code: 'standard', price: '5.00' }], note_attributes: [], note: '',
  };
  // Many small members, as the rest of a real order is, not one long text: parsing costs by the member.
  while (JSON.stringify(order).length < bytes - 120) order.note_attributes.push({ name: `attribute-${order.note_attributes.length}`, value: 'engraving, left side' });
  order.note = 'x'.repeat(bytes - JSON.stringify(order).length);
  return order;
}

export const BODY = Buffer.from(JSON.stringify(orderOf(BYTES)));
export const HMAC = createHmac('sha256', SECRET).update(BODY).digest('base64');
