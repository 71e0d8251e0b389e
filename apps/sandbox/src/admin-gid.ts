import { GraphQLError } from 'graphql';

/**
 * The legacy id inside `gid://shopify/Order/1`; null for the id of another kind of object.
 *
 * @throws GraphQLError for what is no global id at all, as Shopify does
 */
export function idOf(value: unknown, type: string): string | null {
  const match = /^gid:\/\/shopify\/([A-Za-z]+)\/([^/?]+)(\?.*)?$/.exec(String(value));
  if (!match) {
    throw new GraphQLError(`Invalid global id '${String(value)}'`, { extensions: { code: 'argumentLiteralsIncompatible' } });
  }
  return match[1] === type ? (match[2] ?? null) : null;
}
