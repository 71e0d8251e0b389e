import { randomUUID } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { DomainError } from '@forma3d/kernel';
import { problemOf } from './problem';
import { SECURITY_HEADERS } from './security-headers';

const RETRY_AFTER_S = '5';

/**
 * Answers in the place of the application while it waits for its database: the process lives, is not ready, and everything else may be
 * asked again. Shopify delivers again what is answered so.
 *
 * @returns how it ends; rejects when it cannot listen
 */
export async function standIn(port: number, host: string): Promise<() => Promise<void>> {
  const server = createServer((request, response) => {
    const id = randomUUID();
    const path = (request.url ?? '/').split('?')[0];
    const [status, type, body] = path === '/health/live' ? ALIVE : path === '/health/ready' ? NOT_READY : refusal(id);
    response.writeHead(status, { 'content-type': type, 'x-correlation-id': id, connection: 'close', ...(status === 503 && { 'retry-after': RETRY_AFTER_S }), ...SECURITY_HEADERS });
    response.end(JSON.stringify(body));
    request.resume();
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return () => ended(server);
}

type Answer = [status: number, type: string, body: object];

const ALIVE: Answer = [200, 'application/json', { status: 'ok' }];
const NOT_READY: Answer = [503, 'application/json', { status: 'not-ready', checks: { database: { status: 'failed', detail: 'cannot be reached' } } }];

function refusal(correlationId: string): Answer {
  const { body } = problemOf(new DomainError('not-ready', 'Starting: the database cannot be reached yet. Try again soon.'), correlationId);
  return [body.status, 'application/problem+json', body];
}

function ended(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => { resolve(); });
    server.closeAllConnections();
  });
}
