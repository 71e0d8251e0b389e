/** Counters of one source file, as Istanbul keeps them: of statements, of functions, and of each way of each branch. */
export interface FileCounters {
  s: Record<string, number>;
  f: Record<string, number>;
  b: Record<string, number[]>;
}

/**
 * What this process has covered of each source file, so that it tells only what is new. Jest copies, sends and merges the
 * whole coverage of every source file for each test file, which takes as long as the tests do, and nearly all of it has been
 * told before.
 */
export class CoverageNews {
  private readonly told = new Map<string, Set<string>>();

  /** Leaves in `coverage` (path to counters) the files of which something was covered for the first time, or that were never told. */
  keep(coverage: Record<string, FileCounters>): void {
    for (const [file, counters] of Object.entries(coverage)) {
      const before = this.told.get(file);
      const told = before ?? new Set();
      const known = told.size;
      for (const name of covered(counters)) told.add(name);
      this.told.set(file, told);
      if (before !== undefined && told.size === known) Reflect.deleteProperty(coverage, file);
    }
  }
}

function* covered({ s, f, b }: FileCounters): Generator<string> {
  for (const [id, count] of Object.entries(s)) if (count > 0) yield `s${id}`;
  for (const [id, count] of Object.entries(f)) if (count > 0) yield `f${id}`;
  for (const [id, ways] of Object.entries(b)) for (const [way, count] of ways.entries()) if (count > 0) yield `b${id}.${way}`;
}
