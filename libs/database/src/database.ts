import type pg from 'pg';
import { ormOverPool, ormOverTransaction, type Orm } from './orm';
import { makePool, type PoolSettings } from './pool';
import { currentScope, withScope } from './scope';
import { makeSql, type Sql } from './sql';

/** An open transaction. The only way to write; what it holds is one connection. */
export interface Tx {
  readonly name: string;
  readonly sql: Sql;
  /** Prisma on the same connection; made when first asked for. */
  readonly orm: Orm;
  /** Runs once the transaction has committed; never when it rolled back. Must not throw and must not be needed. */
  afterCommit(fn: () => void): void;
}

/** Told of every named transaction, before it commits and after: where tests put their crash points. */
export type TransactionWatcher = (point: 'before-commit' | 'after-commit', transaction: string) => void | Promise<void>;

/** Deadlock and serialization failures: PostgreSQL rolled everything back and asks to try again. */
const TRY_AGAIN = new Set(['40001', '40P01']);
const TRIES = 4;

function sqlState(error: unknown): string | undefined {
  return typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
}

export class Database {
  readonly pool: pg.Pool;
  /** SQL outside any transaction: single statements. */
  readonly sql: Sql;
  private prisma: ReturnType<typeof ormOverPool> | undefined;
  watcher: TransactionWatcher | undefined;

  constructor(readonly settings: PoolSettings) {
    this.pool = makePool(settings);
    this.sql = makeSql((query) => this.pool.query(query));
  }

  /** Prisma outside any transaction: reads and settings. */
  get orm(): Orm {
    this.prisma ??= ormOverPool(this.pool);
    return this.prisma;
  }

  /**
   * Runs `fn` in one transaction (READ COMMITTED) and commits, or rolls back when it throws. Deadlocks and serialization
   * failures are tried again, so `fn` must have no effect outside the database. Calls to the outside are refused inside.
   *
   * @param name names the transaction in logs and crash tests, e.g. `orders.record`
   */
  async transaction<R>(name: string, fn: (tx: Tx) => Promise<R>): Promise<R> {
    const outer = currentScope().transaction;
    if (outer !== null) throw new Error(`transaction ${name} inside transaction ${outer}: pass the tx on instead`);
    for (let attempt = 1; ; attempt += 1) {
      try {
        return await this.tryTransaction(name, fn);
      } catch (error) {
        const state = sqlState(error);
        if (attempt >= TRIES || state === undefined || !TRY_AGAIN.has(state)) throw error;
      }
    }
  }

  private async tryTransaction<R>(name: string, fn: (tx: Tx) => Promise<R>): Promise<R> {
    const client = await this.pool.connect();
    let broken: Error | undefined;
    const onError = (error: Error): void => {
      broken = error;
    };
    client.on('error', onError);
    const afterCommit: (() => void)[] = [];
    let orm: ReturnType<typeof ormOverTransaction> | undefined;
    const tx: Tx = {
      name,
      sql: makeSql((query) => client.query(query)),
      get orm() {
        orm ??= ormOverTransaction(client);
        return orm;
      },
      afterCommit: (hook) => afterCommit.push(hook),
    };
    let result: R;
    try {
      await client.query('BEGIN');
      result = await withScope({ transaction: name }, () => fn(tx));
      await this.watcher?.('before-commit', name);
      await client.query('COMMIT');
    } catch (error) {
      // A connection that cannot even roll back is closed, never handed out again.
      await client.query('ROLLBACK').catch((rollbackError: Error) => {
        broken ??= rollbackError;
      });
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
    await this.watcher?.('after-commit', name);
    for (const hook of afterCommit) hook();
    return result;
  }

  async close(): Promise<void> {
    await this.prisma?.$disconnect();
    await this.pool.end();
  }
}
