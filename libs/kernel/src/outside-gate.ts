import type { OutsideSystem } from './outside-error';

export interface OutsideCall {
  storeId: string;
  system: OutsideSystem;
  /** The call in the outside system's own words, e.g. `fulfillmentCreate`. */
  operation: string;
  /** How long the caller will wait for the answer, in milliseconds. */
  timeoutMs: number;
  /** Expected price: query cost points at Shopify, 1 per request at SimplyPrint. */
  cost: number;
}

/** What the outside system said about the price after the call, to correct the shared bucket. */
export interface OutsideBill {
  actualCost?: number;
  maximumAvailable?: number;
  currentlyAvailable?: number;
  restoreRate?: number;
  /** The system said "too many": nobody of this store calls it before then. */
  blockedForMs?: number;
  /**
   * True after 401, 402, 403 or 423: credentials or the shop's standing refused. False when it did what was asked, which ends a refusal,
   * as does any word about the price; left out when nothing is known (no answer, trouble on its side).
   */
  refused?: boolean;
}

/**
 * Every request to an outside system passes here: rate limits shared by all processes, stores whose credentials were
 * refused, leases that have run out, and calls made inside a database transaction are stopped before they are sent.
 *
 * `enter` waits for its turn (or throws an OutsideError `throttled`/`refused` when that is too far off) and resolves
 * right before the request may be sent; the function that it answers with must be called with the bill afterwards,
 * also when the call failed. That one never rejects: what it could not write down changes nothing of what became of the call.
 */
export interface OutsideGate {
  enter(call: OutsideCall, signal?: AbortSignal): Promise<(bill: OutsideBill) => Promise<void>>;
}

/** A gate that lets everything through; for tests of the clients alone. */
export const openGate: OutsideGate = { enter: () => Promise.resolve(() => Promise.resolve()) };
