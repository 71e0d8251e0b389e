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

const [OPENS, CLOSES] = Buffer.from('{}');
/** JSON's white space. */
const BLANKS: readonly (number | undefined)[] = [...Buffer.from(' \t\r\n')];

/**
 * Refuses what cannot be a JSON object by its first and last byte. What is wrong within is found when it is worked off, and shown to a
 * person: parsing here would double what a delivery costs (measured), and bytes that the sender has signed are better kept than
 * refused, sent again eight times and refused again.
 *
 * @throws DomainError `malformed`
 */
export function requireObject(request: WebhookRequest): void {
  const body = rawBody(request);
  let first = 0;
  let last = body.length - 1;
  while (BLANKS.includes(body[first])) first += 1;
  while (BLANKS.includes(body[last])) last -= 1;
  if (first < last && body[first] === OPENS && body[last] === CLOSES) return;
  throw new DomainError('malformed', 'The body is not a JSON object.');
}

/** @throws DomainError `malformed` when the header is missing or absurdly long */
export function requireHeader(value: string | null, name: string): string {
  if (value === null) throw new DomainError('malformed', `The header ${name} is missing.`);
  if (value.length > LONGEST_KEY) throw new DomainError('malformed', `The header ${name} is too long.`);
  return value;
}
