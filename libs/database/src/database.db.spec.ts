import { newId } from '@forma3d/kernel';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { currentScope, Database, fragment, Listener, nothing, withScope } from './index';

const { url } = useDatabase();
const db = new Database({ url: url(), max: 6 });
const count = z.object({ n: z.number() });

beforeAll(() => db.sql`CREATE TABLE thing (id uuid PRIMARY KEY, n bigint NOT NULL)`);
afterAll(() => db.close());

const things = async (): Promise<number> => (await db.sql.one(count)`SELECT count(*) AS n FROM thing`).n;
const insert = (n = 1) => fragment`INSERT INTO thing VALUES (${newId()}, ${n})`;
const storeOf = (id: string) => ({
  id, handle: id, name: 'Shop', timeZone: 'UTC', currency: 'EUR', produceOrdersFrom: new Date(), updatedAt: new Date(),
});

describe('a transaction', () => {
  it('commits what it wrote, and runs its hooks afterwards', async () => {
    const before = await things();
    const seen: string[] = [];
    await db.transaction('test.commit', async (tx) => {
      tx.afterCommit(() => seen.push('hook'));
      await tx.sql`${insert()}`;
      seen.push('body');
    });
    expect(seen).toEqual(['body', 'hook']);
    expect(await things()).toBe(before + 1);
  });

  it('undoes everything and runs no hook when it throws', async () => {
    const before = await things();
    const hook = jest.fn();
    const failing = db.transaction('test.rollback', async (tx) => {
      tx.afterCommit(hook);
      await tx.sql`${insert()}`;
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await things()).toBe(before);
    expect(hook).not.toHaveBeenCalled();
  });

  it('holds Prisma and SQL on one connection', async () => {
    const id = newId();
    await db.transaction('test.orm', async (tx) => {
      await tx.orm.store.create({ data: storeOf(id) });
      expect(await tx.sql.rows(z.object({ name: z.string() }))`SELECT name FROM store WHERE id = ${id}`).toEqual([{ name: 'Shop' }]);
      expect(await db.sql.rows(z.unknown())`SELECT 1 FROM store WHERE id = ${id}`).toEqual([]);
    });
    expect(await db.orm.store.findUnique({ where: { id } })).toMatchObject({ name: 'Shop' });
  });

  it('undoes what Prisma wrote, too', async () => {
    const id = newId();
    const failing = db.transaction('test.orm-rollback', async (tx) => {
      await tx.orm.store.create({ data: storeOf(id) });
      throw new Error('no');
    });
    await expect(failing).rejects.toThrow('no');
    expect(await db.orm.store.findUnique({ where: { id } })).toBeNull();
  });

  it('inside another is refused, since it would not be one with it', async () => {
    const nested = db.transaction('outer', () => db.transaction('inner', () => Promise.resolve(1)));
    await expect(nested).rejects.toThrow('transaction inner inside transaction outer');
    expect(currentScope().transaction).toBeNull();
  });

  it('is tried again after a deadlock, so that both of two succeed', async () => {
    const [a, b] = [newId(), newId()];
    await db.sql`INSERT INTO thing VALUES (${a}, 0), (${b}, 0)`;
    let met = 0;
    let go: () => void = () => undefined;
    const bothHoldOne = new Promise<void>((resolve) => { go = resolve; });
    const crossed = (first: string, second: string) =>
      db.transaction('test.deadlock', async (tx) => {
        await tx.sql`UPDATE thing SET n = n + 1 WHERE id = ${first}`;
        met += 1;
        if (met === 2) go();
        await bothHoldOne;
        await tx.sql`UPDATE thing SET n = n + 1 WHERE id = ${second}`;
      });
    await Promise.all([crossed(a, b), crossed(b, a)]);
    expect(await db.sql.rows(count)`SELECT n FROM thing WHERE id IN (${a}, ${b})`).toEqual([{ n: 2 }, { n: 2 }]);
    expect(met).toBeGreaterThan(2);
  });

  it('whose connection dies fails, and the pool goes on with another', async () => {
    const dying = db.transaction('test.killed', async (tx) => {
      const { pid } = await tx.sql.one(z.object({ pid: z.number() }))`SELECT pg_backend_pid() AS pid`;
      await db.sql.rows(z.unknown())`SELECT pg_terminate_backend(${pid})`;
      await tx.sql`${insert()}`;
    });
    await expect(dying).rejects.toThrow();
    await expect(db.transaction('test.after', (tx) => tx.sql`${insert()}`)).resolves.toBe(1);
  });

  it('tells its watcher before and after the commit', async () => {
    const points: string[] = [];
    db.watcher = (point, name) => void points.push(`${name} ${point}`);
    await db.transaction('test.watched', () => Promise.resolve());
    db.watcher = undefined;
    expect(points).toEqual(['test.watched before-commit', 'test.watched after-commit']);
  });
});

describe('sql', () => {
  it('passes values as parameters, also in nested fragments', async () => {
    const evil = `'); DROP TABLE thing; --`;
    const row = await db.sql.one(z.object({ text: z.string() }))`
      SELECT ${evil}::text AS text ${nothing} WHERE ${fragment`${1}::int = ${1}::int`}`;
    expect(row.text).toBe(evil);
  });

  it('refuses rows of another shape, and more or fewer rows than one', async () => {
    await expect(db.sql.rows(z.object({ n: z.string() }))`SELECT 1 AS n`).rejects.toThrow();
    await expect(db.sql.one(count)`SELECT 1 AS n WHERE false`).rejects.toThrow('expected one row, got 0');
    await expect(db.sql.maybe(count)`SELECT 1 AS n WHERE false`).resolves.toBeUndefined();
  });

  it('refuses a bigint that a number cannot hold', async () => {
    await expect(db.sql.one(count)`SELECT 9007199254740991::bigint AS n`).resolves.toEqual({ n: 9_007_199_254_740_991 });
    await expect(db.sql.one(count)`SELECT 9007199254740993::bigint AS n`).rejects.toThrow('beyond what a number holds');
  });
});

describe('scope', () => {
  it('travels through awaits and ends with its work', async () => {
    await withScope({ correlationId: 'c-1' }, async () => {
      await db.sql`SELECT 1`;
      expect(currentScope()).toMatchObject({ correlationId: 'c-1', actor: 'system' });
    });
    expect(currentScope().correlationId).toBeNull();
  });
});

describe('the frozen snapshot', () => {
  it('the event log refuses changes', async () => {
    await db.sql`INSERT INTO event (id, type, version, severity, occurred_at, store_id, aggregate_id, actor, payload)
      VALUES (${newId()}, 'order.paid', 1, 'INFO', now(), ${newId()}, ${newId()}, 'system', '{}')`;
    await expect(db.sql`UPDATE event SET type = 'order.created'`).rejects.toThrow('the event log is never changed');
  });
});

describe('a listener', () => {
  it('hears notifications, and again after its connection was lost', async () => {
    const heard: string[] = [];
    const listener = new Listener({ url: url(), applicationName: 'listener-under-test' }, 'test_channel', (payload) => heard.push(payload));
    const speaker = new Listener({ url: url() }, 'test_channel', () => undefined);
    await listener.start();
    await speaker.start();
    speaker.notify('one');
    await until(() => heard.includes('one'));
    await db.sql`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'listener-under-test'`;
    await until(() => !listener.connected);
    await until(() => listener.connected);
    speaker.notify('two');
    await until(() => heard.includes('two'));
    // Each connection says so once, for what was missed while there was none.
    expect(heard.filter((payload) => payload === '')).toHaveLength(2);
    await Promise.all([listener.close(), speaker.close()]);
  });

  it('sends a burst one by one, and a repeat once', async () => {
    const heard: string[] = [];
    const warnings: string[] = [];
    const onWarning = (warning: Error): void => { warnings.push(warning.message); };
    process.on('warning', onWarning);
    const listener = new Listener({ url: url() }, 'test_burst', (payload) => heard.push(payload));
    await listener.start();
    for (let burst = 0; burst < 20; burst += 1) for (const payload of ['one', 'two']) listener.notify(payload);
    listener.notify('last');
    await until(() => heard.includes('last'));
    process.off('warning', onWarning);
    // The first is on its way at once; the rest waits behind it.
    expect(heard.filter((payload) => payload !== '')).toEqual(['one', 'two', 'one', 'last']);
    expect(warnings).toEqual([]);
    await listener.close();
  });

  it('keeps trying while there is no database, and can be closed meanwhile', async () => {
    const troubles: Error[] = [];
    const listener = new Listener({ url: 'postgresql://nobody@127.0.0.1:1/none' }, 'test_channel', () => undefined, (error) => troubles.push(error));
    await listener.start();
    expect(listener.connected).toBe(false);
    expect(troubles).not.toHaveLength(0);
    await listener.close();
  });
});
