import { z } from 'zod';

import { bodyId } from './bounded-values';
import { parseDelivery } from './parse-delivery';

/** Whom a privacy topic is about. Null and empty where it names nobody: `shop/redact` is about all. */
export interface PrivacySubject {
  customerId: string | null;
  email: string | null;
  /** The orders that it names. */
  orderIds: string[];
}

const ids = z.array(bodyId).max(100_000).nullish().transform((each) => each ?? []);
const privacyBody = z.looseObject({
  customer: z.looseObject({ id: bodyId.nullish(), email: z.string().max(500).nullish() }).nullish(),
  orders_requested: ids,
  orders_to_redact: ids,
});

/**
 * Reads the body of `customers/data_request`, `customers/redact` or `shop/redact`.
 *
 * @see https://shopify.dev/docs/apps/build/compliance/privacy-law-compliance
 * @throws DomainError `invalid-delivery`, without what the body holds
 */
export function privacyFromDelivery(raw: Uint8Array | string): PrivacySubject {
  const body = parseDelivery(privacyBody, raw);
  return {
    customerId: body.customer?.id ?? null,
    email: body.customer?.email?.trim() || null,
    orderIds: [...new Set([...body.orders_requested, ...body.orders_to_redact])],
  };
}
