import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { Tree } from './hostile-json.setup';

/** A delivery as its sender means it: what is changed about it comes later. */
export interface Sample {
  sender: 'shopify' | 'simplyprint';
  /** Topic or event. */
  topic: string;
  body: Tree;
}

const SAMPLES = path.resolve(__dirname, '../../../libs/shopify/src/samples');
const orderBody = JSON.parse(readFileSync(path.join(SAMPLES, 'order-webhook.json'), 'utf8')) as Record<string, Tree>;

/** An order of its own, placed after the shop was connected: one that is produced. */
function freshOrder(number: number): Tree {
  const [placed, changed] = [3_600_000, 3_700_000].map((ms) => new Date(Date.now() + ms).toISOString());
  const dates = { created_at: placed ?? '', processed_at: placed ?? '', updated_at: changed ?? '', cancelled_at: null };
  return { ...orderBody, ...dates, id: 5_000_000 + number, admin_graphql_api_id: `gid://shopify/Order/${5_000_000 + number}`, financial_status: 'paid' };
}

const refund = {
  id: 509562969, admin_graphql_api_id: 'gid://shopify/Refund/509562969', order_id: 450789469, created_at: '2026-11-20T12:00:00+01:00', note: 'broken', user_id: 548380009,
  order_adjustments: [{ id: 1030976842, kind: 'shipping_refund', amount: '-5.00', amount_set: { shop_money: { amount: '-5.00', currency_code: 'EUR' } } }],
  transactions: [{ id: 179259969, kind: 'refund', status: 'success', amount: '41.94', currency: 'EUR' }],
  refund_line_items: [{ id: 104689539, line_item_id: 703073504, quantity: 1, restock_type: 'return', subtotal: 195.66, total_tax: 3.98, subtotal_set: { shop_money: { amount: '195.66' } } }],
};
const fulfillment = {
  id: 255858046, admin_graphql_api_id: 'gid://shopify/Fulfillment/255858046', order_id: 450789469, status: 'success', created_at: '2026-11-20T12:00:00+01:00', updated_at: '2026-11-20T12:00:00+01:00',
  tracking_number: '3SABC123', tracking_url: 'https://track.example/3SABC123', tracking_company: 'bpost', line_items: [{ id: 466157049, quantity: 1, sku: 'PLANTER', properties: [{ name: 'engraving', value: 'A & B' }] }],
};
const job = { id: 456, uid: 'pj_1', state: 'completed', printer_id: 123, printer: { id: 123, name: 'Bed 1' }, queueItem: { id: 890 }, file: 'pot.gcode', cost: 1.5 };

const TOPICS = ['orders/create', 'orders/paid', 'orders/updated', 'orders/cancelled'];
const old = TOPICS.map((topic): Sample => ({ sender: 'shopify', topic, body: orderBody }));
const fresh = Array.from({ length: 16 }, (_, n): Sample => ({ sender: 'shopify', topic: TOPICS[n % TOPICS.length] ?? '', body: freshOrder(n) }));

/** One of everything that the two senders deliver, made for this. */
export const DELIVERIES: readonly Sample[] = [
  ...old,
  ...fresh,
  { sender: 'shopify', topic: 'refunds/create', body: refund },
  { sender: 'shopify', topic: 'fulfillments/create', body: fulfillment },
  { sender: 'shopify', topic: 'fulfillments/update', body: fulfillment },
  { sender: 'shopify', topic: 'orders/edited', body: { order_edit: { id: 78912328793, app_id: null, order_id: 450789469, line_items: { additions: [{ id: 1, delta: 1 }], removals: [] } } } },
  { sender: 'shopify', topic: 'fulfillment_orders/order_routing_complete', body: { fulfillment_order: { id: 'gid://shopify/FulfillmentOrder/123', admin_graphql_api_id: 'gid://shopify/FulfillmentOrder/123', status: 'open' } } },
  { sender: 'shopify', topic: 'bulk_operations/finish', body: { admin_graphql_api_id: 'gid://shopify/BulkOperation/147595010', status: 'completed', error_code: null } },
  { sender: 'shopify', topic: 'app/uninstalled', body: { id: 548380009, domain: 'forma3d-sandbox.myshopify.com' } },
  { sender: 'shopify', topic: 'customers/redact', body: { shop_id: 954889, customer: { id: 191167, email: 'john@example.com' }, orders_to_redact: [299938, 280263] } },
  { sender: 'shopify', topic: 'customers/data_request', body: { shop_id: 954889, orders_requested: [299938], customer: { id: 191167, email: 'john@example.com' }, data_request: { id: 9999 } } },
  { sender: 'shopify', topic: 'shop/redact', body: { shop_id: 954889, shop_domain: 'forma3d-sandbox.myshopify.com' } },
  ...['job.started', 'job.paused', 'job.resumed', 'job.done', 'job.failed', 'job.cancelled'].map((topic): Sample => ({ sender: 'simplyprint', topic, body: { webhook_id: 42, event: topic, timestamp: 1_795_000_000, data: { job } } })),
  ...['queue.add_item', 'queue.delete_item', 'queue.revive_item'].map((topic): Sample => ({ sender: 'simplyprint', topic, body: { webhook_id: 42, event: topic, timestamp: 1_795_000_000, data: { queue_item: { id: 890, left: 5, filename: 'pot.gcode' }, user: { id: 7 } } } })),
  { sender: 'simplyprint', topic: 'test', body: { webhook_id: 42, event: 'test', timestamp: 1_795_000_000, data: [] } },
];
