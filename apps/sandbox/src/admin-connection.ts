import { GraphQLError } from 'graphql';
import { z } from 'zod';

export const pageArgsSchema = z.looseObject({
  first: z.number().nullish(),
  last: z.number().nullish(),
  after: z.string().nullish(),
  before: z.string().nullish(),
  reverse: z.boolean().nullish(),
});

/** Shopify gives at most 250 in one page. */
const LARGEST_PAGE = 250;

export interface Connection<T> {
  edges: { node: T; cursor: string }[];
  nodes: T[];
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null };
}

/**
 * A page of a list. The cursor names an item's place by its sort value and id, not by its number, so that a list that changes between two
 * pages neither repeats nor loses what stands still.
 *
 * @param key sort value of an item; items must come sorted by it, then by id
 */
export function connection<R extends { id: string }, T>(
  items: readonly R[],
  rawArgs: unknown,
  toNode: (item: R) => T,
  key: (item: R) => string = () => '',
): Connection<T> {
  const args = pageArgsSchema.parse(rawArgs ?? {});
  const { first, last } = args;
  if ((first ?? null) === null && (last ?? null) === null) throw badRequest('you must provide one of first or last');
  if ((first ?? null) !== null && (last ?? null) !== null) throw badRequest('providing both first and last is not supported');
  const size = first ?? last ?? 0;
  if (size < 0 || size > LARGEST_PAGE) throw badRequest(`a page holds between 0 and ${LARGEST_PAGE} items, not ${size}`);
  const ordered = args.reverse ? [...items].reverse() : items;
  const from = args.after ? place(ordered, args.after, key, args.reverse === true, 'after') : 0;
  const to = args.before ? place(ordered, args.before, key, args.reverse === true, 'before') : ordered.length;
  const [start, end] = typeof first === 'number' ? [from, Math.min(to, from + size)] : [Math.max(from, to - size), to];
  const edges = ordered.slice(start, end).map((item) => ({ node: toNode(item), cursor: toCursor(key(item), item.id) }));
  return {
    edges,
    nodes: edges.map((edge) => edge.node),
    pageInfo: {
      hasNextPage: end < ordered.length,
      hasPreviousPage: start > 0,
      startCursor: edges[0]?.cursor ?? null,
      endCursor: edges.at(-1)?.cursor ?? null,
    },
  };
}

const toCursor = (value: string, id: string): string =>
  Buffer.from(JSON.stringify({ last_id: id, last_value: value })).toString('base64');

const cursorSchema = z.object({ last_id: z.string(), last_value: z.string() });

/** Where a page begins (`after`) or ends (`before`). */
function place<R extends { id: string }>(
  items: readonly R[],
  cursor: string,
  key: (item: R) => string,
  reversed: boolean,
  side: 'after' | 'before',
): number {
  const { last_id: id, last_value: value } = parseCursor(cursor);
  const exact = items.findIndex((item) => item.id === id && key(item) === value);
  if (exact >= 0) return side === 'after' ? exact + 1 : exact;
  // The item itself moved or went: go on where it stood.
  const index = items.findIndex((item) => {
    const order = compareKeys(key(item), item.id, value, id);
    return reversed ? order < 0 : order > 0;
  });
  return index < 0 ? items.length : index;
}

function parseCursor(cursor: string): z.infer<typeof cursorSchema> {
  try {
    return cursorSchema.parse(JSON.parse(Buffer.from(cursor, 'base64').toString('utf8')));
  } catch {
    throw badRequest('Invalid cursor for current pagination sort.');
  }
}

/** By sort value, then by id as a number. */
export function compareKeys(a: string, aId: string, b: string, bId: string): number {
  if (a !== b) return a < b ? -1 : 1;
  const [left, right] = [BigInt(aId), BigInt(bId)];
  return left === right ? 0 : left < right ? -1 : 1;
}

export function badRequest(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_REQUEST' } });
}
