import { DomainError } from '@forma3d/kernel';
import type { z } from 'zod';

import { parseBigJson } from './parse-big-json';

/** A webhook body that is not what its topic promises. Names paths and reasons, never values: bodies hold personal data. */
export type InvalidDelivery = DomainError<'invalid-delivery'>;

function invalidDelivery(errors: { path: string; message: string }[]): InvalidDelivery {
  const first = errors[0];
  return new DomainError('invalid-delivery', `Shopify sent a body that we cannot read: ${first?.path} ${first?.message}`, {
    errors,
  });
}

/**
 * The raw bytes of a delivery, parsed without rounding ids and checked against `schema`.
 *
 * @throws DomainError `invalid-delivery`, with `details.errors: [{ path, message }]`
 */
export function parseDelivery<Schema extends z.ZodType>(schema: Schema, raw: Uint8Array | string): z.output<Schema> {
  const text = typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
  let body: unknown;
  try {
    body = parseBigJson(text);
  } catch {
    // A SyntaxError quotes the text around the fault, which may be personal data: it is not passed on.
    throw invalidDelivery([{ path: '', message: 'is not JSON' }]);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidDelivery(
    parsed.error.issues.slice(0, 20).map((issue) => ({ path: issue.path.join('.'), message: issue.message })),
  );
}
