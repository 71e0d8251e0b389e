import { isUtf8 } from 'node:buffer';
import { DomainError } from '@forma3d/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawBodyRequest } from '@nestjs/common';

const KIB = 1024;
/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 1024 * KIB;
/** Shopify's largest orders are larger than what people send. */
const WEBHOOK_BODY_LIMIT = 2 * 1024 * KIB;

export const isWebhook = (url: string): boolean => url.startsWith('/webhooks/');

/** Fastify takes limits per route, so routes get theirs as they are registered. */
export function limitBody(route: { url: string; bodyLimit?: number }): void {
  if (isWebhook(route.url)) route.bodyLimit = WEBHOOK_BODY_LIMIT;
}

/**
 * Bodies are JSON, everything else is 415. Deliveries to /webhooks/ are not parsed: their signature is over the bytes, which are checked
 * and stored as they came (`request.rawBody`). An empty body is no body.
 */
export function parseBodies(fastify: FastifyInstance): void {
  const parse = fastify.getDefaultJsonParser('error', 'error');
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request: RawBodyRequest<FastifyRequest>, body: Buffer, done) => {
    request.rawBody = body;
    if (isWebhook(request.url) || body.length === 0) {
      done(null, undefined);
      return;
    }
    const text = textOf(body);
    if (text === undefined) done(new DomainError('malformed', 'The body is not UTF-8.'));
    else void parse(request, text, done);
  });
}

/** What bytes spell, or undefined when they are not UTF-8: others would be stored as something that nobody sent. */
function textOf(body: Buffer): string | undefined {
  return isUtf8(body) ? body.toString('utf8') : undefined;
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/** Why a body cannot be read by what its headers say of it: compressed, or in another encoding than JSON's one. */
export function unreadableBody({ headers }: Pick<FastifyRequest, 'headers'>): DomainError<'unsupported-media-type'> | undefined {
  const packed = headers['content-encoding'] ?? 'identity';
  if (packed.toLowerCase() !== 'identity') return new DomainError('unsupported-media-type', 'Compressed bodies are not taken.');
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) return new DomainError('unsupported-media-type', 'The body must be UTF-8.');
  return undefined;
}
