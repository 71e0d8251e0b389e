/**
 * Paths that are documented without the prefix of business routes and served exactly as written. `/api/x` means
 * `/api/v1/x`, but for the pages that live there.
 */
const WITHOUT_PREFIX = ['orders', 'fulfillments', 'checkout', 'track'];
const OWN_PLACE = /^\/api\/(v\d+|docs|docs-json|docs-yaml)(?=[/?]|$)/;
const ALIAS = new RegExp(`^/(?:api|(?=(?:${WITHOUT_PREFIX.join('|')})(?:[/?]|$)))/?`);

/** The address that a request's address stands for. */
export function canonicalUrl(url: string): string {
  return OWN_PLACE.test(url) || !ALIAS.test(url) ? url : url.replace(ALIAS, '/api/v1/');
}
