import type { Database } from '@forma3d/database';

/** The parts of a statement that write, and the first column that an update sets. */
const WRITES = /\b(?:(INSERT) INTO|(UPDATE)|(DELETE) FROM)\s+([a-z_]+)(?:\s+(?:AS\s+)?[a-z]+)?(?:\s+SET\s+([a-z_]+))?/g;
const PARTS = /(?:^\s*WITH|\),)\s+([a-z_]+) AS \(/g;

/**
 * What a statement that writes is called: by its table and its named parts where it has some (`retry_queue with lost reaped`), else
 * by what it does (`update retry_queue lease_until`). Undefined for one that only reads.
 */
export function nameOfWrite(text: string): string | undefined {
  const [first] = text.matchAll(WRITES);
  if (!first) return undefined;
  const [, insert, update, remove, table = '', column] = first;
  const parts = [...text.matchAll(PARTS)].map((match) => match[1]);
  if (parts.length > 0) return `${table} with ${parts.join(' ')}`;
  return [(insert ?? update ?? remove ?? '').toLowerCase(), table, column].filter((word) => word !== undefined).join(' ');
}

interface Statement {
  text: string;
  name?: string;
}

/**
 * Points of single statements that write, outside any transaction: `statement inbox-store before-send`, and `after-answer` when it
 * touched or answered something. A prepared statement has the name it was prepared under.
 */
export function watchStatements(pool: Database['pool'], watch: (point: string) => void): void {
  const query = pool.query.bind(pool) as (statement: Statement, ...rest: unknown[]) => Promise<{ rowCount: number | null }>;
  const watched = async (statement: Statement, ...rest: unknown[]): Promise<{ rowCount: number | null }> => {
    const name = typeof statement.text === 'string' ? nameOfWrite(statement.text) : undefined;
    if (name === undefined) return query(statement, ...rest);
    const point = `statement ${statement.name ?? name}`;
    watch(`${point} before-send`);
    const result = await query(statement, ...rest);
    if ((result.rowCount ?? 0) > 0) watch(`${point} after-answer`);
    return result;
  };
  Object.defineProperty(pool, 'query', { value: watched });
}
