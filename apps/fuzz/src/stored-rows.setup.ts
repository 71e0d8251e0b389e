import type { Database } from '@forma3d/database';
import { z } from 'zod';

/** What clocks write by themselves, whoever asks for something meanwhile. */
const BY_THE_CLOCK: Readonly<Record<string, string>> = {
  catch_up: 'false',
  cron_slot: 'false',
  outside_limit: 'false',
  outside_reservation: 'false',
  retry_queue: "type NOT IN ('CATCH_UP', 'PRINT_JOB_SWEEP', 'WEBHOOK_SUBSCRIPTIONS', 'CLEAN_UP', 'DELIVERY_CLEAN_UP')",
  webhook_subscription: 'false',
};

/** Looks at all tables at once: every row that is added, changed or gone shows. */
export class StoredRows {
  private constructor(
    private readonly db: Database,
    private readonly question: string,
  ) {}

  static async of(db: Database): Promise<StoredRows> {
    const tables = await db.sql.rows(z.object({ name: z.string() }))`SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`;
    // A row's xmin is the transaction that wrote it last.
    const each = tables.map(({ name }) => `SELECT '${name}' AS name, count(*)::int AS rows, coalesce(max(xmin::text::bigint), 0)::text AS latest FROM "${name}" WHERE ${BY_THE_CLOCK[name] ?? 'true'}`);
    return new StoredRows(db, each.join(' UNION ALL '));
  }

  /** `table: rows, latest transaction` of each; equal texts are equal databases. */
  async now(): Promise<string> {
    const { rows } = await this.db.pool.query<{ name: string; rows: number; latest: string }>(this.question);
    return rows.map(({ name, rows: count, latest }) => `${name}: ${count} rows, last by ${latest}`).join('\n');
  }
}

/** The lines that differ. */
export function differences(before: string, after: string): string {
  const old = new Set(before.split('\n'));
  return after.split('\n').filter((line) => !old.has(line)).join('; ');
}
