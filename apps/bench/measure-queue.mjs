/** The task queue: the product's own processor, its limit and its peers take turns on 20,000 waiting tasks with empty handlers. */
import { createRequire } from 'node:module';
import pg from 'pg';
import { inRoot } from '../launcher/place.mjs';
import { median, p50AndP99, ratioInPairs } from './figures.mjs';
import { PEERS, startPeers } from './peers.mjs';
import { LEAN_TABLE, workOffBare } from './queue-limit.mjs';

const load = createRequire(import.meta.url);
const { Database } = load(inRoot('dist/libs/database/src/index.js'));
const { systemClock } = load(inRoot('dist/libs/kernel/src/index.js'));
const { Processor, done } = load(inRoot('dist/libs/tasks/src/index.js'));

const WAITING = 20_000;
const BATCH = 100;
const PICK_UPS = 400;
const STORE_ID = '01900000-0000-7000-8000-000000000001';

const fillProduct = `
  INSERT INTO retry_queue (id, type, store_id, payload, dedupe_key, max_attempts, due_at)
  SELECT id, 'FULFILLMENT', '${STORE_ID}', jsonb_build_object('order_id', id), id::text, 8, now() - n * interval '1 ms'
  FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, ${WAITING}) AS n) AS new`;
const fillLean = `
  INSERT INTO bench_task (id, due_at, payload)
  SELECT id, now() - n * interval '1 ms', jsonb_build_object('order_id', id)
  FROM (SELECT gen_random_uuid() AS id, n FROM generate_series(1, ${WAITING}) AS n) AS new`;

/** Who is measured: how the queue is filled, and what works it off (answering the number of tasks). */
const CONTENDERS = {
  limit: { words: `bare SKIP LOCKED on the least table, claim ${BATCH}, 2 connections (the limit)`, table: 'bench_task', run: (bare) => workOffBare(bare, { table: 'bench_task', lanes: 2, batch: BATCH }) },
  bareOnOurs: { words: 'the same bare code on our table, with its columns and indexes', table: 'retry_queue', run: (bare) => workOffBare(bare, { table: 'retry_queue', lanes: 2, batch: BATCH }) },
  product: { words: `the product: two processors, ${BATCH} tasks at once each, 2 connections`, table: 'retry_queue', run: (_bare, db) => workOffWithProduct(db, { processors: 2, concurrency: BATCH }) },
  productInGreatBatches: { words: 'the product: two processors, 250 at once each: 500 in hand, as graphile-worker', table: 'retry_queue', run: (_bare, db) => workOffWithProduct(db, { processors: 2, concurrency: 250 }) },
  productAsSet: { words: 'the product as it is set: one processor, 32 tasks at once', table: 'retry_queue', run: (_bare, db) => workOffWithProduct(db, { processors: 1, concurrency: 32 }) },
};

async function workOffWithProduct(db, { processors, concurrency }) {
  let count = 0;
  const handlers = new Map([['FULFILLMENT', { handle: async () => { count += 1; return done; } }]]);
  const trouble = [];
  const log = { trouble: (message, error) => trouble.push(`${message}: ${error.message}`), outcome: () => undefined };
  const all = Array.from({ length: processors }, (_, n) => new Processor({ db, clock: systemClock, worker: `bench-${n}`, handlers, concurrency, log }));
  for (const processor of all) processor.start();
  await Promise.all(all.map((processor) => processor.drained()));
  if (trouble.length > 0) throw new Error(trouble.join('\n'));
  await Promise.all(all.map((processor) => processor.stop(0)));
  return count;
}

/**
 * @param {{ url: string, rounds: number, say: (words: string) => void }} bench
 * @returns each contender with its tasks a second and its ratio to the limit, and the peers' pick-up, or null where they could not be had
 */
export async function measureQueue({ url, rounds, say }) {
  const bare = new pg.Pool({ connectionString: url, max: 2 });
  const db = new Database({ url, max: 2 });
  const peers = startPeers({ url, say });
  const turns = Object.fromEntries(Object.entries(CONTENDERS).map(([name, contender]) => [name, { words: contender.words, run: () => turn(contender, bare, db) }]));
  for (const [who, words] of peers ? Object.entries(PEERS) : []) {
    turns[who] = { words, run: async () => (await peers.ask({ who, ask: 'work-off', waiting: WAITING })).perSecond };
  }
  try {
    const perSecond = Object.fromEntries(Object.keys(turns).map((name) => [name, []]));
    for (let round = -1; round < rounds; round += 1) {
      const names = Object.keys(turns);
      for (const name of round % 2 === 0 ? names : names.reverse()) {
        const rate = await turns[name].run();
        if (round < 0) continue; // warm-up
        perSecond[name].push(rate);
        say(`  queue ${name}: ${Math.round(rate)}/s`);
      }
    }
    const contenders = Object.entries(turns).map(([name, { words }]) => ({ name, words, perSecond: median(perSecond[name]), ratio: ratioInPairs(perSecond[name], perSecond.limit) }));
    return { contenders, peersPickUp: peers && p50AndP99((await peers.ask({ who: 'graphileWorker', ask: 'pick-up', samples: PICK_UPS })).latencies) };
  } finally {
    await Promise.all([peers?.stop(), bare.end(), db.close()]);
  }
}

async function turn({ table, run }, bare, db) {
  await bare.query(`${LEAN_TABLE}; TRUNCATE retry_queue`);
  await bare.query(table === 'bench_task' ? fillLean : fillProduct);
  await bare.query(`VACUUM ANALYZE ${table}`);
  await bare.query('CHECKPOINT');
  const from = performance.now();
  const count = await run(bare, db);
  const seconds = (performance.now() - from) / 1_000;
  const { rows } = await bare.query(`SELECT count(*)::int AS n FROM ${table} WHERE status = 'COMPLETED'`);
  if (count !== WAITING || rows[0].n !== WAITING) throw new Error(`${count} tasks ran and ${rows[0].n} are completed, of ${WAITING}`);
  return WAITING / seconds;
}
