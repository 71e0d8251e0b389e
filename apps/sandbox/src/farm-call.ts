import { z } from 'zod';

export interface CallInput {
  method: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
}

/** One call of SimplyPrint's API: what it takes, and the fields of its answer beside `status` and `message`. */
export interface Call {
  methods: string[];
  run(input: CallInput): Record<string, unknown>;
}

/** A logical error: HTTP 200 with `status: false`. */
export class Refused extends Error {}

/** Numbers come as numbers or as digits. */
export const idSchema = z.union([z.number().int(), z.string().regex(/^\d+$/)]).transform(Number);

const pagingSchema = z.looseObject({
  page: idSchema.pipe(z.number().min(1)).default(1),
  page_size: idSchema.pipe(z.number().min(1)).default(10),
});

/** Parses what came in the body, or refuses by the name of the first bad field. */
export function fields<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Refused(`The ${issue?.path.join('.') ?? 'body'} field is invalid.`);
}

export function queryId(query: URLSearchParams, name: string): number {
  const value = query.get(name);
  if (value === null || !/^\d+$/.test(value)) throw new Refused(`Missing or invalid parameter "${name}".`);
  return Number(value);
}

export interface Page<T> {
  items: T[];
  total: number;
  page: number;
  pages: number;
}

/** A page by `page` and `page_size` of the body; sizes above the most are cut down to it. */
export function pageOf<T>(items: T[], body: Record<string, unknown>, mostPerPage = 100): Page<T> {
  const { page, page_size } = fields(pagingSchema, body);
  const size = Math.min(mostPerPage, page_size);
  const start = (page - 1) * size;
  return { items: items.slice(start, start + size), total: items.length, page, pages: Math.max(1, Math.ceil(items.length / size)) };
}
