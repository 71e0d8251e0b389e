import type { StorePolicies } from '@forma3d/contracts';

/** One shop. Every row of every other table belongs to one. */
export interface Store {
  id: string;
  /** Its public name in addresses. */
  handle: string;
  name: string;
  /** `something.myshopify.com`; null for a store without Shopify. */
  shopifyDomain: string | null;
  /** IANA name; days of the store are calendar days there. */
  timeZone: string;
  currency: string;
  policies: StorePolicies;
  /** Orders placed before this are mirrored, not produced. */
  produceOrdersFrom: Date;
  /** Since when Shopify lets us in no more, because the app was uninstalled; null while it is installed. */
  uninstalledAt: Date | null;
  /** When it was installed again, last. */
  reinstalledAt: Date | null;
}
