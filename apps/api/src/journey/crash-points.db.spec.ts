import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { leftAfter, occasionsOf, surelyPassed } from './crash-bounds.setup';
import { JOURNEYS } from './crash-journeys.setup';
import { inWords, kill, type Kill, type Killed, type Way } from './crash-kills.setup';
import { Lanes } from './crash-lanes.setup';
import { reported, writeReport } from './crash-report.setup';
import type { Run } from './crash-run.setup';
import { BY_CHANCE, NOT_ON_THE_WAY, seamsOfTheSource } from './crash-source.setup';
import type { CrashJourney } from './crash-world.setup';

/** `npm run crash` kills at every point; a plain run of the tests at a few, another few with each seed. */
const EVERY = process.env['FORMA3D_CRASH_EVERY'] === '1';
/** Only points whose name holds this, for those who look for a fault. */
const ONLY = process.env['FORMA3D_CRASH_ONLY'] ?? '';
const SEED = Number(process.env['FORMA3D_CRASH_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const LANES = Number(process.env['FORMA3D_CRASH_LANES'] ?? (EVERY ? 4 : 3));
const SAMPLE = 6;
const RECORDINGS = EVERY ? 3 : 1;
const RESULTS = `coverage/crash-points-${EVERY ? 'every' : 'sample'}.txt`;

const journeys = JOURNEYS.filter(({ name }) => name.includes(process.env['FORMA3D_CRASH_JOURNEY'] ?? ''));
const recorded = new Map<CrashJourney, Run[]>(journeys.map((journey) => [journey, []]));
const startedAt = performance.now();
let lanes: Lanes;

const seamOf = (point: string): string => point.slice(0, point.lastIndexOf(' '));

beforeAll(async () => {
  mkdirSync('coverage', { recursive: true });
  rmSync(RESULTS, { force: true });
  lanes = await Lanes.open(LANES);
}, 60_000);
afterAll(() => lanes.close());

it('without a crash every journey ends as it has to', async () => {
  const all = Array.from({ length: RECORDINGS }, () => journeys).flat();
  const wrong: string[] = [];
  await lanes.each(all, async (journey, go) => {
    try {
      const run = await go(journey);
      recorded.get(journey)?.push(run);
      write(`${(run.tookMs / 1_000).toFixed(1)} s undisturbed: ${journey.name}`);
      expect(run.ending).toEqual(journey.ending);
    } catch (error) {
      wrong.push(`${journey.name}: ${inWords(error)}`);
    }
  });
  expect(wrong).toEqual([]);
}, 900_000);

it('every transaction, writing statement, call to the outside and task of the source is a point on a journey', () => {
  const passed = new Set([...recorded.values()].flatMap((runs) => [...surelyPassed(runs).keys()]));
  const seams = seamsOfTheSource();
  const missing = [...seams.values()].flatMap(({ name, sides }) => sides.map((side) => `${name} ${side}`)).filter((point) => !passed.has(point));
  expect(missing.filter((point) => !(seamOf(point) in NOT_ON_THE_WAY) && !(seamOf(point) in BY_CHANCE))).toEqual([]);
  // A reason that holds no longer is a seam that could be tried.
  expect([...passed].map(seamOf).filter((name) => name in NOT_ON_THE_WAY)).toEqual([]);
  expect(Object.keys({ ...NOT_ON_THE_WAY, ...BY_CHANCE }).filter((name) => !seams.has(name))).toEqual([]);
  // A point that the source does not show would be missed as soon as nobody passes it.
  expect([...passed].filter((point) => !seams.has(seamOf(point)))).toEqual([]);
});

it(`killed at ${EVERY ? 'every point' : `${String(SAMPLE)} points (seed ${String(SEED)})`} they end as well as without, and in time`, async () => {
  const kills = EVERY ? everyKill() : sample();
  const killed: Killed[] = [];
  await lanes.each(kills, async (one, go) => {
    const ended = await kill(one, go);
    killed.push(ended);
    tell(ended, killed.length, kills.length);
  });
  if (EVERY && ONLY === '' && journeys.length === JOURNEYS.length) writeReport(killed, (performance.now() - startedAt) / 60_000);
  expect(killed.filter(({ fault }) => fault !== null).map(({ point, nth, journey, fault }) => `${point}#${String(nth)} on ${journey}: ${fault ?? ''}`)).toEqual([]);
  expect(killed.length).toBeGreaterThan(0);
}, 7_200_000);

/** The journeys that surely pass a point, the one that is over soonest after it first. */
function waysTo(point: string): Way[] {
  const ways = [...recorded].filter(([, runs]) => surelyPassed(runs).has(point)).map(([journey, runs]) => ({ journey, recorded: runs }));
  return ways.sort((a, b) => leftAfter(a.recorded, { point, nth: 1 }) - leftAfter(b.recorded, { point, nth: 1 }));
}

/** Each point at several of its passings on its shortest way; the long ways first, so that lanes end together. */
function everyKill(): Kill[] {
  const points = new Set([...recorded.values()].flatMap((runs) => [...surelyPassed(runs).keys()]));
  const longest = (one: Kill): number => leftAfter(one.ways[0]?.recorded ?? [], one);
  return [...points]
    .filter((point) => point.includes(ONLY) && !(seamOf(point) in BY_CHANCE))
    .flatMap((point) => {
      const ways = waysTo(point);
      return occasionsOf(point, surelyPassed(ways[0]?.recorded ?? []).get(point) ?? 1).map((occasion) => ({ ...occasion, ways }));
    })
    .sort((a, b) => longest(b) - longest(a));
}

/** One of each of some equal stretches of the points of the last full run, on the journey of that run where it still passes it. */
function sample(): Kill[] {
  const known = reported().flatMap(({ point, journey: name }): Kill[] => {
    const ways = waysTo(point);
    const first = ways.filter(({ journey }) => journey.name === name);
    return ways.length > 0 && point.includes(ONLY) ? [{ point, nth: 1, ways: [...first, ...ways.filter((way) => !first.includes(way))] }] : [];
  });
  let state = SEED;
  return Array.from({ length: SAMPLE }, (_, n) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return known[Math.floor(((n + state / 2_147_483_648) * known.length) / SAMPLE)];
  }).filter((each) => each !== undefined);
}

/** Written as it goes: the whole takes minutes. */
function tell({ point, nth, journey, run, afterMs, leftMs, fault }: Killed, done: number, all: number): void {
  const s = (ms: number): string => `${(ms / 1_000).toFixed(1)} s`;
  const times = run?.death ? `taken up ${s(run.death.takenUpMs)}, back ${s(run.death.restartMs)}, ended ${afterMs === null ? 'before' : s(afterMs)} (undisturbed ${s(leftMs)})` : '';
  write(`${String(done)}/${String(all)} ${fault === null ? 'right' : `WRONG ${fault}`}  ${point}#${String(nth)}  ${times}  [${journey}]`);
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
  appendFileSync(RESULTS, `${line}\n`);
}
