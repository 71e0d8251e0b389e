import { OutsideError, type OutsideBill } from '@forma3d/kernel';
import { LogSeverity, shopifyApi, type ApiVersion } from '@shopify/shopify-api';
import type { z } from 'zod';

import { classify } from './classify-answer';
import type { ShopifyDocument } from './documents';
import { withExchange, type Exchange } from './exchange';
import type { ShopifyClientOptions } from './shopify-client-types';

/** Asks one of our documents and answers with its data, checked. Rejects with an `OutsideError`. */
export type AskShopify = <Schema extends z.ZodType>(
  document: ShopifyDocument,
  variables: Record<string, unknown>,
  schema: Schema,
  signal?: AbortSignal,
) => Promise<z.output<Schema>>;

/**
 * One shop's Admin API through Shopify's own library, which makes session, URL and headers. It is given no retries (it
 * would send mutations again, and reads Retry-After as milliseconds), and what happened is read from our own fetch
 * below it, because the library tells neither status nor network codes reliably.
 */
export function connectAdminApi(options: ShopifyClientOptions): AskShopify {
  const shopify = shopifyApi({
    // Only for OAuth and for the library's own webhook check, neither of which is used.
    apiSecretKey: 'not-used',
    hostName: 'localhost',
    isEmbeddedApp: false,
    isCustomStoreApp: true,
    adminApiAccessToken: options.accessToken,
    // The library's list of versions ends before the ones that we may ask for; it only warns.
    apiVersion: options.apiVersion as ApiVersion,
    logger: { log: () => undefined, level: LogSeverity.Error, httpRequests: false },
  });
  const graphql = new shopify.clients.Graphql({ session: shopify.session.customAppSession(options.shopDomain) });

  return async (document, variables, schema, signal) => {
    const payTheBill = await options.gate.enter(
      {
        storeId: options.storeId,
        system: 'shopify',
        operation: document.operation,
        timeoutMs: options.timeoutMs,
        cost: document.cost,
      },
      signal,
    );
    let bill: OutsideBill = {};
    try {
      const exchange: Exchange = {
        shopDomain: options.shopDomain,
        apiBaseUrl: options.apiBaseUrl,
        timeoutMs: options.timeoutMs,
        signal,
        outcome: null,
      };
      try {
        await withExchange(exchange, () => graphql.request(document.text, { variables, retries: 0 }));
      } catch (error) {
        // The library throws for what our fetch has recorded already; anything else is a fault of ours.
        if (exchange.outcome === null) throw error;
      }
      if (exchange.outcome === null) throw new Error('Shopify was answered without being asked');
      reportDrift(options, exchange);
      const verdict = classify(document, exchange.outcome);
      bill = verdict.bill;
      if ('error' in verdict.result) throw verdict.result.error;
      return check(document, schema, verdict.result.data);
    } finally {
      await payTheBill(bill);
    }
  };
}

function reportDrift(options: ShopifyClientOptions, exchange: Exchange): void {
  const answered = exchange.outcome?.kind === 'answer' ? exchange.outcome.apiVersion : null;
  if (answered !== null && answered !== options.apiVersion) options.onVersionDrift?.({ asked: options.apiVersion, answered });
}

function check<Schema extends z.ZodType>(document: ShopifyDocument, schema: Schema, data: unknown): z.output<Schema> {
  const parsed = schema.safeParse(data);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new OutsideError(
    // A mutation did its work all the same: the caller must look.
    { system: 'shopify', operation: document.operation, failure: document.kind === 'mutation' ? 'unknown' : 'permanent' },
    `Shopify, ${document.operation}: unexpected answer at ${issue?.path.join('.')}: ${issue?.message}`,
  );
}
