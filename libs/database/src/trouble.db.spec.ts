import { newId } from '@forma3d/kernel';
import { TcpProxy, until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { currentScope, Database, DatabaseTrouble, Listener, withScope } from './index';

const { url } = useDatabase();
const direct = new Database({ url: url(), max: 4 });
const pid = z.object({ pid: z.number() });
const count = z.object({ n: z.number() });
let proxy: TcpProxy;
let db: Database;

beforeAll(() => direct.sql`CREATE TABLE thing (id uuid PRIMARY KEY, n int NOT NULL)`);
beforeEach(async () => {
  proxy = await TcpProxy.start(url());
  db = new Database({ url: proxy.through(url()), max: 3, connectTimeoutMs: 300, statementTimeoutMs: 500, lockTimeoutMs: 200 });
});
afterEach(async () => {
  await db.close();
  await proxy.close();
});
afterAll(() => direct.close());

/** The trouble that `work` must end in. */
async function troubleIn(work: Promise<unknown>): Promise<Pick<DatabaseTrouble, 'kind' | 'code'>> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason);
  if (error instanceof DatabaseTrouble) return { kind: error.kind, code: error.code };
  throw new Error('expected a DatabaseTrouble', { cause: error });
}

async function insert(): Promise<string> {
  const id = newId();
  await direct.sql`INSERT INTO thing VALUES (${id}, 0)`;
  return id;
}
const valueOf = async (id: string): Promise<number> => (await direct.sql.one(count)`SELECT n FROM thing WHERE id = ${id}`).n;

/** Keeps a row locked by another session until it is told to let go. */
async function lockHeld(id: string): Promise<() => Promise<void>> {
  let letGo: () => void = () => undefined;
  const held = new Promise<void>((resolve) => { letGo = resolve; });
  let locked: () => void = () => undefined;
  const isLocked = new Promise<void>((resolve) => { locked = resolve; });
  const holding = direct.transaction('test.hold', async (tx) => {
    await tx.sql`SELECT 1 FROM thing WHERE id = ${id} FOR UPDATE`;
    locked();
    await held;
  });
  await isLocked;
  return async () => {
    letGo();
    await holding;
  };
}

describe('a server that has fallen silent', () => {
  it('fails a statement in bounded time, and the next one goes over a new connection', async () => {
    await db.sql`SELECT 1`;
    proxy.freeze();
    const startedAt = performance.now();
    expect(await troubleIn(db.sql`SELECT 1`)).toEqual({ kind: 'away', code: 'ETIMEDOUT' });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    proxy.pass();
    expect(await db.sql`SELECT 1`).toBe(1);
  });

  it('fails a transaction in bounded time without waiting for a rollback too, and leaves no connection of it in the pool', async () => {
    const id = await insert();
    const startedAt = performance.now();
    const work = db.transaction('test.frozen', async (tx) => {
      await tx.sql`UPDATE thing SET n = 1 WHERE id = ${id}`;
      proxy.freeze();
      await tx.sql`UPDATE thing SET n = 2 WHERE id = ${id}`;
    });
    expect(await troubleIn(work)).toMatchObject({ kind: 'away' });
    expect(performance.now() - startedAt).toBeLessThan(4_000);
    expect(db.pool.totalCount).toBe(0);
    proxy.cut();
    expect(await valueOf(id)).toBe(0);
  });

  it('takes a new connection no longer than the limit', async () => {
    proxy.freeze();
    const startedAt = performance.now();
    expect(await troubleIn(db.sql`SELECT 1`)).toMatchObject({ kind: 'away' });
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });

  it('keeps nobody from closing the pool', async () => {
    await Promise.all([db.sql`SELECT 1`, db.sql`SELECT 1`]);
    proxy.freeze();
    const startedAt = performance.now();
    await db.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
    db = new Database({ url: url(), max: 1 });
  });

  it('is found out by a listener, which connects anew and hears what comes then', async () => {
    const heard: string[] = [];
    const speaker = new Listener({ url: url() }, 'test_frozen', () => undefined);
    const listener = new Listener({ url: proxy.through(url()) }, 'test_frozen', (payload) => heard.push(payload), () => undefined, { everyMs: 50, patienceMs: 200 });
    await Promise.all([listener.start(), speaker.start()]);
    proxy.freeze();
    await until(() => !listener.connected);
    proxy.pass();
    await until(() => listener.connected);
    speaker.notify('hello');
    await until(() => heard.includes('hello'));
    await Promise.all([listener.close(), speaker.close()]);
  });

  it('keeps nobody from closing a listener', async () => {
    const listener = new Listener({ url: proxy.through(url()) }, 'test_frozen', () => undefined);
    await listener.start();
    proxy.freeze();
    const startedAt = performance.now();
    await listener.close();
    expect(performance.now() - startedAt).toBeLessThan(3_000);
  });
});

describe('a commit whose answer is lost', () => {
  it('is told as unknown and never tried again: it was written, once', async () => {
    const id = await insert();
    const hook = jest.fn();
    let runs = 0;
    const lost = proxy.loseAnswerTo('COMMIT');
    const work = db.transaction('test.commit-lost', async (tx) => {
      runs += 1;
      tx.afterCommit(hook);
      await tx.sql`UPDATE thing SET n = n + 1 WHERE id = ${id}`;
    });
    expect(await troubleIn(work)).toMatchObject({ kind: 'unknown' });
    await lost;
    expect({ runs, value: await valueOf(id) }).toEqual({ runs: 1, value: 1 });
    expect(hook).not.toHaveBeenCalled();
  });

  it('is not one when the connection was lost before: nothing is written, and that is known', async () => {
    const id = await insert();
    const work = db.transaction('test.lost-before', async (tx) => {
      await tx.sql`UPDATE thing SET n = 1 WHERE id = ${id}`;
      const backend = await tx.sql.one(pid)`SELECT pg_backend_pid() AS pid`;
      await direct.sql`SELECT pg_terminate_backend(${backend.pid})`;
      await until(() => proxy.connections === 0);
    });
    expect(await troubleIn(work)).toMatchObject({ kind: 'away' });
    expect(await valueOf(id)).toBe(0);
  });
});

it('a transaction that swallows the error of a statement is not taken for committed', async () => {
  const id = await insert();
  const work = db.transaction('test.swallowed', async (tx) => {
    await tx.sql`UPDATE thing SET n = 1 WHERE id = ${id}`;
    await tx.sql`SELECT 1 / 0`.catch(() => undefined);
  });
  await expect(work).rejects.toThrow('transaction test.swallowed was rolled back');
  expect(await valueOf(id)).toBe(0);
});

describe('a busy server', () => {
  it('lets nobody wait for a lock longer than the limit, and the connection serves on', async () => {
    const id = await insert();
    const letGo = await lockHeld(id);
    const update = () => db.transaction('test.locked', (tx) => tx.sql`UPDATE thing SET n = 5 WHERE id = ${id}`);
    expect(await troubleIn(update())).toEqual({ kind: 'busy', code: '55P03' });
    expect(db.pool.idleCount).toBe(1);
    await letGo();
    expect(await update()).toBe(1);
  });

  it('ends a statement that takes too long', async () => {
    expect(await troubleIn(db.sql`SELECT pg_sleep(10)`)).toEqual({ kind: 'busy', code: '57014' });
  });

  it('without a free connection answers in bounded time, and serves when one is free', async () => {
    const held = await Promise.all([db.pool.connect(), db.pool.connect(), db.pool.connect()]);
    expect(await troubleIn(db.sql`SELECT 1`)).toEqual({ kind: 'busy', code: 'POOL_FULL' });
    expect(await troubleIn(db.transaction('test.full', () => Promise.resolve()))).toMatchObject({ kind: 'busy' });
    for (const client of held) client.release();
    expect(await db.sql`SELECT 1`).toBe(1);
  });

  it('has a serialization failure tried again until both have counted', async () => {
    const id = await insert();
    let met = 0;
    let go: () => void = () => undefined;
    const bothHaveRead = new Promise<void>((resolve) => { go = resolve; });
    const countUp = () =>
      db.transaction('test.serializable', async (tx) => {
        await tx.sql`SET TRANSACTION ISOLATION LEVEL SERIALIZABLE`;
        const { n } = await tx.sql.one(count)`SELECT n FROM thing WHERE id = ${id}`;
        met += 1;
        if (met === 2) go();
        await bothHaveRead;
        await tx.sql`UPDATE thing SET n = ${n + 1} WHERE id = ${id}`;
      });
    await Promise.all([countUp(), countUp()]);
    expect(await valueOf(id)).toBe(2);
    expect(met).toBe(3);
  });

  it('has single statements that deadlock tried again', async () => {
    const [first, second] = [await insert(), await insert()];
    await direct.sql`CREATE OR REPLACE FUNCTION touch(ids uuid[]) RETURNS void LANGUAGE plpgsql AS $$
      BEGIN FOR i IN 1 .. 2 LOOP UPDATE thing SET n = n + 1 WHERE id = ids[i]; PERFORM pg_sleep(0.1); END LOOP; END $$`;
    const patient = new Database({ url: url(), max: 2 });
    const touch = (ids: string[]) => patient.sql`SELECT touch(${ids}::uuid[])`;
    await Promise.all([touch([first, second]), touch([second, first])]);
    await patient.close();
    expect([await valueOf(first), await valueOf(second)]).toEqual([2, 2]);
  });

  it('that runs out of temporary space is busy, not broken', async () => {
    const work = db.transaction('test.no-space', async (tx) => {
      await tx.sql`SET LOCAL temp_file_limit = '64kB'`;
      await tx.sql`SET LOCAL work_mem = '64kB'`;
      await tx.sql`SELECT * FROM generate_series(1, 100000) AS n ORDER BY n DESC`;
    });
    expect(await troubleIn(work)).toEqual({ kind: 'busy', code: '53400' });
  });
});

describe('a server that goes away', () => {
  it('is told as such, whether it cuts, ends or refuses connections', async () => {
    const backend = db.transaction('test.ended', async (tx) => {
      const own = await tx.sql.one(pid)`SELECT pg_backend_pid() AS pid`;
      await tx.sql`SELECT pg_terminate_backend(${own.pid})`;
    });
    expect(await troubleIn(backend)).toEqual({ kind: 'away', code: '57P01' });
    const cut = db.transaction('test.cut', async (tx) => {
      proxy.cut();
      await tx.sql`SELECT 1`;
    });
    expect(await troubleIn(cut)).toMatchObject({ kind: 'away' });
    proxy.refuse();
    expect(await troubleIn(db.sql`SELECT 1`)).toMatchObject({ kind: 'away' });
  });

  it('or takes no writes any more is left: the connection is closed, so that the next may reach its successor', async () => {
    const work = db.transaction('test.standby', async (tx) => {
      await tx.sql`SET TRANSACTION READ ONLY`;
      await tx.sql`DELETE FROM thing`;
    });
    expect(await troubleIn(work)).toEqual({ kind: 'away', code: '25006' });
    expect(db.pool.totalCount).toBe(0);
  });

  it('breaks idle connections, which is told as the database’s trouble and nobody’s work', async () => {
    const told: unknown[] = [];
    const watched = new Database({ url: proxy.through(url()), max: 1, onIdleError: (error) => told.push([error.message, currentScope().correlationId]) });
    await withScope({ correlationId: 'who-opened-it' }, () => watched.sql`SELECT 1`);
    proxy.cut();
    await until(() => told.length > 0);
    expect(told).toEqual([['the database is away (ECONNRESET)', null]]);
    await watched.close();
  });

  it('tells nothing of hosts, users or rows', async () => {
    proxy.refuse();
    const error: unknown = await db.sql`SELECT 1`.catch((reason: unknown) => reason);
    expect((error as Error).message).toBe('the database is away (ECONNRESET)');
  });
});

it('what a statement itself does wrong is no trouble of the database', async () => {
  const id = await insert();
  await expect(db.sql`INSERT INTO thing VALUES (${id}, 0)`).rejects.toMatchObject({ code: '23505', name: 'error' });
});
