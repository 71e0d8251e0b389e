/**
 * End to end: the built product, one or three processes of it, against the sandbox, from the paid order to the fulfillment in Shopify. The
 * sandbox prints at once and gives a shop and a farm without limits of their own, so that what is measured is the product, and the
 * machine it shares with PostgreSQL, the sandbox and this driver.
 */
import path from 'node:path';
import pg from 'pg';
import { until } from '../soak/calls.mjs';
import { MAPPED, mappingOf } from '../soak/products.mjs';
import { Stage } from '../soak/stage.mjs';

const PRINT_MINUTES_A_SECOND = 100_000;
const WARM_UP = 30;
const PLACED_AT_ONCE = 8;
const PATIENCE_MS = 300_000;

/** Two lines, three prints: what a small shop sells. */
const ORDER = { lines: [{ sku: 'DRAGON-L', quantity: 1 }, { sku: 'HEX-WHITE', quantity: 1 }] };

/** As an operator sets it for a shop and a farm that allow it. */
const UNLIMITED = { SIMPLYPRINT_REQUESTS_PER_SECOND: '1000', NOTIFICATIONS_ENABLED: 'false', TASK_LEASE_SECONDS: '30', PRINT_SWEEP_SECONDS: '30', CATCH_UP_MINUTES: '15' };
const NO_LIMIT = { maximum: 1_000_000, restore_rate: 1_000_000 };

class Scene extends Stage {
  apiSettings() {
    return { ...super.apiSettings(), ...UNLIMITED };
  }
}

const PROGRESS = `SELECT count(*)::int AS placed, count(fulfilled_at)::int AS fulfilled FROM orders`;
const DOUBLED = `SELECT count(*)::int AS n FROM (SELECT 1 FROM fulfillment WHERE phase = 'succeeded' GROUP BY order_id HAVING count(*) > 1) AS twice`;
/** Of orders that come one by one the last delivery before the fulfillment is that of the last print. */
const TO_FULFILLED = `
  SELECT extract(epoch FROM f.at - (
    SELECT max(received_at) FROM webhook_delivery WHERE source = 'simplyprint' AND topic = 'job.done' AND received_at < f.at)) * 1000 AS ms
  FROM (SELECT order_id, min(succeeded_at) AS at FROM fulfillment WHERE phase = 'succeeded' GROUP BY 1) AS f
  JOIN orders o ON o.id = f.order_id ORDER BY o.created_at OFFSET $1`;

/**
 * @param {{ dir: string, apis: number, orders: number, oneByOne: number }} bench
 * @returns orders an hour with all placed at once; milliseconds from the webhook of the last finished
 *   print to the fulfillment that Shopify confirmed, of orders that came one by one
 */
export async function measureJourney({ dir, apis, orders, oneByOne }) {
  const scene = new Scene(path.join(dir, `journey-${apis}`));
  let pool;
  try {
    await scene.open({ apis, speed: PRINT_MINUTES_A_SECOND });
    await scene.control('POST', 'shopify/limits', NO_LIMIT);
    pool = new pg.Pool({ connectionString: scene.databaseUrl, max: 1 });
    for (const sku of Object.keys(MAPPED)) await scene.product('POST', 'product-mappings', mappingOf(sku));
    const place = () => scene.control('POST', 'orders', ORDER);
    const settled = (wanted) => until(`${wanted} fulfilled orders`, async () => (await pool.query(PROGRESS)).rows[0].fulfilled >= wanted, PATIENCE_MS, 20);

    await Promise.all(Array.from({ length: WARM_UP }, place));
    await settled(WARM_UP);
    for (let n = 1; n <= oneByOne; n += 1) {
      await place();
      await settled(WARM_UP + n);
    }
    const { rows } = await pool.query(TO_FULFILLED, [WARM_UP]);

    const before = scene.processorSeconds();
    const from = performance.now();
    let left = orders;
    await Promise.all(Array.from({ length: PLACED_AT_ONCE }, async () => {
      while (left-- > 0) await place();
    }));
    await settled(WARM_UP + oneByOne + orders);
    const seconds = (performance.now() - from) / 1_000;
    const after = scene.processorSeconds();
    await checkEnd(scene, pool, WARM_UP + oneByOne + orders);
    const cpu = Object.fromEntries(Object.keys(after).map((who) => [who, ((after[who] - before[who]) * 1_000) / orders]));
    return { apis, orders, perHour: (orders / seconds) * 3_600, toFulfilled: rows.map(({ ms }) => Number(ms)), cpu };
  } finally {
    await pool?.end();
    await scene.close({ keep: false });
  }
}

/** What was fast must also be right: the shop itself is asked. */
async function checkEnd(scene, pool, wanted) {
  const shop = await scene.control('GET', 'orders');
  const open = shop.filter(({ fulfillments }) => fulfillments.length !== 1);
  const { rows } = await pool.query(DOUBLED);
  if (shop.length !== wanted || open.length > 0 || rows[0].n > 0) throw new Error(`of ${wanted} orders the shop has ${shop.length}, ${open.length} without exactly one fulfillment, ${rows[0].n} doubled`);
}
