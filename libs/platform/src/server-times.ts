/**
 * How long a request may take to arrive, so that a client that falls silent, or sends a byte now and then, holds up neither a connection
 * nor the end of the process. The head has less than the whole: Node 20 takes the longer of both for the whole, and its own
 * default for heads is a minute. Both are looked at every few seconds, not only every half minute.
 *
 * @see https://nodejs.org/docs/latest-v20.x/api/http.html#serverrequesttimeout
 */
export const SERVER_TIMES = { headersTimeout: 20_000, requestTimeout: 30_000, connectionsCheckingInterval: 5_000 } as const;
