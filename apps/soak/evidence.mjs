/** What the three sides say at one moment: Shopify and SimplyPrint as the sandbox holds them, and the product's own records. */
import { listOf } from './operator.mjs';

const QUERIES = {
  orders: 'SELECT id, shopify_id, name, status, production_status, paid_at, cancelled_at, fulfilled_at, planned_at, generation, ready_generation, units_wanted, prints_wanted, prints_completed FROM orders',
  lines: 'SELECT id, order_id, shopify_id, sku, current_quantity FROM line_item',
  queueItems: 'SELECT id, order_id, line_item_id, part_name, file_id, state, simplyprint_id FROM queue_item',
  prints: 'SELECT id, order_id, queue_item_id, status, wanted, replaced, simplyprint_job_id FROM print_job',
  fulfillments: 'SELECT id, order_id, phase, shopify_id, adopted FROM fulfillment',
  tasks: `SELECT id, type, status, snoozed, failures, last_error, order_id FROM retry_queue WHERE status <> 'COMPLETED'`,
  attention: 'SELECT kind, subject_id, order_id, message FROM attention WHERE closed_at IS NULL',
  headers: 'SELECT id, shopify_id, financial_status, fulfillment_status, cancelled_at, updated_at FROM order_header',
  headerLines: 'SELECT order_header_id, shopify_id, current_quantity FROM order_line_item',
  onceOnly: `SELECT type, order_id, count(*)::int AS times FROM event WHERE type IN ('order.created', 'order.paid', 'order.cancelled') GROUP BY 1, 2`,
  readyEvents: `SELECT order_id, count(*)::int AS times FROM event WHERE type = 'order.ready-for-fulfillment' GROUP BY 1`,
};

/**
 * @param {{ control: Function, product: Function, pool: import('pg').Pool, apis: { unexpectedEnds: string[] }[] }} sides
 * @param {Map<string, import('./merchant.mjs').Placed>} placed
 */
export async function collect({ control, product, pool, apis }, placed) {
  const [shop, farm, listed] = await Promise.all([control('GET', 'orders'), control('GET', 'simplyprint'), listOf(product, 'orders')]);
  const rows = {};
  for (const [name, sql] of Object.entries(QUERIES)) rows[name] = (await pool.query(sql)).rows;
  return { placed, shop, farm, listed, rows, unexpectedEnds: apis.flatMap(({ unexpectedEnds }) => unexpectedEnds) };
}

/** The orders of a sample as the API shows them one by one, by Shopify's id. */
export async function sampleOf(product, listed, die, size) {
  const chosen = Array.from({ length: Math.min(size, listed.length) }, () => die.pick(listed));
  const shown = await Promise.all(chosen.map(({ id }) => product('GET', `orders/${id}`)));
  return new Map(shown.map((order) => [order.shopify_id, order]));
}

/** Changes whenever something moves. */
export function movementOf({ shop, farm, rows }) {
  return JSON.stringify([
    shop.map(({ updated_at: at }) => at).sort().at(-1), shop.length, farm.jobs.length, farm.jobs.filter(({ status }) => status !== 'ongoing').length,
    farm.queue.length, rows.prints.map(({ status }) => status).sort().join(''), rows.tasks.map(({ id, status, failures }) => [id, status, failures]).sort(),
  ]);
}
