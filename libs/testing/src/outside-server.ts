import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface OutsideRequest {
  method: string;
  /** Path with query. */
  path: string;
  headers: IncomingHttpHeaders;
  /** As text; empty when there was none. */
  body: string;
}

/** An answer, or what goes wrong instead: the connection dropped after the request was read, or nothing at all. */
export type OutsideReply = { status?: number; headers?: Record<string, string>; body: unknown } | 'drop' | 'hang';

export interface OutsideServer {
  /** `http://127.0.0.1:<port>` */
  url: string;
  /** Everything that was asked, in order. */
  requests: OutsideRequest[];
  /** What it answers from now on. */
  reply: (request: OutsideRequest) => OutsideReply;
  /** Ends it, and every connection to it. */
  close(): Promise<void>;
}

/**
 * A stand-in for an outside system on a free port of 127.0.0.1, for specs of clients. A body that is no text is sent as
 * JSON.
 */
export async function startOutsideServer(): Promise<OutsideServer> {
  const server = createServer((incoming, response) => {
    const chunks: Buffer[] = [];
    incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
    incoming.on('end', () => {
      const request = {
        method: incoming.method ?? '',
        path: incoming.url ?? '',
        headers: incoming.headers,
        body: Buffer.concat(chunks).toString('utf8'),
      };
      outside.requests.push(request);
      const reply = outside.reply(request);
      if (reply === 'drop') incoming.socket.destroy();
      if (reply === 'drop' || reply === 'hang') return;
      response.writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers });
      response.end(typeof reply.body === 'string' ? reply.body : JSON.stringify(reply.body));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const outside: OutsideServer = {
    url: `http://127.0.0.1:${port}`,
    requests: [],
    reply: () => ({ status: 404, body: {} }),
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        server.closeAllConnections();
      }),
  };
  return outside;
}
