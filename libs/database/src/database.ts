import { setTimeout as pause } from 'node:timers/promises';
import type pg from 'pg';
import { ormOverPool, ormOverTransaction, type Orm } from './orm';
import { makePool, type PoolSettings } from './pool';
import { currentScope, withScope } from './scope';
import { Sockets } from './sockets';
import { makeSql, type Sql } from './sql';
import { asksToTryAgain, commitFailure, troubleOf } from './trouble';

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

/** How often what PostgreSQL asks to try again is tried. */
const TRIES = 4;
/** A pause of a random part of this, times the tries so far, lets those who were in each other's way come apart. */
const APART_MS = 20;
/** How long an orderly end may take before connections are simply closed. */
const FAREWELL_MS = 1_000;

/** A statement with its values, as pg takes it. */
export interface Statement extends pg.QueryConfig {
  /** Milliseconds to wait for its answer, where that is less than usual. */
  query_timeout?: number;
}

export class Database {
  readonly pool: pg.Pool;
  /** SQL outside any transaction: single statements. */
  readonly sql: Sql;
  private prisma: ReturnType<typeof ormOverPool> | undefined;
  watcher: TransactionWatcher | undefined;

  private readonly sockets = new Sockets();

  constructor(readonly settings: PoolSettings) {
    this.pool = makePool(settings, this.sockets);
    this.sql = makeSql((query) => this.query(query));
  }

  /**
   * A single statement that commits by itself. One that PostgreSQL undid and asks to repeat is repeated.
   *
   * @throws DatabaseTrouble when PostgreSQL could not do its part; whether the statement was carried out is not known then
   */
  query(query: Statement): Promise<pg.QueryResult<Record<string, unknown>>> {
    return againWhenAsked(() => this.pool.query<Record<string, unknown>>(query));
  }

  /** Prisma outside any transaction: reads and settings. */
  get orm(): Orm {
    this.prisma ??= ormOverPool(this.pool);
    return this.prisma;
  }

  /**
   * Runs `fn` in one transaction (READ COMMITTED) and commits, or rolls back when it throws. Deadlocks and serialization
   * failures are tried again, so `fn` must have no effect outside the database; nothing else is. Calls to the outside are
   * refused inside.
   *
   * @param name names the transaction in logs and crash tests, e.g. `orders.record`
   * @throws DatabaseTrouble when PostgreSQL could not do its part: nothing is written, unless its kind is `unknown`
   */
  transaction<R>(name: string, fn: (tx: Tx) => Promise<R>): Promise<R> {
    const outer = currentScope().transaction;
    if (outer !== null) return Promise.reject(new Error(`transaction ${name} inside transaction ${outer}: pass the tx on instead`));
    return againWhenAsked(() => this.tryTransaction(name, fn));
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
      await commit(client, name);
    } catch (error) {
      // A connection that is dead, or that cannot even roll back, is closed, never handed out again.
      const trouble = troubleOf(error);
      if (trouble && trouble.kind !== 'busy') broken ??= trouble;
      if (!broken) await client.query('ROLLBACK').catch(onError);
      throw error;
    } finally {
      client.off('error', onError);
      client.release(broken);
    }
    await this.watcher?.('after-commit', name);
    for (const hook of afterCommit) hook();
    return result;
  }

  /** Ends all connections; those to a server that has fallen silent are closed without its consent. */
  async close(): Promise<void> {
    await this.prisma?.$disconnect();
    await this.sockets.endWithin(FAREWELL_MS, this.pool.end());
  }
}

async function commit(client: pg.PoolClient, name: string): Promise<void> {
  const { command } = await client.query('COMMIT').catch((error: unknown) => {
    throw commitFailure(error);
  });
  // PostgreSQL answers so, and without an error, when a statement had failed and its error was swallowed.
  if (command === 'ROLLBACK') throw new Error(`transaction ${name} was rolled back: a statement in it failed and its error was not passed on`);
}

/** Runs `work` again while PostgreSQL asks for it; what is wrong with the database itself leaves as DatabaseTrouble. */
async function againWhenAsked<R>(work: () => Promise<R>): Promise<R> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      if (attempt >= TRIES || !asksToTryAgain(error)) throw troubleOf(error) ?? error;
    }
    await pause(Math.random() * APART_MS * attempt);
  }
}
