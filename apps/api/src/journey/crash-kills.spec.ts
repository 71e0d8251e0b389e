import { kill, type Kill } from './crash-kills.setup';
import type { Run } from './crash-run.setup';
import type { CrashJourney, Ending } from './crash-world.setup';

const ENDING: Ending = { shopify: [], farm: { added: 1, left: 0, prints: 1 }, prints: {}, told: {}, mails: [], done: { 'order imported': 1 }, failed: [], attention: [] };
const journey: CrashJourney = { name: 'a journey', travel: () => Promise.resolve(), ending: ENDING };
const passed = (...points: string[]): Run['passed'] => points.map((point, n) => ({ point, ms: 100 * n }));
const died = { ms: 100, restartMs: 500, takenUpMs: 3_000 };
const undisturbed: Run = { passed: passed('a', 'p', 'p'), tookMs: 1_000, death: null, deaths: 0, repeats: 0, ending: ENDING };
const right: Run = { ...undisturbed, passed: passed('a', 'p'), tookMs: 4_000, death: died, deaths: 1 };
const one = (nth = 1): Kill => ({ point: 'p', nth, ways: [{ journey, recorded: [undisturbed] }] });

/** Answers these runs in turn, and remembers where each was to die. */
function travels(...runs: (Run | Error)[]) {
  const asked: (string | undefined)[] = [];
  const go = (_journey: CrashJourney, crashPoint?: string): Promise<Run> => {
    asked.push(crashPoint);
    const run = runs.shift();
    return run instanceof Error || run === undefined ? Promise.reject(run ?? new Error('one journey too many')) : Promise.resolve(run);
  };
  return { asked, go };
}

test('a journey that died where it should and ended as it should has no fault', async () => {
  const { go, asked } = travels(right);
  expect(await kill(one(), go)).toMatchObject({ fault: null, afterMs: 3_900, leftMs: 900 });
  expect(asked).toEqual(['p#1']);
});

test.each([
  ['something is there twice', { ...right, ending: { ...ENDING, farm: { added: 2, left: 0, prints: 1 } } }, /^wrong end: .*"added":2/],
  ['it died twice', { ...right, deaths: 2 }, /^died 2 times/],
  ['it died elsewhere', { ...right, passed: passed('a') }, /^died at a/],
  ['somebody did twice what was answered', { ...right, ending: { ...ENDING, done: { 'order imported': 2 } } }, /^wrong end/],
  ['somebody did what nobody should', { ...right, repeats: 1, ending: { ...ENDING, done: { 'order imported': 1, 'order cancelled': 1 } } }, /^wrong end/],
  ['what people did is not on record', { ...right, repeats: 1, ending: { ...ENDING, done: {} } }, /^wrong end/],
])('it is a fault when %s', async (_what, run, fault) => {
  expect((await kill(one(), travels(run).go)).fault).toMatch(fault);
});

test('what somebody repeated for want of an answer may be on record twice', async () => {
  expect((await kill(one(), travels({ ...right, repeats: 1, ending: { ...ENDING, done: { 'order imported': 2 } } }).go)).fault).toBeNull();
});

test('a journey that came to no end is a fault, told with its causes', async () => {
  const { go } = travels(new Error('no end', { cause: new Error('the queue is not empty') }));
  expect((await kill(one(), go)).fault).toMatch(/no end: no end\nError: the queue is not empty/);
});

test('a later time that did not come is tried at the last that did; one that never comes is a fault', async () => {
  const fewer = { ...undisturbed, passed: passed('a', 'p', 'p') };
  const { go, asked } = travels(fewer, right);
  expect(await kill(one(5), go)).toMatchObject({ fault: null, nth: 2 });
  expect(asked).toEqual(['p#5', 'p#2']);
  expect((await kill(one(), travels(fewer, fewer, fewer, fewer).go)).fault).toBe('not reached');
});

test('a point that a journey does not pass any more is tried on the next way', async () => {
  const other = { ...journey, name: 'another journey' };
  const { go } = travels({ ...undisturbed, passed: passed('a') }, right);
  const ways = [{ journey, recorded: [undisturbed] }, { journey: other, recorded: [undisturbed] }];
  expect(await kill({ point: 'p', nth: 1, ways }, go)).toMatchObject({ fault: null, journey: 'another journey' });
});

test('an end that came late is measured once more beside an undisturbed run, and is a fault when it stays late', async () => {
  const late = { ...right, tookMs: 60_000 };
  const slowMachine = { ...undisturbed, tookMs: 50_000 };
  const { go, asked } = travels(late, slowMachine, late);
  expect((await kill(one(), go)).fault).toBeNull();
  expect(asked).toEqual(['p#1', undefined, 'p#1']);
  const still = travels(late, undisturbed, late, undisturbed, late, undisturbed, late);
  expect((await kill(one(), still.go)).fault).toMatch(/^ended 59900 ms after the death, at most \d+ are allowed/);
  const stuck = { ...right, death: { ...died, takenUpMs: 9_000 } };
  expect((await kill(one(), travels(stuck, undisturbed, stuck, undisturbed, stuck, undisturbed, stuck).go)).fault).toMatch(/^taken up 9000 ms/);
});
