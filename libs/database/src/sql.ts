import type { QueryResult } from 'pg';
import { z } from 'zod';

/** A piece of SQL with its values; nests in other templates. */
export class SqlText {
  constructor(
    readonly strings: readonly string[],
    readonly values: readonly unknown[],
  ) {}
}

/** A piece of SQL to put into another, e.g. an optional condition. Values stay parameters. */
export function fragment(strings: TemplateStringsArray, ...values: unknown[]): SqlText {
  return new SqlText(strings, values);
}

/** Nothing: the other branch of an optional fragment. */
export const nothing = new SqlText([''], []);

function flatten(strings: readonly string[], values: readonly unknown[], into: { text: string; values: unknown[] }): void {
  strings.forEach((part, index) => {
    into.text += part;
    if (index >= values.length) return;
    const value = values[index];
    if (value instanceof SqlText) {
      flatten(value.strings, value.values, into);
    } else {
      into.values.push(value);
      into.text += `$${String(into.values.length)}`;
    }
  });
}

export interface QueryText {
  text: string;
  values: unknown[];
}

export function queryText(strings: readonly string[], values: readonly unknown[]): QueryText {
  const into = { text: '', values: [] as unknown[] };
  flatten(strings, values, into);
  return into;
}

type Tag<R> = (strings: TemplateStringsArray, ...values: unknown[]) => Promise<R>;

/**
 * SQL as a tagged template: values become parameters, rows are parsed by the zod schema given, so that what code sees
 * is what the types say.
 *
 *     await tx.sql`UPDATE orders SET … WHERE id = ${id}`              // the number of rows touched
 *     await tx.sql.rows(row)`SELECT … FROM orders`                    // all rows
 *     await tx.sql.maybe(row)`SELECT … WHERE id = ${id}`              // the row or undefined
 *     await tx.sql.one(row)`INSERT … RETURNING …`                     // the row, or an error
 */
export interface Sql extends Tag<number> {
  rows<S extends z.ZodType>(schema: S): Tag<z.output<S>[]>;
  maybe<S extends z.ZodType>(schema: S): Tag<z.output<S> | undefined>;
  one<S extends z.ZodType>(schema: S): Tag<z.output<S>>;
}

export type RunQuery = (query: QueryText) => Promise<QueryResult<Record<string, unknown>>>;

export function makeSql(run: RunQuery): Sql {
  const rows =
    <S extends z.ZodType>(schema: S): Tag<z.output<S>[]> =>
    async (strings, ...values) => {
      const result = await run(queryText(strings, values));
      return result.rows.map((row) => schema.parse(row));
    };
  const count: Tag<number> = async (strings, ...values) => (await run(queryText(strings, values))).rowCount ?? 0;
  return Object.assign(count, {
    rows,
    maybe:
      <S extends z.ZodType>(schema: S): Tag<z.output<S> | undefined> =>
      async (strings: TemplateStringsArray, ...values: unknown[]) =>
        (await rows(schema)(strings, ...values))[0],
    one:
      <S extends z.ZodType>(schema: S): Tag<z.output<S>> =>
      async (strings: TemplateStringsArray, ...values: unknown[]) => {
        const all = await rows(schema)(strings, ...values);
        if (all.length !== 1) throw new Error(`expected one row, got ${String(all.length)}`);
        return all[0] as z.output<S>;
      },
  });
}

/** A row nobody reads the columns of. */
export const anyRow = z.looseObject({});
