import { appendFileSync, mkdirSync, rmSync } from 'node:fs';
import { buildApi } from './api-process.setup';
import { RIGHT_ENDING } from './crash-journey.setup';
import { Lanes, type Killed } from './crash-lanes.setup';

/** `npm run crash` kills at every point; a plain run of the tests at a few, another few with each seed. */
const EVERY = process.env['FORMA3D_CRASH_EVERY'] === '1';
const SEED = Number(process.env['FORMA3D_CRASH_SEED'] ?? Math.floor(Math.random() * 1_000_000));
const SAMPLE = 6;
const RESULTS = `coverage/crash-points-${EVERY ? 'every' : 'sample'}.txt`;
/** Passed only where something went wrong by itself, as on a busy machine: a sample of few draws none of them. */
const BY_CHANCE = /^transaction tasks\./;
const RIGHT = JSON.stringify(RIGHT_ENDING);

let lanes: Lanes;
let everPassed: Set<string>;
let surelyPassed: string[];

beforeAll(async () => {
  mkdirSync('coverage', { recursive: true });
  rmSync(RESULTS, { force: true });
  await buildApi();
  lanes = await Lanes.open(EVERY ? 4 : 3);
}, 60_000);
afterAll(() => lanes.close());

it('without a crash the journey ends well, and passes points of all three seams', async () => {
  const journeys = await lanes.record();
  for (const { ending } of journeys) expect(ending).toEqual(RIGHT_ENDING);
  everPassed = new Set(journeys.flatMap((journey) => journey.points));
  surelyPassed = [...everPassed].filter((point) => journeys.every((journey) => journey.points.includes(point)));
  for (const point of [
    'transaction orders.record before-commit', 'transaction fulfillment.record after-commit',
    'outside simplyprint queue/AddItem before-send', 'outside shopify fulfillmentCreate after-answer',
    'task FULFILLMENT claimed', 'task FULFILLMENT returned', 'task PRINT_JOB_CREATION finished',
  ]) expect(surelyPassed).toContain(point);
}, 120_000);

it(`killed at ${EVERY ? 'every point' : `${String(SAMPLE)} points (seed ${String(SEED)})`} it ends as well as without`, async () => {
  const chosen = EVERY ? [...everPassed] : sampleOf(surelyPassed.filter((point) => !BY_CHANCE.test(point)), SAMPLE, SEED);
  const killed = await lanes.killAt(chosen, (each) => {
    tell(each);
    // What only now came up, because two things met or a minute began, is killed at as well.
    const fresh = EVERY ? (each.journey?.points ?? []).filter((point) => !everPassed.has(point)) : [];
    for (const point of fresh) everPassed.add(point);
    return fresh;
  });
  write(`${String(killed.filter(({ journey }) => (journey?.deaths ?? 0) > 0).length)} of ${String(killed.length)} points killed`);
  const wrong = killed.filter(({ point, journey }) => journey?.deaths !== 1 || journey.lastPoint !== point || JSON.stringify(journey.ending) !== RIGHT);
  expect(wrong).toEqual([]);
}, 3_600_000);

/** One of each of `count` equal stretches of the journey. */
function sampleOf(points: readonly string[], count: number, seed: number): string[] {
  const stretch = points.length / count;
  let state = seed;
  return Array.from({ length: count }, (_, n) => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return points[Math.floor((n + state / 2_147_483_648) * stretch)];
  }).filter((point) => point !== undefined);
}

/** Written as it goes: the whole takes minutes. */
function tell({ point, journey, trouble }: Killed): void {
  if (journey === null) {
    write(`NO END  ${point}: ${trouble ?? ''}`);
    return;
  }
  const ending = JSON.stringify(journey.ending);
  const how = ending === RIGHT ? 'right' : `WRONG ${ending}`;
  const recovery = journey.recoveryMs === null ? 'after the fulfillments' : `fulfilled ${(journey.recoveryMs / 1_000).toFixed(1)} s later`;
  write(`${how}  ${journey.deaths === 0 ? 'NOT REACHED' : recovery}  ${point}`);
}

function write(line: string): void {
  process.stderr.write(`${line}\n`);
  appendFileSync(RESULTS, `${line}\n`);
}
