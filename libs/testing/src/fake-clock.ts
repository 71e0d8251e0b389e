import type { Clock } from '@forma3d/kernel';

/** A clock that stands still until a test moves it. Starts on Monday 2 November 2026, 09:00 UTC, unless told otherwise. */
export class FakeClock implements Clock {
  private current: number;

  constructor(start = new Date('2026-11-02T09:00:00.000Z')) {
    this.current = start.getTime();
  }

  /** A new Date each time, so that nobody can move the clock through one. */
  now(): Date {
    return new Date(this.current);
  }

  /** Moves forward (negative: back) by milliseconds and answers the new time. */
  advance(ms: number): Date {
    this.current += ms;
    return this.now();
  }

  set(to: Date): void {
    this.current = to.getTime();
  }
}
