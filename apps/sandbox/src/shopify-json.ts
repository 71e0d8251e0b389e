/**
 * JSON as Shopify writes it: `/` as `\/`, and `&`, `<`, `>` as escapes; bigints as plain digits, so that ids above 2^53 stay whole. A body
 * parsed and stringified again has other bytes, and so never verifies against its signature.
 */
export function shopifyJson(value: unknown): string {
  if (typeof value === 'bigint') return value.toString();
  if (typeof value === 'string') {
    return JSON.stringify(value).replace(/[/&<>\u2028\u2029]/g, (char) =>
      char === '/' ? '\\/' : `\\u${char.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
  }
  if (Array.isArray(value)) return `[${value.map((item) => shopifyJson(item ?? null)).join(',')}]`;
  if (value !== null && typeof value === 'object') {
    const members = Object.entries(value).filter(([, inner]) => inner !== undefined);
    return `{${members.map(([key, inner]) => `${shopifyJson(key)}:${shopifyJson(inner)}`).join(',')}}`;
  }
  return JSON.stringify(value);
}

/** A legacy id as the bare number that REST bodies carry. */
export const restId = (id: string): bigint => BigInt(id);

/** `gid://shopify/Order/1`. */
export const gid = (type: string, id: string): string => `gid://shopify/${type}/${id}`;
