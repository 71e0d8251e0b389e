/**
 * Which HTTP status a refusal becomes: `code` of a DomainError → status. The one place where the two meet. A code that
 * is missing here becomes a 500, and the log says which.
 */
export const PROBLEM_STATUS = {
  malformed: 400,
  'invalid-delivery': 400,
  unauthorized: 401,
  forbidden: 403,
  'not-found': 404,
  'store-not-found': 404,
  'order-not-found': 404,
  'print-job-not-found': 404,
  'product-mapping-not-found': 404,
  'fulfillment-not-found': 404,
  'task-not-found': 404,
  'privacy-request-not-found': 404,
  'method-not-allowed': 405,
  'request-timeout': 408,
  conflict: 409,
  'illegal-transition': 409,
  'fulfillment-not-allowed': 409,
  'cancellation-not-allowed': 409,
  'too-large': 413,
  'unsupported-media-type': 415,
  'expectation-failed': 417,
  invalid: 422,
  'store-required': 422,
  'too-many-requests': 429,
  'headers-too-large': 431,
  internal: 500,
  'not-ready': 503,
} as const satisfies Record<string, number>;

export type ProblemCode = keyof typeof PROBLEM_STATUS;

export function statusOf(code: string): number | undefined {
  return Object.hasOwn(PROBLEM_STATUS, code) ? PROBLEM_STATUS[code as ProblemCode] : undefined;
}
