/**
 * One address for several API containers: passes TCP connections on, in turn, to every address that UPSTREAM (`name:port`) has at that
 * moment. A container that takes no connection is passed over, so the loss of one costs only what was under way in it. Bytes are passed
 * on unseen: HTTP, streams and web sockets alike. It speaks no TLS; that belongs before it.
 *
 * Settings: PORT (3000), UPSTREAM (api:3000).
 */
import { resolve4 } from 'node:dns/promises';
import { createServer, connect } from 'node:net';
import { setTimeout as wait } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';

/** A container that is gone answers nothing at all; one that lives takes a connection within milliseconds. */
const CONNECT_MS = 1_000;
/** How long a caller waits while no container takes connections, as during a restart of all. */
const PATIENCE_MS = 10_000;
/** How long what is under way may go on after the order to stop. */
const GRACE_MS = 5_000;

/**
 * @param {{ port: number, host?: string, find: () => Promise<{ host: string, port: number }[]> }} options `find` is asked at every connection
 * @returns {Promise<{ port: number, close: () => Promise<void> }>} `close` takes no more connections and waits for those it has, within limits
 */
export async function startProxy({ port, host = '0.0.0.0', find }) {
  const open = new Set();
  const keep = (socket) => {
    open.add(socket);
    socket.once('close', () => open.delete(socket)).on('error', () => socket.destroy());
  };
  let turn = 0;
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true }, (caller) => {
    keep(caller);
    void reach(find, turn++, caller).then((upstream) => {
      if (!upstream || caller.destroyed) {
        upstream?.destroy();
        caller.destroy();
        return;
      }
      keep(upstream);
      join(caller, upstream);
    });
  });
  await new Promise((resolve, reject) => server.once('error', reject).listen(port, host, resolve));
  return {
    port: server.address().port,
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      const late = setTimeout(() => open.forEach((socket) => socket.destroy()), GRACE_MS);
      await closed;
      clearTimeout(late);
    },
  };
}

/** A connection to the first container in turn that takes one; null when none did in time. */
async function reach(find, turn, caller) {
  for (const until = performance.now() + PATIENCE_MS; performance.now() < until && !caller.destroyed; await wait(200)) {
    const all = await find().catch(() => []);
    for (let i = 0; i < all.length; i++) {
      const upstream = await dial(all[(turn + i) % all.length]);
      if (upstream) return upstream;
    }
  }
  return null;
}

function dial(address) {
  return new Promise((resolve) => {
    const socket = connect({ ...address, allowHalfOpen: true, noDelay: true });
    const give = (result) => {
      clearTimeout(late);
      if (!result) socket.destroy();
      resolve(result);
    };
    const late = setTimeout(() => give(null), CONNECT_MS);
    socket.once('connect', () => give(socket)).on('error', () => give(null));
  });
}

/** The end of one side is the end of the other, in order where it was in order. */
function join(caller, upstream) {
  caller.once('close', () => upstream.destroy());
  upstream.once('close', () => caller.destroy());
  caller.pipe(upstream).pipe(caller);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const [name, port = '3000'] = (process.env.UPSTREAM ?? 'api:3000').split(':');
  // Sorted: the name server shuffles its answers, and a turn needs an order.
  const find = async () => (await resolve4(name)).sort().map((host) => ({ host, port: Number(port) }));
  const proxy = await startProxy({ port: Number(process.env.PORT ?? 3000), find });
  console.log(`passing connections on port ${proxy.port} to ${name}:${port}`);
  for (const signal of ['SIGTERM', 'SIGINT']) process.once(signal, () => void proxy.close().then(() => process.exit(0)));
}
