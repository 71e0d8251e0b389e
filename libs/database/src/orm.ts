import pg from 'pg';
import { PrismaPg } from '@prisma/adapter-pg';
import { PrismaClient } from './generated/client';
import { troubleOf } from './trouble';

export type Orm = Omit<PrismaClient, '$transaction' | '$connect' | '$disconnect' | '$extends' | '$on' | '$use'>;

/** A Prisma client over our own pool; for reads and settings outside transactions. */
export function ormOverPool(pool: pg.Pool): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(new SamePool(pool), { disposeExternalPool: false }) });
}

/** Prisma passes on what it does not know, and has words of its own for the rest, some of which tell nothing: trouble is told in ours. */
function inOurWords(answer: unknown): unknown {
  return Promise.resolve(answer).catch((error: unknown) => {
    throw troubleOf(error) ?? error;
  });
}

/** Our pool, for Prisma, which asks only for a pool's queries outside transactions. */
class SamePool extends pg.Pool {
  constructor(private readonly pool: pg.Pool) {
    super({ max: 1 });
  }

  // pg's overloads cannot be re-declared one by one; the arguments are passed through as they come.
  override query = ((...args: Parameters<pg.PoolClient['query']>) => inOurWords(this.pool.query(...args))) as pg.Pool['query'];
}

/**
 * Prisma asks its adapter for a pool and starts transactions on it. This pool hands out one connection whose transaction
 * is already open, and leaves BEGIN and COMMIT to their owner, so that Prisma's writes and ours are one transaction.
 */
class OneConnection extends pg.Pool {
  constructor(private readonly client: pg.PoolClient) {
    super({ max: 1 });
  }

  // pg's overloads cannot be re-declared one by one; the arguments are passed through as they come.
  override query = ((...args: Parameters<pg.PoolClient['query']>) => this.run(args)) as pg.Pool['query'];

  override connect = (() => {
    const run = (args: Parameters<pg.PoolClient['query']>): unknown => this.run(args);
    return Promise.resolve(
      new Proxy(this.client, {
        get(target, key) {
          if (key === 'query') return (...args: Parameters<pg.PoolClient['query']>) => run(args);
          if (key === 'release') return () => undefined;
          const value: unknown = Reflect.get(target, key, target);
          return typeof value === 'function' ? (value.bind(target) as unknown) : value;
        },
      }),
    );
  }) as pg.Pool['connect'];

  private run(args: Parameters<pg.PoolClient['query']>): unknown {
    const [first] = args as unknown as [string | { text: string }];
    const text = typeof first === 'string' ? first : first.text;
    if (/^\s*(BEGIN|START TRANSACTION|COMMIT)\b/i.test(text)) {
      return Promise.resolve({ rows: [], fields: [], rowCount: 0, command: '', oid: 0 });
    }
    if (/^\s*ROLLBACK\s*;?\s*$/i.test(text)) {
      return Promise.reject(new Error('a nested Prisma operation failed; the whole transaction must roll back'));
    }
    return inOurWords(this.client.query(...args));
  }
}

/** A Prisma client bound to the connection of an open transaction. */
export function ormOverTransaction(client: pg.PoolClient): PrismaClient {
  return new PrismaClient({ adapter: new PrismaPg(new OneConnection(client)) });
}
