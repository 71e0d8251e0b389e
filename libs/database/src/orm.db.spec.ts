import { TcpProxy, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Database, troubleOf, type DatabaseTrouble } from './index';

const { url } = useDatabase();
const direct = new Database({ url: url(), max: 2 });
const pid = z.object({ pid: z.number() });
let proxy: TcpProxy;
let db: Database;

beforeAll(async () => {
  proxy = await TcpProxy.start(url());
  db = new Database({ url: proxy.through(url()), max: 2, connectTimeoutMs: 1_500, statementTimeoutMs: 1_500, lockTimeoutMs: 100 });
});
afterAll(async () => {
  await db.close();
  await direct.close();
  await proxy.close();
});

/** What of the database's trouble is left of it when Prisma has passed it on. */
async function troubleIn(work: Promise<unknown>): Promise<Pick<DatabaseTrouble, 'kind' | 'code'>> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  const trouble = troubleOf(error);
  if (!trouble) throw new Error('expected trouble with the database', { cause: error });
  return { kind: trouble.kind, code: trouble.code };
}

async function tableLocked(): Promise<() => Promise<void>> {
  const client = await direct.pool.connect();
  await client.query('BEGIN; LOCK TABLE store IN ACCESS EXCLUSIVE MODE');
  return async () => {
    await client.query('ROLLBACK');
    client.release();
  };
}

describe('Prisma', () => {
  it('tells trouble in the same words, in a transaction and outside', async () => {
    const ended = db.transaction('test.prisma-ended', async (tx) => {
      const own = await tx.sql.one(pid)`SELECT pg_backend_pid() AS pid`;
      await direct.sql`SELECT pg_terminate_backend(${own.pid})`;
      await tx.orm.store.findMany();
    });
    expect(await troubleIn(ended)).toMatchObject({ kind: 'away' });
    const letGo = await tableLocked();
    expect(await troubleIn(db.orm.store.findMany())).toEqual({ kind: 'busy', code: '55P03' });
    await letGo();
    proxy.freeze();
    expect(await troubleIn(db.orm.store.findMany())).toMatchObject({ kind: 'away' });
    proxy.refuse();
    expect(await troubleIn(db.orm.store.findMany())).toMatchObject({ kind: 'away' });
    proxy.pass();
    expect(await db.orm.store.findMany()).toEqual([]);
  }, 20_000);

  it('keeps its own words for what the work is to blame for', async () => {
    await expect(db.orm.store.create({ data: { id: 'none', handle: 'x', name: 'x', timeZone: 'UTC', currency: 'EUR', produceOrdersFrom: new Date() } })).rejects.toMatchObject({
      name: 'PrismaClientKnownRequestError',
    });
  });
});
