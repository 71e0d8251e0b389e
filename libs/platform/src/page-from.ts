import type { Page } from '@forma3d/contracts';
import { DomainError } from '@forma3d/kernel';
import type { z } from 'zod';

/**
 * A page of a keyset-paginated list. Ask the database for `limit + 1` rows: the extra one says that there is more.
 *
 * @param cursorOf the sort key of a row, which the next page starts after
 */
export function pageFrom<T, R = T>(rows: readonly T[], limit: number, cursorOf: (row: T) => unknown, show?: (row: T) => R): Page<R> {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  const hasMore = rows.length > limit;
  return {
    data: show ? shown.map(show) : (shown as unknown as R[]),
    pagination: {
      limit,
      next_cursor: hasMore && last !== undefined ? encodeCursor(cursorOf(last)) : null,
      has_more: hasMore,
    },
  };
}

export function encodeCursor(key: unknown): string {
  return Buffer.from(JSON.stringify(key)).toString('base64url');
}

/**
 * The sort key in a cursor that a client sent back, or undefined when none was sent.
 *
 * @throws DomainError `invalid` when it is none of ours
 */
export function decodeCursor<S extends z.ZodType>(schema: S, cursor: string | undefined): z.output<S> | undefined {
  if (cursor === undefined) return undefined;
  const parsed = schema.safeParse(jsonOrNothing(Buffer.from(cursor, 'base64url').toString('utf8')));
  if (parsed.success) return parsed.data;
  throw new DomainError('invalid', 'The cursor is not one that this list gave out.', {
    errors: [{ path: 'cursor', message: 'not a cursor of this list' }],
  });
}

function jsonOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // no JSON is no cursor either: the schema refuses it
  }
}
