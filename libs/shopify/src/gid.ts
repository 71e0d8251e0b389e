import { z } from 'zod';

const GID = /^gid:\/\/shopify\/([A-Za-z]+)\/(\d{1,20})(?:\?.*)?$/;

/** `gid://shopify/Order/450789469` → `450789469`; null when the text is no global id of Shopify's. */
export function legacyId(gid: string): string | null {
  return GID.exec(gid)?.[2] ?? null;
}

/** `('Order', '450789469')` → `gid://shopify/Order/450789469`. */
export function toGid(type: ShopifyGidType, id: string): string {
  return `gid://shopify/${type}/${id}`;
}

export type ShopifyGidType =
  | 'Order'
  | 'LineItem'
  | 'Refund'
  | 'Fulfillment'
  | 'FulfillmentOrder'
  | 'FulfillmentOrderLineItem';

/** A global id in an answer, read as its numeric id. */
export const gidSchema = z.string().transform((gid, context) => {
  const id = legacyId(gid);
  if (id !== null) return id;
  context.addIssue({ code: 'custom', message: 'not a global id of Shopify' });
  return z.NEVER;
});
