import { invalidDelivery, storableJson } from '@forma3d/kernel';
import type { z } from 'zod';

import { parseBigJson } from './parse-big-json';

/**
 * The raw bytes of a delivery, parsed without rounding ids and checked against `schema`.
 *
 * @throws DomainError `invalid-delivery`, with `details.errors: [{ path, message }]`
 */
export function parseDelivery<Schema extends z.ZodType>(schema: Schema, raw: Uint8Array | string): z.output<Schema> {
  const text = typeof raw === 'string' ? raw : Buffer.from(raw.buffer, raw.byteOffset, raw.byteLength).toString('utf8');
  let body: unknown;
  try {
    body = parseBigJson(storableJson(text));
  } catch {
    // A SyntaxError quotes the text around the fault, which may be personal data: it is not passed on.
    throw invalidDelivery('Shopify', [{ path: [], message: 'is not JSON' }]);
  }
  const parsed = schema.safeParse(body);
  if (parsed.success) return parsed.data;
  throw invalidDelivery('Shopify', parsed.error.issues);
}
