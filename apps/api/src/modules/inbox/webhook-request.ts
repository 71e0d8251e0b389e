import { DomainError } from '@forma3d/kernel';
import type { RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';

export type WebhookRequest = RawBodyRequest<FastifyRequest>;

/** Longer ones are no ids or topics of anybody's, and would not fit an index. */
const LONGEST_KEY = 255;

/** @throws DomainError `unsupported-media-type` unless the body is said to be JSON */
export function requireJson(request: WebhookRequest): void {
  const type = (request.headers['content-type'] ?? '').split(';', 1)[0]?.trim().toLowerCase() ?? '';
  if (type === 'application/json' || type.endsWith('+json')) return;
  throw new DomainError('unsupported-media-type', 'Webhooks are JSON.');
}

/** The bytes as they came: what signatures are over. */
export function rawBody(request: WebhookRequest): Buffer {
  return request.rawBody ?? Buffer.alloc(0);
}

/** @throws DomainError `malformed` when the bytes are not a JSON object */
export function requireObject(request: WebhookRequest): void {
  let body: unknown = request.body;
  if (body === null || body === undefined || Buffer.isBuffer(body)) {
    try {
      body = JSON.parse(rawBody(request).toString('utf8'));
    } catch {
      body = undefined; // said below, without the parser's words: they quote the body
    }
  }
  if (typeof body === 'object' && body !== null && !Array.isArray(body)) return;
  throw new DomainError('malformed', 'The body is not a JSON object.');
}

/** @throws DomainError `malformed` when the header is missing or absurdly long */
export function requireHeader(value: string | null, name: string): string {
  if (value === null) throw new DomainError('malformed', `The header ${name} is missing.`);
  if (value.length > LONGEST_KEY) throw new DomainError('malformed', `The header ${name} is too long.`);
  return value;
}
