import { z } from 'zod';

import { legacyId } from './gid';

/**
 * Values that REST and GraphQL share, in the bounds of what can be kept: columns and indexes have them, and what Shopify means never
 * comes near. A body or an answer that is beyond is none of Shopify's, and is refused as such instead of failing where it is written.
 */

/** Digits of an id: the largest of 64 bits has twenty. */
export const ID = /^\d{1,20}$/;

/** An id in the body of a delivery: a number, or digits, or a global id. */
export const bodyId = z.union([
  z.number().int().positive().transform(String),
  z.string().transform((id) => legacyId(id) ?? id).pipe(z.string().regex(ID, 'is no id')),
]);

const LARGEST_QUANTITY = 10_000_000;
/** Units of something. Sums of many still fit 32 bits. */
export const quantity = z.number().int().min(-LARGEST_QUANTITY).max(LARGEST_QUANTITY);

/** "20.00": less than a trillion, which is exact in every currency's minor unit. */
export const amountText = z.string().regex(/^-?\d{1,12}(?:\.\d{1,30})?$/, 'is no amount');

/** An index takes no longer ones; Shopify's end at 255 characters. */
export const sku = z.string().max(600).nullish();

/** Whether a date is one of a calendar of four-digit years. */
export function isDate(date: Date): boolean {
  const year = date.getUTCFullYear();
  return year >= 1 && year <= 9_999;
}
