/**
 * Sends signed deliveries, in a process of its own so that its work is not taken for the server's. Requests are written to the socket
 * ready-made: on a machine with few cores a full HTTP client costs as much as the server that is measured.
 *
 * Told `{ port, connections, seconds, rate? }`, answers `{ sent, seconds, latencies }` (ms). Without a rate each connection sends its
 * next delivery when the last is answered; with one, deliveries leave on schedule and latency counts from the moment they were due.
 */
import { randomUUID } from 'node:crypto';
import net from 'node:net';
import { BODY, HMAC, SHOP, TOPIC } from './a-delivery.mjs';

const HEAD = [
  'POST /webhooks/shopify HTTP/1.1', 'host: 127.0.0.1', 'content-type: application/json', `content-length: ${BODY.length}`,
  `x-shopify-topic: ${TOPIC}`, `x-shopify-shop-domain: ${SHOP}`, `x-shopify-hmac-sha256: ${HMAC}`, 'x-shopify-api-version: 2026-10',
].join('\r\n');

class Connection {
  constructor(port) {
    this.socket = net.connect(port, '127.0.0.1');
    this.socket.setNoDelay(true);
    this.answer = '';
    this.socket.on('data', (part) => this.take(part));
    this.opened = new Promise((resolve, reject) => this.socket.once('connect', resolve).once('error', reject));
    this.socket.on('close', () => this.waiting?.reject(new Error('the server closed the connection')));
  }

  send() {
    return new Promise((resolve, reject) => {
      this.waiting = { resolve, reject };
      this.socket.cork();
      this.socket.write(`${HEAD}\r\nx-shopify-webhook-id: ${randomUUID()}\r\n\r\n`);
      this.socket.write(BODY);
      this.socket.uncork();
    });
  }

  take(part) {
    this.answer += part.toString('latin1');
    const end = this.answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/^content-length: *(\d+)/im.exec(this.answer.slice(0, end))?.[1]);
    if (this.answer.length < end + 4 + length) return;
    const { answer, waiting } = this;
    this.answer = '';
    this.waiting = undefined;
    if (answer.startsWith('HTTP/1.1 200')) waiting.resolve();
    else waiting.reject(new Error(`a delivery was answered: ${answer.slice(0, 400)}`));
  }
}

async function saturate(connections, seconds) {
  const latencies = [];
  const from = performance.now();
  const until = from + seconds * 1_000;
  await Promise.all(
    connections.map(async (connection) => {
      for (let at = performance.now(); at < until; at = performance.now()) {
        await connection.send();
        latencies.push(performance.now() - at);
      }
    }),
  );
  return { sent: latencies.length, seconds: (performance.now() - from) / 1_000, latencies };
}

async function onSchedule(connections, seconds, rate) {
  const free = [...connections];
  const waiting = [];
  const latencies = [];
  const all = [];
  const deliver = async (connection, dueAt) => {
    await connection.send();
    latencies.push(performance.now() - dueAt);
    const next = waiting.shift();
    if (next === undefined) free.push(connection);
    else await deliver(connection, next);
  };
  const from = performance.now();
  const total = rate * seconds;
  for (let n = 0; n < total; ) {
    for (; n < total && performance.now() >= from + (n * 1_000) / rate; n += 1) {
      const connection = free.pop();
      const dueAt = from + (n * 1_000) / rate;
      if (connection) all.push(deliver(connection, dueAt));
      else waiting.push(dueAt);
    }
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
  await Promise.all(all);
  return { sent: latencies.length, seconds: (performance.now() - from) / 1_000, latencies };
}

process.on('message', async ({ port, connections: count, seconds, rate }) => {
  try {
    const connections = Array.from({ length: count }, () => new Connection(port));
    await Promise.all(connections.map(({ opened }) => opened));
    process.send(await (rate === undefined ? saturate(connections, seconds) : onSchedule(connections, seconds, rate)));
    for (const { socket } of connections) socket.destroy();
  } catch (error) {
    process.send({ error: error.message });
  }
});
