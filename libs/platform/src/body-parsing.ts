import { isUtf8 } from 'node:buffer';
import { DomainError } from '@forma3d/kernel';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import type { RawBodyRequest } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';

const KIB = 1024;
/** Largest body of a request, in bytes. */
export const BODY_LIMIT = 1024 * KIB;
/** Shopify's largest orders are larger than what people send. */
const WEBHOOK_BODY_LIMIT = 2 * 1024 * KIB;

export const isWebhook = (url: string): boolean => url.startsWith('/webhooks/');

const CSV_LIMIT = 'csvLimit';

/** The route takes a body of `text/csv` instead of JSON, of at most so many bytes; its `@Body()` is the text. */
export const TakesCsv = (bytes: number): MethodDecorator => RouteConfig({ [CSV_LIMIT]: bytes });

function csvLimitOf(config: object | undefined): number | undefined {
  const limit: unknown = config === undefined ? undefined : Reflect.get(config, CSV_LIMIT);
  return typeof limit === 'number' ? limit : undefined;
}

/** Fastify takes limits per route, so routes get theirs as they are registered. */
export function limitBody(route: { url: string; bodyLimit?: number; config?: object }): void {
  if (isWebhook(route.url)) route.bodyLimit = WEBHOOK_BODY_LIMIT;
  const csvLimit = csvLimitOf(route.config);
  if (csvLimit !== undefined) route.bodyLimit = csvLimit;
}

/**
 * Bodies are JSON, or CSV where a route says so; everything else is 415. Deliveries to /webhooks/ are not parsed: their signature is over
 * the bytes, which are checked and stored as they came (`request.rawBody`). An empty body is no body.
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
  fastify.addContentTypeParser('text/csv', { parseAs: 'buffer' }, (request, body: Buffer, done) => {
    const text = textOf(body);
    if (csvLimitOf(request.routeOptions.config) === undefined) done(new DomainError('unsupported-media-type', 'The body must be JSON (Content-Type: application/json).'));
    else if (text === undefined) done(new DomainError('malformed', 'The file is not UTF-8. In a spreadsheet, save it as "CSV UTF-8".'));
    else done(null, text === '' ? undefined : text);
  });
}

/** What bytes spell, or undefined when they are not UTF-8: others would be stored as something that nobody sent. */
function textOf(body: Buffer): string | undefined {
  return isUtf8(body) ? body.toString('utf8') : undefined;
}

const CHARSET = /;\s*charset\s*=\s*"?([^";\s]*)/i;

/** Why a body cannot be read by what its headers say of it: compressed, in another encoding than UTF-8, or not the CSV that the route takes. */
export function unreadableBody({ headers, routeOptions }: Pick<FastifyRequest, 'headers' | 'routeOptions'>): DomainError<'unsupported-media-type'> | undefined {
  const packed = headers['content-encoding'] ?? 'identity';
  if (packed.toLowerCase() !== 'identity') return new DomainError('unsupported-media-type', 'Compressed bodies are not taken.');
  const charset = CHARSET.exec(headers['content-type'] ?? '')?.[1] ?? 'utf-8';
  if (!/^(utf-?8|us-ascii)$/i.test(charset)) return new DomainError('unsupported-media-type', 'The body must be UTF-8.');
  const type = headers['content-type'];
  if (type === undefined || csvLimitOf(routeOptions.config) === undefined || /^\s*text\/csv\s*(;|$)/i.test(type)) return undefined;
  return new DomainError('unsupported-media-type', 'The body must be CSV (Content-Type: text/csv).');
}
