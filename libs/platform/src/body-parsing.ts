import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawBodyRequest } from '@nestjs/common';

const KIB = 1024;
/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 1024 * KIB;
/** Shopify's largest orders are larger than what people send. */
const WEBHOOK_BODY_LIMIT = 2 * 1024 * KIB;

const isWebhook = (url: string): boolean => url.startsWith('/webhooks/');

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
    if (isWebhook(request.url) || body.length === 0) done(null, undefined);
    else void parse(request, body.toString('utf8'), done);
  });
}
