/**
 * Other queues on PostgreSQL, tuned as their own documentation says, in a process of their own because they need a newer Node than the
 * product. Told `{ who, ask: 'work-off', waiting }` or `{ who, ask: 'pick-up', samples }`, answers `{ perSecond }` or `{ latencies }` (ms).
 */
import { makeWorkerUtils, run } from 'graphile-worker';
import pg from 'pg';
import { PgBoss } from 'pg-boss';

const connectionString = process.env.DATABASE_URL;
const pool = new pg.Pool({ connectionString, max: 1 });
const BATCH = 100;
const soon = () => new Promise((resolve) => setTimeout(resolve, 2));

async function untilNone(sql) {
  for (;;) {
    const { rows } = await pool.query(sql);
    if (rows[0].n === 0) return;
    await soon();
  }
}

const graphileWorker = {
  /** Its page on performance: jobs fetched ahead of the workers, completions batched. */
  preset: { worker: { connectionString, concurrentJobs: 24, maxPoolSize: 25, localQueue: { size: 500 }, completeJobBatchDelay: 0, failJobBatchDelay: 0 } },
  quiet: { error() {}, warn() {}, info() {}, debug() {} },

  async start(handler) {
    const { Logger } = await import('graphile-worker');
    const logger = new Logger(() => () => undefined);
    return run({ preset: { ...this.preset, worker: { ...this.preset.worker, logger } }, taskList: { task: handler } });
  },

  async workOff(waiting) {
    const utils = await makeWorkerUtils({ connectionString });
    await utils.migrate();
    await utils.addJobs(Array.from({ length: waiting }, (_, n) => ({ identifier: 'task', payload: { order_id: n } })));
    await utils.release();
    await pool.query('VACUUM ANALYZE graphile_worker._private_jobs');
    await pool.query('CHECKPOINT');
    let count = 0;
    let all;
    const handled = new Promise((resolve) => { all = resolve; });
    const from = performance.now();
    const runner = await this.start(() => { count += 1; if (count === waiting) all(); });
    await handled;
    await untilNone('SELECT count(*)::int AS n FROM graphile_worker._private_jobs');
    const perSecond = (waiting * 1_000) / (performance.now() - from);
    await runner.stop();
    return { perSecond };
  },

  async pickUp(samples) {
    let begun = () => undefined;
    const runner = await this.start(() => begun(performance.now()));
    const latencies = [];
    for (let n = 0; n < samples + 50; n += 1) {
      const handled = new Promise((resolve) => { begun = resolve; });
      await runner.addJob('task', { order_id: n });
      const committedAt = performance.now();
      const begunAt = await handled;
      if (n >= 50) latencies.push(Math.max(0, begunAt - committedAt));
      await untilNone('SELECT count(*)::int AS n FROM graphile_worker._private_jobs');
    }
    await runner.stop();
    return { latencies };
  },
};

const pgBoss = {
  async workOff(waiting) {
    const boss = new PgBoss({ connectionString, max: 2, supervise: false, schedule: false });
    boss.on('error', (error) => process.send({ error: error.message }));
    await boss.start();
    await boss.createQueue('task');
    await boss.deleteAllJobs('task');
    await boss.insert('task', Array.from({ length: waiting }, (_, n) => ({ data: { order_id: n } })));
    await pool.query('VACUUM ANALYZE');
    await pool.query('CHECKPOINT');
    const lane = async () => {
      for (;;) {
        const jobs = await boss.fetch('task', { batchSize: BATCH });
        if (jobs.length === 0) return;
        await boss.complete('task', jobs.map(({ id }) => id));
      }
    };
    const from = performance.now();
    await Promise.all([lane(), lane()]);
    const perSecond = (waiting * 1_000) / (performance.now() - from);
    const { rows } = await pool.query(`SELECT count(*)::int AS n FROM pgboss.job WHERE name = 'task' AND state = 'completed'`);
    if (rows[0].n !== waiting) throw new Error(`pg-boss completed ${rows[0].n} of ${waiting}`);
    await boss.stop();
    return { perSecond };
  },
};

const PEERS = { graphileWorker, pgBoss };

process.on('message', async ({ who, ask, waiting, samples }) => {
  try {
    process.send(ask === 'work-off' ? await PEERS[who].workOff(waiting) : await PEERS[who].pickUp(samples));
  } catch (error) {
    process.send({ error: error.stack });
  }
});
process.once('SIGTERM', () => {
  void pool.end();
  process.disconnect();
});
