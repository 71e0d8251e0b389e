/**
 * The limit of a task queue on PostgreSQL: claim a batch with SKIP LOCKED, run nothing, complete the batch. No leases, no fence, no
 * dedupe, no payload check.
 */

/** The least table that is a queue. */
export const LEAN_TABLE = `
  DROP TABLE IF EXISTS bench_task;
  CREATE TABLE bench_task (id uuid PRIMARY KEY, status text NOT NULL DEFAULT 'PENDING', due_at timestamptz NOT NULL, payload jsonb NOT NULL);
  CREATE INDEX bench_task_due ON bench_task (due_at) WHERE status = 'PENDING'`;

/**
 * Works `table` off and answers the number of tasks done.
 *
 * @param {import('pg').Pool} pool
 * @param {{ table: string, lanes: number, batch: number }} how one connection per lane
 */
export async function workOffBare(pool, { table, lanes, batch }) {
  const claim = `
    UPDATE ${table} t SET status = 'PROCESSING' FROM (
      SELECT id FROM ${table} WHERE status = 'PENDING' AND due_at <= now() ORDER BY due_at LIMIT ${batch} FOR UPDATE SKIP LOCKED
    ) AS picked WHERE t.id = picked.id RETURNING t.id, t.payload`;
  const complete = `UPDATE ${table} SET status = 'COMPLETED' WHERE id = ANY ($1::uuid[])`;
  const lane = async () => {
    let done = 0;
    for (;;) {
      const { rows } = await pool.query({ name: `claim-${table}-${batch}`, text: claim });
      if (rows.length === 0) return done;
      await Promise.all(rows.map(async () => undefined)); // the empty handlers
      await pool.query({ name: `complete-${table}`, text: complete, values: [rows.map(({ id }) => id)] });
      done += rows.length;
    }
  };
  const counts = await Promise.all(Array.from({ length: lanes }, lane));
  return counts.reduce((sum, count) => sum + count, 0);
}
