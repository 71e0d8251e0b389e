/** The one address before several API processes: they take turns, and one that takes no connection is passed over. */
import { once } from 'node:events';
import http from 'node:http';

/** @param {() => number[]} ports of the processes, also of those that may be dead */
export async function openFront(ports) {
  let turn = 0;
  const server = http.createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('error', () => response.destroy());
    request.on('end', () => {
      const all = ports();
      turn += 1;
      if (all.length === 0) return response.destroy();
      pass(request, Buffer.concat(chunks), response, all.map((_, index) => all[(turn + index) % all.length]));
      return undefined;
    });
  });
  server.keepAliveTimeout = 60_000;
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/** A new connection for each request: one that is kept may be closed by the process in the moment it is used again. */
const agent = new http.Agent({ keepAlive: false });

/** What broke after the request was sent is the caller's to judge: passing it on again would do it twice. */
function pass(request, body, response, [port, ...others]) {
  const upstream = http.request({ agent, host: '127.0.0.1', port, method: request.method, path: request.url, headers: request.headers }, (answer) => {
    response.writeHead(answer.statusCode, answer.headers);
    answer.pipe(response);
    answer.on('error', () => response.destroy());
  });
  upstream.on('error', (error) => {
    if (error.code === 'ECONNREFUSED' && others.length > 0) pass(request, body, response, others);
    else response.destroy();
  });
  upstream.end(body);
}
