import { OutsideError, type OutsideCall, type OutsideSystem } from '@forma3d/kernel';

/** After so many calls in a row without an answer a system counts as silent, until one is answered. */
const SILENT_AFTER = 5;
/** So many calls of a process ask a silent system at the same time whether it answers again. */
const ASKING = 4;
/** The others come again after a while of their own, so that they do not all come at once. */
const COME_AGAIN_MS = { least: 20_000, most: 60_000 };

interface Seen {
  unanswered: number;
  underWay: number;
}

/**
 * What keeps an outside system that is down from taking everything else with it: each call to it may wait for its whole time limit, and a
 * process has only so many places for tasks. While a system is silent a few tasks find out whether it answers again; the others wait
 * without a place, and without using up attempts.
 */
export class SilentSystems {
  private readonly systems = new Map<OutsideSystem, Seen>();

  /**
   * Notes that a task begins a call; tell the answer to what this answers, once.
   *
   * @throws OutsideError `throttled` when the system is silent and enough others ask it
   */
  begin({ system, operation }: OutsideCall): (how: 'answered' | 'unanswered' | 'not sent') => void {
    const seen = this.systems.get(system) ?? { unanswered: 0, underWay: 0 };
    this.systems.set(system, seen);
    if (seen.unanswered >= SILENT_AFTER && seen.underWay >= ASKING) {
      const retryAfterMs = COME_AGAIN_MS.least + Math.round(Math.random() * (COME_AGAIN_MS.most - COME_AGAIN_MS.least));
      throw new OutsideError({ system, operation, failure: 'throttled', retryAfterMs }, `${system} does not answer, and others ask already whether it does again`);
    }
    seen.underWay += 1;
    return (how) => {
      seen.underWay -= 1;
      if (how === 'answered') seen.unanswered = 0;
      else if (how === 'unanswered') seen.unanswered += 1;
    };
  }
}
