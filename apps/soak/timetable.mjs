/** Things that happen at their time, counted from one beginning. */
import { setMaxListeners } from 'node:events';
import { setTimeout as wait } from 'node:timers/promises';

export class Timetable {
  /** @param {number} began on the clock of `performance.now()` */
  constructor(began = performance.now()) {
    this.began = began;
    this.entries = [];
    this.ending = new AbortController();
    setMaxListeners(0, this.ending.signal); // everything that is still to come listens
  }

  /** Seconds since the beginning. */
  get now() {
    return (performance.now() - this.began) / 1000;
  }

  /** Has `work` done at that second, whatever else is going on. */
  at(second, work) {
    const { signal } = this.ending;
    const due = wait(Math.max(0, (second - this.now) * 1000), undefined, { signal }).catch(() => undefined); // ended
    this.entries.push(due.then(() => (signal.aborted ? undefined : work())));
  }

  /** Lets nothing more begin. */
  end() {
    this.ending.abort();
  }

  /** Resolves when everything is done, also what was added meanwhile; rejects with the first failure. */
  async done() {
    for (let known = -1; known !== this.entries.length;) {
      known = this.entries.length;
      await Promise.all(this.entries);
    }
  }
}
