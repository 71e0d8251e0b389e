import type { Database } from '@forma3d/database';
import { nameOfWrite, watchStatements } from './statement-points';

test.each([
  ['SELECT id FROM orders WHERE id = $1 FOR UPDATE', undefined],
  ['\n  UPDATE retry_queue q SET lease_until = clock_timestamp() FROM x', 'update retry_queue lease_until'],
  ['INSERT INTO outside_limit (store_id) VALUES ($1) ON CONFLICT DO NOTHING', 'insert outside_limit'],
  ['DELETE FROM fulfillment_request WHERE order_id = $1', 'delete fulfillment_request'],
  ['WITH lost AS (SELECT id FROM a FOR UPDATE SKIP LOCKED), reaped AS (UPDATE a q SET b = 1 RETURNING q.*) SELECT 1', 'a with lost reaped'],
])('%s is called %s', (text, name) => {
  expect(nameOfWrite(text)).toBe(name);
});

function watched(rowCount: number) {
  const seen: string[] = [];
  const pool = { query: (statement: { text: string }) => {
    seen.push(`sent ${statement.text}`);
    return Promise.resolve({ rowCount, rows: [] });
  } };
  watchStatements(pool as unknown as Database['pool'], (point) => seen.push(point));
  return { pool, seen };
}

test('a statement that writes passes a point before it is sent and one after its answer', async () => {
  const { pool, seen } = watched(1);
  expect(await pool.query({ text: 'UPDATE a SET b = 1' })).toEqual({ rowCount: 1, rows: [] });
  expect(seen).toEqual(['statement update a b before-send', 'sent UPDATE a SET b = 1', 'statement update a b after-answer']);
});

test('an answer that touched nothing is no point, and neither is a question', async () => {
  const { pool, seen } = watched(0);
  await pool.query({ text: 'UPDATE a SET b = 1' });
  await pool.query({ text: 'SELECT 1' });
  expect(seen).toEqual(['statement update a b before-send', 'sent UPDATE a SET b = 1', 'sent SELECT 1']);
});
