import type { Config } from '@forma3d/platform';

/** How long things take around a call to Shopify, in milliseconds. */
export interface FulfillmentSettings {
  /** From the moment a call is announced until it is over on our side: the wait for its turn, and for its answer. */
  callMs: number;
  /** The wait for its answer alone, once it is sent. */
  timeoutMs: number;
  /** How long after that a call without an answer may still take effect at Shopify. */
  settleMs: number;
  /** How long a person's request waits for its result. */
  answerMs: number;
}

export const FULFILLMENT_SETTINGS = Symbol('FULFILLMENT_SETTINGS');

export function settingsFrom(config: Pick<Config, 'outsideTimeoutMs' | 'outsideTurnMs' | 'settleMs'>): FulfillmentSettings {
  return { callMs: config.outsideTimeoutMs + config.outsideTurnMs, timeoutMs: config.outsideTimeoutMs, settleMs: config.settleMs, answerMs: 10_000 };
}
