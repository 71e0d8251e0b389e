/** Webhook ingest: the product and its limit take turns, each with the same load, on one table that is emptied before each turn. */
import { SECRET, SHOP } from './a-delivery.mjs';
import { Child } from './child.mjs';
import { median, percentile, ratioInPairs } from './figures.mjs';

const CONNECTIONS = 32;
const POOL = '12';
const STEADY_RATE = 200;

/** What `readConfig` needs; everything outside is simulated, and nothing outside is called. */
const SETTINGS = {
  SHOPIFY_SHOP_DOMAIN: SHOP,
  SHOPIFY_ADMIN_ACCESS_TOKEN: 'shpat_of_the_benchmark',
  SHOPIFY_WEBHOOK_SECRETS: SECRET,
  SHOPIFY_API_BASE_URL: 'http://127.0.0.1:1',
  SIMPLYPRINT_API_BASE_URL: 'http://127.0.0.1:1/simplyprint',
  SIMPLYPRINT_COMPANY_ID: '1',
  SIMPLYPRINT_API_KEY: 'key-of-the-benchmark',
  SIMPLYPRINT_WEBHOOK_SECRET: 'farm-secret-of-the-benchmark',
  NOTIFICATIONS_ENABLED: 'false',
  ADMIN_TOKEN: 'admin-token-of-the-benchmark',
  APP_URL: 'http://localhost:3000',
  FORMA3D_SANDBOX: 'shopify,simplyprint,smtp',
  DATABASE_POOL: POOL,
  NODE_ENV: 'production',
};

/**
 * @param {{ url: string, pool: import('pg').Pool, rounds: number, seconds: number, say: (words: string) => void }} bench
 */
export async function measureIngest({ url, pool, rounds, seconds, say }) {
  const env = { ...SETTINGS, DATABASE_URL: url };
  const servers = { limit: new Child('ingest-limit-server.mjs', env), product: new Child('ingest-product-server.mjs', env) };
  const load = new Child('webhook-load.mjs');
  try {
    const ports = { limit: (await servers.limit.answer()).port, product: (await servers.product.answer()).port };
    const turn = async (who, how) => {
      await pool.query('TRUNCATE webhook_delivery, retry_queue');
      await pool.query('CHECKPOINT');
      const cpuBefore = await cpuOf(servers[who]);
      const { sent, seconds: took, latencies } = await load.ask({ port: ports[who], connections: CONNECTIONS, ...how });
      const cpu = ((await cpuOf(servers[who])) - cpuBefore) / sent;
      const { rows } = await pool.query('SELECT (SELECT count(*) FROM webhook_delivery)::int AS deliveries, (SELECT count(*) FROM retry_queue WHERE type = $1)::int AS tasks', ['ORDER_WEBHOOK']);
      if (rows[0].deliveries !== sent || rows[0].tasks !== sent) throw new Error(`${who} answered ${sent} and stored ${JSON.stringify(rows[0])}`);
      return { perSecond: sent / took, p50: percentile(latencies, 0.5), p99: percentile(latencies, 0.99), cpu };
    };
    for (const who of ['limit', 'product', 'limit', 'product']) await turn(who, { seconds: Math.min(3, seconds) }); // warm-up
    const full = await inTurns(rounds, (who) => turn(who, { seconds }), say);
    const steady = await inTurns(Math.min(3, rounds), (who) => turn(who, { seconds, rate: STEADY_RATE }), say);
    return { connections: CONNECTIONS, rate: STEADY_RATE, ratio: ratioInPairs(full.product.map(perSecond), full.limit.map(perSecond)), full: summary(full), steady: summary(steady) };
  } finally {
    await Promise.all([load.stop(), servers.limit.stop(), servers.product.stop()]);
  }
}

/** Microseconds of processor time that a server has used, in its own code and for it in the system. */
async function cpuOf(server) {
  const { user, system } = await server.ask('cpu');
  return user + system;
}

const perSecond = (turn) => turn.perSecond;

async function inTurns(rounds, turn, say) {
  const turns = { limit: [], product: [] };
  for (let round = 0; round < rounds; round += 1) {
    // Who goes first changes, so that neither always finds the machine as the other left it.
    for (const who of round % 2 === 0 ? ['limit', 'product'] : ['product', 'limit']) {
      const result = await turn(who);
      turns[who].push(result);
      say(`  ingest ${who}: ${Math.round(result.perSecond)}/s, p50 ${result.p50.toFixed(1)} ms, p99 ${result.p99.toFixed(1)} ms, ${Math.round(result.cpu)} µs of the server's processor each`);
    }
  }
  return turns;
}

const summary = (turns) =>
  Object.fromEntries(
    Object.entries(turns).map(([who, all]) => [who, { perSecond: median(all.map(perSecond)), p50: median(all.map(({ p50 }) => p50)), p99: median(all.map(({ p99 }) => p99)), cpu: median(all.map(({ cpu }) => cpu)) }]),
  );
