import { randomUUID } from 'node:crypto';
import { STATUS_CODES, type ServerResponse } from 'node:http';
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
}

function reasonOf(code: string | undefined): DomainError {
  if (code === 'HPE_HEADER_OVERFLOW') return new DomainError('headers-too-large', 'The address and headers are larger than this server takes.');
  if (code === 'ERR_HTTP_REQUEST_TIMEOUT') return new DomainError('request-timeout', 'The request took too long to arrive.');
  return new DomainError('malformed', 'The request cannot be read.');
}
