import { randomBytes } from 'node:crypto';

/**
 * A UUIDv7 (RFC 9562): 48 bits of Unix milliseconds, then random bits. Sorting by id is sorting by time of
 * making, which keeps b-tree inserts at one edge of the index.
 */
export function newId(now: number = Date.now()): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(now, 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString('hex');
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
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
