import {
  failureOfLostAnswer,
  failureOfNetwork,
  failureOfStatus,
  LONGEST_WAIT_MS,
  OutsideError,
  retryAfterMs,
  type OutsideBill,
  type OutsideErrorFacts,
  type OutsideFailure,
} from '@forma3d/kernel';
import { z } from 'zod';

import type { ShopifyDocument } from './documents';
import type { Outcome } from './exchange';

/** What Shopify's answer means: the data, or the failure to throw; and in both cases what the call cost. */
export interface Verdict {
  bill: OutsideBill;
  result: { data: Record<string, unknown> } | { error: OutsideError };
}

const DEFAULT_WAIT_MS = 1_000;
/** Codes of errors that are Shopify's own trouble, not a fault of the question. */
const SERVER_TROUBLE = new Set(['INTERNAL_SERVER_ERROR', 'TIMEOUT', 'SERVICE_UNAVAILABLE']);
/** Fields that Shopify leaves null, with an error, for apps without access to customer data. */
const PERSONAL = new Set(['customer', 'email', 'phone', 'shippingAddress']);

const budget = z.number().min(-1_000_000_000).max(1_000_000_000);
const answerSchema = z.looseObject({
  data: z.record(z.string(), z.unknown()).nullish(),
  errors: z
    .array(
      z.looseObject({
        message: z.string(),
        path: z.array(z.union([z.string(), z.number()])).nullish(),
        extensions: z.looseObject({ code: z.string().optional() }).nullish(),
      }),
    )
    .nullish(),
  extensions: z
    .looseObject({
      cost: z
        .looseObject({
          requestedQueryCost: z.number().nullish(),
          actualQueryCost: z.number().nullish(),
          throttleStatus: z
            // A bucket that never fills, or of no size, is none: waiting for it would never end.
            .looseObject({ maximumAvailable: budget.min(1), currentlyAvailable: budget, restoreRate: budget.min(1) })
            .nullish()
            .catch(null),
        })
        .nullish(),
    })
    .nullish(),
});
type Answer = z.output<typeof answerSchema>;
type AnswerError = NonNullable<Answer['errors']>[number];

/**
 * Classifies by status, error code and network code alone, never by words.
 *
 * What may have reached Shopify without an answer that says so is `transient` for a query, `unknown` for a mutation.
 */
export function classify(document: ShopifyDocument, outcome: Outcome): Verdict {
  const writes = document.kind === 'mutation';
  const lost = failureOfLostAnswer(writes);
  const fail = (
    failure: OutsideFailure,
    what: string,
    facts: Pick<OutsideErrorFacts, 'httpStatus' | 'retryAfterMs' | 'userErrors'> = {},
    bill: OutsideBill = {},
    cause?: unknown,
  ): Verdict => ({
    bill,
    result: {
      error: new OutsideError(
        { system: 'shopify', operation: document.operation, failure, ...facts },
        `Shopify, ${document.operation}: ${what}`,
        cause === undefined ? undefined : { cause },
      ),
    },
  });

  if (outcome.kind === 'none') return fail(failureOfNetwork(outcome.cause, writes), outcome.reason, {}, {}, outcome.cause);
  const { status } = outcome;
  const failure = failureOfStatus(status, writes);
  if (failure !== null) {
    const wait = retryAfterMs(outcome.retryAfter) ?? (failure === 'throttled' ? DEFAULT_WAIT_MS : null);
    const facts = { httpStatus: status, ...(wait === null ? {} : { retryAfterMs: wait }) };
    const bill = { ...(failure === 'throttled' && wait !== null ? { blockedForMs: wait } : {}), ...(failure === 'refused' ? { refused: true } : {}) };
    return fail(failure, `answered ${status}`, facts, bill);
  }

  const answer = parseAnswer(outcome.body);
  if (answer === null) return fail(lost, 'answered something that is no GraphQL', { httpStatus: status });
  const bill = billOf(answer);
  const errors = answer.errors ?? [];
  if (errors.some((error) => error.extensions?.code === 'THROTTLED')) {
    const wait = throttledForMs(answer, document.cost);
    return fail('throttled', 'the query budget is used up', { httpStatus: status, retryAfterMs: wait }, { ...bill, blockedForMs: wait });
  }
  const data = answer.data ?? null;
  const rootHasAnswer = data !== null && Object.values(data).some((value) => value !== null);
  const harmless = errors.every((error) => isHarmless(document, error));
  if (data !== null && (errors.length === 0 || (rootHasAnswer && harmless))) return { bill, result: { data } };
  if (errors.length === 0 || errors.some((error) => SERVER_TROUBLE.has(error.extensions?.code ?? ''))) {
    return fail(lost, 'could not answer', { httpStatus: status, userErrors: asUserErrors(errors) }, bill);
  }
  if (errors.some((error) => error.extensions?.code === 'SHOP_INACTIVE')) {
    return fail('refused', 'the shop is not active', { httpStatus: status }, { ...bill, refused: true });
  }
  const facts = { httpStatus: status, userErrors: asUserErrors(errors) };
  // A missing scope stops this call and not the others, and a merchant can grant it any minute: tried again, with an alert
  // when that lasts, instead of ending every order's work for good.
  if (!rootHasAnswer || !writes) {
    const denied = errors.filter((error) => error.extensions?.code === 'ACCESS_DENIED');
    const why = denied.map((error) => error.message).join('; ');
    if (denied.length > 0) return fail('transient', `access is denied, perhaps a scope is missing: ${why}`, facts, bill);
  }
  // A mutation whose own field answered did its work; only reading it back failed.
  return rootHasAnswer && writes
    ? fail('unknown', 'did the work but could not show it', facts, bill)
    : fail('permanent', `refused the request: ${errors.map((error) => error.message).join('; ')}`, facts, bill);
}

function parseAnswer(body: string): Answer | null {
  try {
    return answerSchema.safeParse(JSON.parse(body)).data ?? null;
  } catch {
    // Not JSON: a proxy's error page. Its text is of no use to anyone and is left out on purpose.
    return null;
  }
}

function isHarmless(document: ShopifyDocument, error: AnswerError): boolean {
  return document.kind === 'query' && error.extensions?.code === 'ACCESS_DENIED' && PERSONAL.has(String(error.path?.[1]));
}

function asUserErrors(errors: AnswerError[]): NonNullable<OutsideErrorFacts['userErrors']> {
  return errors.map((error) => ({
    field: error.path ? error.path.map(String) : null,
    message: error.message,
    ...(error.extensions?.code === undefined ? {} : { code: error.extensions.code }),
  }));
}

function billOf(answer: Answer): OutsideBill {
  const cost = answer.extensions?.cost;
  const status = cost?.throttleStatus;
  return {
    ...(typeof cost?.actualQueryCost === 'number' ? { actualCost: cost.actualQueryCost } : {}),
    ...(status
      ? { maximumAvailable: status.maximumAvailable, currentlyAvailable: status.currentlyAvailable, restoreRate: status.restoreRate }
      : {}),
  };
}

/** (requested − available) ÷ restore rate, as Shopify reckons it; a second where it does not say. */
function throttledForMs(answer: Answer, expectedCost: number): number {
  const cost = answer.extensions?.cost;
  const status = cost?.throttleStatus;
  if (!status) return DEFAULT_WAIT_MS;
  const missing = (cost.requestedQueryCost ?? expectedCost) - status.currentlyAvailable;
  return Math.min(LONGEST_WAIT_MS, Math.max(1, Math.ceil((missing / status.restoreRate) * 1_000)));
}
