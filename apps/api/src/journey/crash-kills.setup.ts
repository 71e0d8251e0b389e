import { isDeepStrictEqual } from 'node:util';
import { countOf, endsWithin, leftAfter, takenUpWithin, type Occasion } from './crash-bounds.setup';
import { LEASE_MS, type Run } from './crash-run.setup';
import type { CrashJourney } from './crash-world.setup';

/** How often a journey is made again that did not come by its occasion, as on a busy machine. */
const TRIES = 4;

/** A journey that passes a point, with undisturbed runs of it. */
export interface Way {
  journey: CrashJourney;
  recorded: readonly Run[];
}

/** An occasion to die at, and the journeys that come by it, the best first. */
export interface Kill extends Occasion {
  ways: readonly Way[];
}

/** How one ended. `fault` says in words what was not as it has to be, and is null when all was. */
export interface Killed extends Occasion {
  journey: string;
  run: Run | null;
  /** From the death to the end of the journey, and how long that way was without one; null when it died after the end. */
  afterMs: number | null;
  leftMs: number;
  /** The end was right, and not in time. */
  late: boolean;
  fault: string | null;
}

/**
 * Kills at the occasion. A later one that a journey did not come by is tried at the last time that it did: how often a process
 * looks at something depends on how fast it is. A point that a journey did not pass at all, as what only a busy machine makes it
 * pass, is tried on the next way. A right end that came late is tried again after one more undisturbed run: what the machine does
 * beside changes meanwhile, and both have to be measured under the same.
 */
export async function kill({ point, nth: first, ways }: Kill, go: (journey: CrashJourney, crashPoint?: string) => Promise<Run>): Promise<Killed> {
  let nth = first;
  let turn = 0;
  const fresh: Run[] = [];
  for (let attempt = 1; ; attempt += 1) {
    const way = ways[turn % ways.length];
    if (!way) throw new Error(`no journey passes ${point}`);
    const { journey } = way;
    try {
      const run = await go(journey, `${point}#${String(nth)}`);
      const killed = judged(journey, { point, nth }, run, [...way.recorded, ...fresh]);
      if (attempt >= TRIES || (killed.fault !== NOT_REACHED && !killed.late)) return killed;
      if (killed.late) fresh.push(await go(journey));
      else if (nth > 1) nth = Math.max(1, Math.min(nth, countOf(run.passed).get(point) ?? 1));
      else turn += 1;
    } catch (error) {
      return { journey: journey.name, point, nth, run: null, afterMs: null, leftMs: 0, late: false, fault: `no end: ${inWords(error)}` };
    }
  }
}

const NOT_REACHED = 'not reached';

function judged(journey: CrashJourney, { point, nth }: Occasion, run: Run, recorded: readonly Run[]): Killed {
  const leftMs = leftAfter(recorded, { point, nth });
  const afterMs = run.death && run.death.ms < run.tookMs ? run.tookMs - run.death.ms : null;
  const wrong = wrongWith(point, run, journey);
  const late = wrong === null ? lateness(run, afterMs, leftMs) : null;
  return { journey: journey.name, point, nth, run, afterMs, leftMs, late: late !== null, fault: wrong ?? late };
}

function wrongWith(point: string, run: Run, journey: CrashJourney): string | null {
  if (!isRightEnding(run, journey)) return `wrong end: ${JSON.stringify(run.ending)}`;
  if (!run.death) return NOT_REACHED;
  if (run.deaths !== 1) return `died ${String(run.deaths)} times`;
  const last = run.passed.at(-1)?.point;
  return last === point ? null : `died at ${last ?? 'no point'}`;
}

/** What people did twice for want of an answer may be on record twice; everything else is as it has to be. */
function isRightEnding({ ending, repeats }: Pick<Run, 'ending' | 'repeats'>, journey: CrashJourney): boolean {
  const { done, ...rest } = ending;
  const { done: asked, ...right } = journey.ending;
  const more = Object.entries(asked).map(([what, times]) => (done[what] ?? 0) - times);
  const noOthers = Object.keys(done).every((what) => what in asked);
  return isDeepStrictEqual(rest, right) && noOthers && Math.min(0, ...more) === 0 && more.reduce((sum, each) => sum + each, 0) <= repeats;
}

function lateness(run: Run, afterMs: number | null, leftMs: number): string | null {
  const takenUp = takenUpWithin(run, LEASE_MS);
  const takenUpMs = run.death?.takenUpMs ?? 0;
  if (takenUpMs > takenUp) return `taken up ${takenUpMs.toFixed(0)} ms after the death, at most ${takenUp.toFixed(0)} are allowed`;
  const ends = endsWithin(run, LEASE_MS, leftMs);
  if (afterMs !== null && afterMs > ends) return `ended ${afterMs.toFixed(0)} ms after the death, at most ${ends.toFixed(0)} are allowed`;
  return null;
}

/** With what lies behind it. */
export function inWords(error: unknown): string {
  return error instanceof Error && error.cause !== undefined ? `${error.message}\n${inWords(error.cause)}` : String(error);
}
