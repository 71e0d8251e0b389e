import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type IncomingMessage, type ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '@forma3d/kernel';
import { problemOf } from './problem';
import { SECURITY_HEADERS } from './security-headers';

const headersOf = (correlationId: string): Record<string, string> => ({
  'content-type': 'application/problem+json',
  'x-correlation-id': correlationId,
  ...SECURITY_HEADERS,
});

/** An address that cannot be decoded gets no route, and so no filter. */
export function refuseAddress(error: Error, request: { id: string }, reply: { raw: ServerResponse }): void {
  const { body } = problemOf(error, request.id);
  reply.raw.writeHead(body.status, headersOf(request.id));
  reply.raw.end(JSON.stringify(body));
}

/** What is no HTTP, or too large a head of it, has no request to answer: the words go straight to the connection, which ends. */
export function refuseConnection(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (!socket.writable) {
    socket.destroy();
    return;
  }
  const { body } = problemOf(reasonOf(error.code), randomUUID());
  const text = JSON.stringify(body);
  const headers = { ...headersOf(body.correlation_id), 'content-length': String(Buffer.byteLength(text)), connection: 'close' };
  const head = [`HTTP/1.1 ${String(body.status)} ${STATUS_CODES[body.status] ?? ''}`, ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`)];
  socket.end(`${head.join('\r\n')}\r\n\r\n${text}`);
  // Time to read it; who does not end the connection then, and goes on sending, is not listened to for ever.
  setTimeout(() => { socket.destroy(); }, FAREWELL_MS).unref();
}

const FAREWELL_MS = 2_000;

/** What is to be waited for before a body comes, other than a leave to send it, is nothing that we can meet. */
export function refuseExpectation(_request: IncomingMessage, response: ServerResponse): void {
  const correlationId = randomUUID();
  const { body } = problemOf(new DomainError('expectation-failed', 'What the header Expect asks for cannot be met.'), correlationId);
  response.writeHead(body.status, { ...headersOf(correlationId), connection: 'close' });
  response.end(JSON.stringify(body));
}

/** A request of HTTP/1.1 names its host once (RFC 9112, 3.2): of two, whoever stands between may follow the other one. */
export function isHostUnclear({ httpVersion, rawHeaders }: Pick<IncomingMessage, 'httpVersion' | 'rawHeaders'>): boolean {
  let hosts = 0;
  for (let at = 0; at < rawHeaders.length; at += 2) {
    const name = rawHeaders[at] ?? '';
    if (name.length === 4 && name.toLowerCase() === 'host') hosts += 1;
  }
  return hosts > 1 || (hosts === 0 && httpVersion === '1.1');
}

function reasonOf(code: string | undefined): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW') return new DomainError('headers-too-large', 'The address and headers are larger than this server takes.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DomainError('request-timeout', 'The request took too long to arrive.');
  return new DomainError('malformed', 'The request cannot be read.');
}
