import '@shopify/shopify-api/adapters/node';

import { AsyncLocalStorage } from 'node:async_hooks';

import { networkCode, storableJson } from '@forma3d/kernel';
import { setAbstractFetchFunc } from '@shopify/shopify-api/runtime';


/** One request and what became of it, gathered below Shopify's library, which drops half of it. */
export interface Exchange {
  readonly shopDomain: string;
  /** Where to send it instead of the shop itself. */
  readonly apiBaseUrl: string | undefined;
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
  outcome: Outcome | null;
}

export type Outcome =
  | { kind: 'answer'; status: number; body: string; retryAfter: string | null; apiVersion: string | null }
  /** No whole answer came. */
  | { kind: 'none'; reason: string; cause: unknown };

const exchanges = new AsyncLocalStorage<Exchange>();

/** Runs `request`, whose one call through Shopify's library is sent and recorded as `exchange` says. */
export function withExchange<T>(exchange: Exchange, request: () => Promise<T>): Promise<T> {
  return exchanges.run(exchange, request);
}

// The library's fetch is one for the whole process while base URL, timeout and signal differ per call: they travel
// beside it. Set after the node adapter (imported above) and before any client, which keeps the one it finds.
setAbstractFetchFunc(async (input, init) => {
  const exchange = exchanges.getStore();
  if (exchange === undefined) throw new Error('Shopify may only be called through createShopifyClient');
  const asked = new URL(input instanceof Request ? input.url : input);
  const url = exchange.apiBaseUrl === undefined ? asked : `${exchange.apiBaseUrl.replace(/\/+$/, '')}${asked.pathname}${asked.search}`;
  const headers = new Headers(init?.headers);
  headers.set('X-Shopify-Shop-Domain', exchange.shopDomain);
  const timeout = AbortSignal.timeout(exchange.timeoutMs);
  const signal = exchange.signal === undefined ? timeout : AbortSignal.any([exchange.signal, timeout]);
  try {
    signal.throwIfAborted();
    const response = await fetch(url, { ...init, headers, signal, redirect: 'manual' });
    // Read here, under the timeout: a body can stall as well as a connection.
    const body = storableJson(await response.text());
    exchange.outcome = {
      kind: 'answer',
      status: response.status,
      body,
      retryAfter: response.headers.get('retry-after'),
      apiVersion: response.headers.get('x-shopify-api-version'),
    };
    return new Response(NO_BODY.has(response.status) ? null : body, { status: response.status, headers: response.headers });
  } catch (error) {
    exchange.outcome = whyNone(error, exchange, timeout);
    throw error;
  }
});

/** Statuses that a Response may not give a body. */
const NO_BODY = new Set([101, 204, 205, 304]);

function whyNone(error: unknown, exchange: Exchange, timeout: AbortSignal): Outcome {
  if (timeout.aborted) return { kind: 'none', reason: `no answer within ${exchange.timeoutMs} ms`, cause: error };
  if (exchange.signal?.aborted) return { kind: 'none', reason: 'given up by the caller', cause: error };
  return { kind: 'none', reason: `network error ${networkCode(error) ?? 'of unknown kind'}`, cause: error };
}
