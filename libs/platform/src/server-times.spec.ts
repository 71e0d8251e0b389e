import { once } from 'node:events';
import { createServer } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { refuseConnection } from './refuse-early';
import { SERVER_TIMES } from './server-times';

/** So much faster than in earnest. */
const FASTER = 40;
const times = Object.fromEntries(Object.entries(SERVER_TIMES).map(([name, ms]) => [name, ms / FASTER]));
const server = createServer(times, (request) => void request.resume());
let port: number;

beforeAll(async () => {
  server.on('clientError', refuseConnection);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ({ port } = server.address() as AddressInfo);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});

const SLOW = {
  'a body that comes a byte at a time': ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5000\r\n\r\n', 'x'],
  'a body in chunks without end': ['POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n', '1\r\nx\r\n'],
  'a body that never comes': ['POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n', ''],
  'headers without end': ['GET / HTTP/1.1\r\nHost: x\r\n', 'X-A: b\r\n'],
} as const;

test('who is slow on purpose is answered with 408, and the connection ended though the client does not end it', async () => {
  const from = performance.now();
  const ended: Promise<unknown>[] = [];
  server.on('connection', (connection) => ended.push(once(connection, 'close')));
  const clients = Object.entries(SLOW).map(([what, [first, then]]) => {
    const client = { what, said: '', end: () => undefined as unknown };
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
    socket.on('data', (chunk: Buffer) => { client.said += chunk.toString(); });
    socket.on('error', () => undefined); // the end may come as a reset
    socket.write(first);
    const dripping = setInterval(() => { if (socket.writable) socket.write(then); }, 50);
    client.end = () => {
      clearInterval(dripping);
      return socket.destroy();
    };
    return client;
  });
  while (ended.length < clients.length) await once(server, 'connection');
  await Promise.all(ended);
  for (const client of clients) client.end();
  expect(clients.map(({ what, said }) => `${what}: ${said.slice(0, 12)}`)).toEqual(Object.keys(SLOW).map((what) => `${what}: HTTP/1.1 408`));
  expect(performance.now() - from).toBeLessThan(15_000);
}, 20_000);
