/** One run from beginning to end: the plan happens, everything calms down, and the three sides are compared. */
import pg from 'pg';
import { setTimeout as wait } from 'node:timers/promises';
import { audit, problemsIn } from './audit.mjs';
import { until } from './calls.mjs';
import { dice } from './dice.mjs';
import { collect, movementOf, sampleOf } from './evidence.mjs';
import { expectationOf } from './expectation.mjs';
import { measure } from './measures.mjs';
import { playShop, saveMapping } from './merchant.mjs';
import { schedule } from './misfortunes.mjs';
import { Operator } from './operator.mjs';
import { makePlan, planFaults } from './plan.mjs';
import { MAPPED } from './products.mjs';
import { Timetable } from './timetable.mjs';

/** How often the operator looks, and how often the end is looked for. */
const ROUND_MS = 3000;
const SAMPLE = 40;
/** A busy machine may break a request off; one that answers none for so long is a finding of its own. */
const EVIDENCE_MS = 120_000;
/** The share of orders that may still be open when the misfortunes end. */
const NEARLY_OPEN = 0.03;
const CATCH_UP_COMES_S = 80;
/** The catch-up comes once a minute; a look within `npm test` asks for it sooner. */
const CATCH_UP_SHORT_MS = 5000;

/**
 * @param {ReturnType<import('./options.mjs').readOptions>} options
 * @param {import('./stage.mjs').Stage} stage already open
 * @param {(words: string) => void} tell
 */
export async function run(options, stage, tell) {
  const plan = makePlan(options);
  const { control, product } = stage;
  const pool = new pg.Pool({ connectionString: stage.databaseUrl, max: 2 });
  pool.on('error', () => undefined); // severed while idle; the next query gets another connection
  for (const sku of Object.keys(MAPPED)) await saveMapping(product, sku, () => wait(200));
  const faults = planFaults(options);
  for (const fault of faults) await control('POST', 'faults', fault);

  const timetable = new Timetable();
  const misfortunes = new Timetable(timetable.began);
  const placed = playShop({ plan, control, timetable });
  const counts = schedule({ plan, options, stage, timetable: misfortunes, tell });
  for (const { sku, at } of plan.mappings) timetable.at(at, () => saveMapping(product, sku, () => wait(500)));
  const operator = new Operator(product);
  const background = startBackground({ operator, pool, options, tell: () => tell(`${placed.size} orders placed, ${counts.kills} kills`) });
  try {
    await Promise.race([timetable.done(), failureOf(misfortunes)]);
    tell(`All ${placed.size} orders are placed, with every second thought`);
    await Promise.race([nearlyDone({ control, placed, plan, timetable }), failureOf(misfortunes)]);
    misfortunes.end();
    await misfortunes.done();
    tell(`The misfortunes end (${counts.kills} kills, ${counts.severed} connections broken)`);
    const { faults: struck } = await control('GET', 'faults');
    await control('DELETE', 'faults');
    await stage.allReady();
    const mischiefEndedAt = timetable.now;
    const { evidence, results } = await calmDown({ sides: { ...stage, pool }, placed, options, timetable, tell });
    const figures = await measure({ pool, stage, evidence, counts, operator, timetable, mischiefEndedAt, struck });
    return { results, figures, problems: problemsIn(results) };
  } finally {
    await background.stop();
    await pool.end();
  }
}

/** Rejects when a misfortune could not be brought about; never resolves. */
const failureOf = (misfortunes) => new Promise((_resolve, reject) => {
  misfortunes.done().catch(reject);
});

/** Whatever can go wrong goes wrong until nearly every order is through, or for as long again as the orders came in. */
async function nearlyDone({ control, placed, plan, timetable }) {
  const latest = timetable.now + plan.lasts;
  for (;;) {
    const shop = await control('GET', 'orders');
    const open = shop.filter((order) => expectationOf(order, placed.get(order.id)).lines.some(({ due, fulfilled }) => fulfilled < due));
    if (open.length <= shop.length * NEARLY_OPEN || timetable.now > latest) return;
    await wait(ROUND_MS);
  }
}

/** The operator's rounds, and in a short run the catch-up's, until they are stopped. */
function startBackground({ operator, pool, options, tell }) {
  const stopping = new AbortController();
  const again = async (everyMs, work) => {
    while (!stopping.signal.aborted) {
      await work();
      await wait(everyMs, undefined, { signal: stopping.signal }).catch(() => undefined); // stopped
    }
  };
  const loops = [again(ROUND_MS, () => operator.round()), again(15_000, async () => tell())];
  if (options.short) loops.push(again(CATCH_UP_SHORT_MS, () => askForCatchUp(pool)));
  const all = Promise.all(loops);
  all.catch(() => undefined); // told by stop()
  return {
    stop: () => {
      stopping.abort();
      return all;
    },
  };
}

/** As the catch-up's clock does; nothing where one is open already, or while the database is away. */
async function askForCatchUp(pool) {
  await pool.query(`INSERT INTO retry_queue (id, type, store_id, payload, dedupe_key, max_attempts, due_at)
    SELECT gen_random_uuid(), 'CATCH_UP', id, '{}', id::text, 20, now() FROM store ON CONFLICT DO NOTHING`).catch(() => undefined);
}

/** Where no work is left that could still change something, only the next catch-up and sweep are waited for. */
function patienceFor({ rows }, { patience }) {
  const open = rows.tasks.some(({ status }) => status === 'PENDING' || status === 'PROCESSING');
  return open ? patience : Math.min(patience, CATCH_UP_COMES_S);
}

/** Asks the rules until they hold twice, with time between for what should not happen; or until nothing moves any more. */
async function calmDown({ sides, placed, options, timetable, tell }) {
  const die = () => dice(options.seed, 'sample');
  let movement = null;
  let movedAt = timetable.now;
  let held = false;
  for (;;) {
    const evidence = await until('the evidence', () => collect(sides, placed), EVIDENCE_MS, ROUND_MS);
    const sampled = { ...evidence, sample: await until('the sample', () => sampleOf(sides.product, evidence.listed, die(), SAMPLE), EVIDENCE_MS, ROUND_MS) };
    const results = audit(sampled);
    const problems = problemsIn(results);
    const now = movementOf(evidence);
    if (now !== movement) movedAt = timetable.now;
    const still = timetable.now - movedAt;
    if (problems.length === 0 && held && now === movement) return { evidence: sampled, results };
    if (problems.length > 0 && still > patienceFor(evidence, options)) return { evidence: sampled, results };
    tell(problems.length === 0 ? 'Every rule holds; another look in a moment' : `${problems.length} left, e.g. ${problems[0]}`);
    held = problems.length === 0;
    movement = now;
    await wait(ROUND_MS);
  }
}
