export type OutsideSystem = 'shopify' | 'simplyprint' | 'smtp';

/**
 * What a failed call to an outside system means for the caller, decided where the failure enters: by status code,
 * user error or network code, never by words in a message.
 *
 * - `transient`: it did not happen and may work later (5xx to a read, connection refused).
 * - `throttled`: it did not happen; ask again after `retryAfterMs`.
 * - `refused`: credentials or the shop's standing (401, 402, 403, 423); concerns every call to that system.
 * - `permanent`: it will never work as asked (user errors, other 4xx).
 * - `unknown`: a write was sent and no answer came; it may or may not have happened.
 */
export type OutsideFailure = 'transient' | 'throttled' | 'refused' | 'permanent' | 'unknown';

export interface OutsideErrorFacts {
  system: OutsideSystem;
  failure: OutsideFailure;
  /** The call in the outside system's own words, e.g. `fulfillmentCreate`, `queue/AddItem`. */
  operation: string;
  httpStatus?: number;
  retryAfterMs?: number;
  /** Messages of the outside system's own user errors; shown to operators. */
  userErrors?: readonly { field: readonly string[] | null; message: string; code?: string }[];
}

const LONGEST_MESSAGE = 1_000;
const LONGEST_USER_ERROR = 500;
const MOST_USER_ERRORS = 20;

/** The other side's words, as much as people read of them; no character is cut in half. */
const inShort = (text: string, most: number): string => (text.length <= most ? text : `${[...text.slice(0, most)].slice(0, -1).join('')}…`);

/** Any failure of a call to an outside system. Carries no secrets: messages are made from status and user errors. */
export class OutsideError extends Error {
  override readonly name = 'OutsideError';
  readonly system: OutsideSystem;
  readonly failure: OutsideFailure;
  readonly operation: string;
  readonly httpStatus: number | undefined;
  readonly retryAfterMs: number | undefined;
  readonly userErrors: NonNullable<OutsideErrorFacts['userErrors']>;

  constructor(facts: OutsideErrorFacts, message: string, options?: ErrorOptions) {
    super(inShort(message, LONGEST_MESSAGE), options);
    this.system = facts.system;
    this.failure = facts.failure;
    this.operation = facts.operation;
    this.httpStatus = facts.httpStatus;
    this.retryAfterMs = facts.retryAfterMs;
    this.userErrors = (facts.userErrors ?? []).slice(0, MOST_USER_ERRORS).map((each) => ({ ...each, message: inShort(each.message, LONGEST_USER_ERROR) }));
  }
}
