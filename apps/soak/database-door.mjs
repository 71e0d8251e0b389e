/** PostgreSQL behind an address that stays: a restarted server has another port, and connections can be broken at will. */
import { once } from 'node:events';
import net from 'node:net';

/** @param {() => number | null} port of the server; null while there is none */
export async function openDatabaseDoor(port) {
  const pairs = new Set();
  const server = net.createServer((near) => {
    const to = port();
    if (to === null) return near.destroy();
    const far = net.connect(to, '127.0.0.1');
    const pair = { close: () => [near, far].forEach((socket) => socket.destroy()) };
    pairs.add(pair);
    for (const [from, into] of [[near, far], [far, near]]) {
      from.setNoDelay(true);
      from.pipe(into);
      from.on('error', pair.close);
      from.on('close', () => {
        pairs.delete(pair);
        pair.close();
      });
    }
    return undefined;
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    port: server.address().port,
    /** Breaks the connections that the choice falls on, in the order in which they were opened. Answers how many. */
    sever(chosen) {
      const broken = [...pairs].filter(chosen);
      for (const pair of broken) pair.close();
      return broken.length;
    },
    close() {
      for (const pair of pairs) pair.close();
      server.close();
    },
  };
}
