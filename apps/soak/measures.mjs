/** What a run took: time, processor, tasks. Figures to learn from, none of them a rule. */
import { expectationOf } from './expectation.mjs';
import { surplusOf } from './audit-prints.mjs';

const TASKS = `
  SELECT type, count(*)::int AS tasks, sum(attempt)::int AS runs, sum(failures)::int AS failures, max(failures)::int AS most,
    round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at))::numeric, 2)::float AS p50,
    round(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM finished_at - created_at))::numeric, 2)::float AS p99
  FROM retry_queue WHERE status = 'COMPLETED' GROUP BY type ORDER BY 3 DESC`;

/** From the last finished print of an order to its first fulfillment, where that was ours to make and nobody changed the order. */
const TO_FULFILLED = `
  WITH printed AS (SELECT order_id, max(ended_at) AS at FROM print_job WHERE status = 'COMPLETED' GROUP BY 1),
       made AS (SELECT order_id, min(succeeded_at) AS at FROM fulfillment WHERE phase = 'succeeded' AND NOT adopted AND prepared_at IS NULL GROUP BY 1 HAVING count(*) = 1)
  SELECT round(percentile_cont(0.5) WITHIN GROUP (ORDER BY extract(epoch FROM made.at - printed.at))::numeric, 2)::float AS p50,
         round(percentile_cont(0.99) WITHIN GROUP (ORDER BY extract(epoch FROM made.at - printed.at))::numeric, 2)::float AS p99
  FROM printed JOIN made USING (order_id) JOIN orders o ON o.id = order_id WHERE made.at > printed.at AND o.generation = 1`;

export async function measure({ pool, stage, evidence, counts, operator, timetable, mischiefEndedAt, struck }) {
  const { shop, farm, placed } = evidence;
  const prepared = {
    ...evidence,
    expected: new Map(shop.filter(({ id }) => placed.has(id)).map((order) => [order.id, expectationOf(order, placed.get(order.id))])),
    itemRow: new Map(evidence.rows.queueItems.map((row) => [row.id, row])),
  };
  const actions = [...placed.values()].flatMap((order) => order.actions);
  const jobs = Object.fromEntries(['done', 'failed', 'cancelled'].map((status) => [status, farm.jobs.filter((job) => job.status === status).length]));
  return {
    orders: shop.length,
    cancelled: shop.filter(({ cancelled_at: at }) => at !== null).length,
    secondThoughts: actions.filter(({ refused }) => refused === null).length,
    tooLate: actions.filter(({ refused }) => refused !== null).length,
    prints: jobs,
    surplus: surplusOf(prepared),
    fulfillments: shop.reduce((sum, { fulfillments }) => sum + fulfillments.length, 0),
    ...counts,
    failedStarts: stage.apis.reduce((sum, api) => sum + api.failedStarts, 0),
    operator: operator.counts,
    seconds: timetable.now,
    toCalm: timetable.now - mischiefEndedAt,
    processor: stage.processorSeconds(),
    calls: farm.calls,
    struck: Object.fromEntries(struck.map(({ target, kind, operation, struck: times }) => [[target, kind, operation].filter(Boolean).join(' '), times])),
    toFulfilled: (await pool.query(TO_FULFILLED)).rows[0],
    tasks: (await pool.query(TASKS)).rows,
  };
}
