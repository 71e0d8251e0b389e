import type { Clock } from '@forma3d/kernel';

/** Time and timers of the whole sandbox, so that tests can turn the clock by hand. */
export interface Scheduler extends Clock {
  /** Runs `work` once, `ms` milliseconds from now. The answer takes it back. */
  after(ms: number, work: () => void): () => void;
}

/** setTimeout takes at most 2^31 - 1 milliseconds and fires at once beyond that. */
const LONGEST_TIMER_MS = 2_147_483_647;

/** Wall-clock time. Its timers never keep the process alive: the servers do that. */
export const realScheduler: Scheduler = {
  now: () => new Date(),
  after(ms, work) {
    const timer = setTimeout(work, Math.min(Math.max(0, ms), LONGEST_TIMER_MS));
    timer.unref();
    return () => clearTimeout(timer);
  },
};

/** A clock that stands still until `advance` is called; timers then run in the order of their due times. */
export class ManualScheduler implements Scheduler {
  private time: number;
  private timers: { due: number; order: number; work: () => void }[] = [];
  private counter = 0;

  constructor(start: Date = new Date('2026-11-02T09:00:00Z')) {
    this.time = start.getTime();
  }

  now(): Date {
    return new Date(this.time);
  }

  after(ms: number, work: () => void): () => void {
    const timer = { due: this.time + Math.max(0, ms), order: (this.counter += 1), work };
    this.timers.push(timer);
    return () => {
      this.timers = this.timers.filter((other) => other !== timer);
    };
  }

  /** Moves the clock on by `ms`, running everything that falls due on the way, also what that work schedules. */
  advance(ms: number): void {
    const end = this.time + ms;
    for (;;) {
      const due = this.timers.filter((timer) => timer.due <= end).sort((a, b) => a.due - b.due || a.order - b.order);
      const next = due[0];
      if (!next) break;
      this.timers = this.timers.filter((timer) => timer !== next);
      this.time = Math.max(this.time, next.due);
      next.work();
    }
    this.time = end;
  }
}
