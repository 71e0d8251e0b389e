import { randomBytes, randomUUID } from 'node:crypto';

/**
 * A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits. Sorting by id is sorting by time of
 * making, which keeps b-tree inserts at one edge of the index.
 */
export function newId(now: number = Date.now()): string {
  const time = now.toString(16).padStart(12, '0');
  // A UUIDv4 has its random bits and its variant in the same places, and Node draws them for many ids at once.
  return `${time.slice(0, 8)}-${time.slice(8)}-7${randomUUID().slice(15)}`;
}

/** Crockford's base 32: no I, L, O, U, so that it can be read out over a telephone. */
const CROCKFORD = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';

/** The unguessable name of an order in public, 60 random bits, written like `F3-7K2M9QXW4T8H`. */
export function newPublicId(): string {
  const bytes = randomBytes(12);
  let out = 'F3-';
  for (const byte of bytes) out += CROCKFORD[byte & 31];
  return out;
}
