/**
 * The limit of webhook ingest without sharing commits: the least code that does the same work, one statement per request. Same
 * table, same signature check, same number of connections as the product.
 */
import { createHmac, randomUUID, timingSafeEqual } from 'node:crypto';
import http from 'node:http';
import pg from 'pg';
import { SECRET } from './a-delivery.mjs';

const STORE = `
  WITH inserted AS (
    INSERT INTO webhook_delivery (id, store_id, source, topic, dedupe_key, received_at, body)
    VALUES ($1, $2, 'shopify', $3, $4, now(), $5)
    ON CONFLICT (store_id, source, dedupe_key) DO NOTHING RETURNING id, store_id
  )
  INSERT INTO retry_queue (id, type, store_id, payload, max_attempts, due_at)
  SELECT $6, 'ORDER_WEBHOOK', store_id, jsonb_build_object('delivery_id', id), 8, now() FROM inserted`;
const STORE_ID = randomUUID();

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: Number(process.env.DATABASE_POOL) });

async function take(request, body) {
  const given = Buffer.from(String(request.headers['x-shopify-hmac-sha256']), 'base64');
  const wanted = createHmac('sha256', SECRET).update(body).digest();
  if (given.length !== wanted.length || !timingSafeEqual(given, wanted)) return 401;
  const values = [randomUUID(), STORE_ID, request.headers['x-shopify-topic'], request.headers['x-shopify-webhook-id'], body, randomUUID()];
  await pool.query({ name: 'store', text: STORE, values });
  return 200;
}

const server = http.createServer((request, response) => {
  const parts = [];
  request.on('data', (part) => parts.push(part));
  request.on('end', () => {
    take(request, Buffer.concat(parts)).then(
      (status) => response.writeHead(status, { 'content-type': 'application/json', 'content-length': 15 }).end('{"stored":true}'),
      (error) => {
        console.error(error);
        response.writeHead(503, { 'content-length': 0 }).end();
      },
    );
  });
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.send(process.cpuUsage()));
process.once('SIGTERM', () => {
  server.closeAllConnections();
  server.close(() => void pool.end());
  process.disconnect();
});
