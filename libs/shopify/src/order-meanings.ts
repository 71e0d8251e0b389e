import type { ShopifyFinancialStatus, ShopifyLineItem } from './shopify-order';

/** What REST and GraphQL spell differently, read alike. */

const FINANCIAL: ReadonlySet<string> = new Set<ShopifyFinancialStatus>([
  'PENDING',
  'AUTHORIZED',
  'PARTIALLY_PAID',
  'PAID',
  'PARTIALLY_REFUNDED',
  'REFUNDED',
  'VOIDED',
  'EXPIRED',
]);

function isFinancialStatus(text: string): text is ShopifyFinancialStatus {
  return FINANCIAL.has(text);
}

/** `paid` and `PAID` → `PAID`; null for none and for one that we do not know. */
export function financialStatus(text: string | null | undefined): ShopifyFinancialStatus | null {
  const upper = text?.toUpperCase() ?? '';
  return isFinancialStatus(upper) ? upper : null;
}

/** REST: null, `partial`, `fulfilled`, `restocked`; GraphQL: upper case words. */
export function fulfillmentStatus(text: string | null | undefined): string {
  const upper = text?.toUpperCase() || 'UNFULFILLED';
  return upper === 'PARTIAL' ? 'PARTIALLY_FULFILLED' : upper;
}

const PICKUP_WORDS = new Set(['pickup', 'localpickup', 'instorepickup']);

/** Whether a shipping line says that the customer collects: its category, source or code, however it is spelled. */
export function meansPickup(...words: (string | null | undefined)[]): boolean {
  return words.some((word) => word !== null && word !== undefined && PICKUP_WORDS.has(word.toLowerCase().replace(/[^a-z]/g, '')));
}

/**
 * GraphQL has no flag for tips: a tip is a line of no product that needs no shipping, carries no tax, and costs what
 * the order says it received in tips.
 */
export function isTip(
  line: Pick<ShopifyLineItem, 'productId' | 'variantId' | 'sku' | 'requiresShipping' | 'quantity' | 'unitPriceCents' | 'taxCents'>,
  totalTipCents: number,
): boolean {
  return (
    totalTipCents > 0 &&
    line.productId === null &&
    line.variantId === null &&
    !line.sku &&
    !line.requiresShipping &&
    line.taxCents === 0 &&
    line.unitPriceCents * line.quantity === totalTipCents
  );
}

/** Empty text means "none" in Shopify's bodies. */
export function textOrNull(text: string | null | undefined): string | null {
  return text === undefined || text === null || text === '' ? null : text;
}

export function sum(amounts: readonly number[]): number {
  return amounts.reduce((total, amount) => total + amount, 0);
}
