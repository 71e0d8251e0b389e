import { GroupCommit } from './group-commit';

const rowsFault = new Error('bad row');

function writer(options: { fails?: (rows: readonly string[]) => Error | undefined } = {}) {
  const writes: string[][] = [];
  const write = (rows: readonly string[]): Promise<void> => {
    writes.push([...rows]);
    const error = options.fails?.(rows);
    return error ? Promise.reject(error) : Promise.resolve();
  };
  const make = (more: { maxRows?: number; lanes?: number; waitMs?: number } = {}) =>
    new GroupCommit<string>({ write, isRowsFault: (error) => error === rowsFault, waitMs: 1, ...more });
  return { writes, make };
}

test('rows of the same moment share one write', async () => {
  const { writes, make } = writer();
  const commits = make();
  await Promise.all(['a', 'b', 'c'].map((row) => commits.add(row)));
  expect(writes).toEqual([['a', 'b', 'c']]);
});

test('a row that comes while nothing is written does not wait for others to come', async () => {
  const { writes, make } = writer();
  const commits = make({ waitMs: 3_600_000 });
  await commits.add('a');
  expect(writes).toEqual([['a']]);
});

test('another lane takes rows that wait too long for the write that runs', async () => {
  const writes: string[][] = [];
  const commits = new GroupCommit<string>({
    write: (rows) => {
      writes.push([...rows]);
      return rows.includes('slow') ? new Promise(() => undefined) : Promise.resolve();
    },
    isRowsFault: () => false,
    waitMs: 1,
  });
  void commits.add('slow');
  await new Promise((resolve) => setImmediate(resolve));
  await Promise.all(['a', 'b'].map((row) => commits.add(row)));
  expect(writes).toEqual([['slow'], ['a', 'b']]);
});

test('a full group does not wait', async () => {
  const { writes, make } = writer();
  const commits = make({ maxRows: 2 });
  await Promise.all(['a', 'b', 'c'].map((row) => commits.add(row)));
  expect(writes).toEqual([['a', 'b'], ['c']]);
});

test('rows that come while all lanes write go with the next', async () => {
  const writes: string[][] = [];
  const releases: (() => void)[] = [];
  const commits = new GroupCommit<string>({
    write: (rows) => {
      writes.push([...rows]);
      return new Promise((resolve) => releases.push(resolve));
    },
    isRowsFault: () => false,
    maxRows: 1,
    lanes: 1,
  });
  const first = commits.add('a');
  const second = commits.add('b');
  expect(writes).toEqual([['a']]);
  releases[0]?.();
  await first;
  await new Promise((resolve) => setImmediate(resolve));
  expect(writes).toEqual([['a'], ['b']]);
  releases[1]?.();
  await second;
});

test('one bad row fails alone', async () => {
  const { writes, make } = writer({ fails: (rows) => (rows.includes('bad') ? rowsFault : undefined) });
  const commits = make();
  const outcomes = await Promise.allSettled(['a', 'bad', 'c'].map((row) => commits.add(row)));
  expect(outcomes.map((each) => each.status)).toEqual(['fulfilled', 'rejected', 'fulfilled']);
  expect(writes).toEqual([['a', 'bad', 'c'], ['a'], ['bad'], ['c']]);
});

test('a failure that no row is to blame for fails those that wait, too: a database that is away is asked for each of them no more', async () => {
  let fail: (error: Error) => void = () => undefined;
  let writes = 0;
  const commits = new GroupCommit<string>({
    write: () => {
      writes += 1;
      return new Promise((_resolve, reject) => { fail = reject; });
    },
    isRowsFault: () => false,
    maxRows: 1,
    lanes: 1,
  });
  const outcomes = Promise.allSettled(['a', 'b', 'c'].map((row) => commits.add(row)));
  fail(new Error('connection refused'));
  expect((await outcomes).map((each) => each.status)).toEqual(['rejected', 'rejected', 'rejected']);
  expect(writes).toBe(1);
});

test('a failure that no row is to blame for fails all, without hammering', async () => {
  const { writes, make } = writer({ fails: () => new Error('connection refused') });
  const commits = make();
  const outcomes = await Promise.allSettled(['a', 'b'].map((row) => commits.add(row)));
  expect(outcomes.map((each) => each.status)).toEqual(['rejected', 'rejected']);
  expect(writes).toHaveLength(1);
});
