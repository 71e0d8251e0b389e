import { z } from 'zod';

/**
 * The query of every list: `limit` 1–100, `cursor` as the last answer gave it. Lists refuse names that they do not know: a filter that is
 * misspelled would otherwise be no filter.
 */
export const pageQuery = z.strictObject({
  limit: z.coerce.number().int().min(1).max(100).default(25).meta({ description: 'Rows of a page.' }),
  cursor: z.string().min(1).max(512).optional().meta({ description: '`pagination.next_cursor` of the page before.' }),
});
export type PageQuery = z.infer<typeof pageQuery>;

/** Every list answers a page: rows, and where the next page starts. */
export function pageOf<T extends z.ZodType>(item: T) {
  return z.object({
    data: z.array(item),
    pagination: z.object({ limit: z.number().int(), next_cursor: z.string().nullable(), has_more: z.boolean() }),
  });
}

export interface Page<T> {
  data: T[];
  pagination: { limit: number; next_cursor: string | null; has_more: boolean };
}
