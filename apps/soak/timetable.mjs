/** Things that happen at their time, counted from one beginning. */
import { setTimeout as wait } from 'node:timers/promises';

export class Timetable {
  constructor() {
    this.began = performance.now();
    this.entries = [];
  }

  /** Seconds since the beginning. */
  get now() {
    return (performance.now() - this.began) / 1000;
  }

  /** Has `work` done at that second, whatever else is going on. */
  at(second, work) {
    this.entries.push(wait(Math.max(0, (second - this.now) * 1000)).then(work));
  }

  /** Resolves when everything is done, also what was added meanwhile; rejects with the first failure. */
  async done() {
    for (let known = -1; known !== this.entries.length;) {
      known = this.entries.length;
      await Promise.all(this.entries);
    }
  }
}
