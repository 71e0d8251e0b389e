/** A state machine as data: every state, and the states it may move to. Terminal states have an empty list. */
export type Transitions<S extends string> = { readonly [From in S]: readonly S[] };

export function canMove<S extends string>(table: Transitions<S>, from: S, to: S): boolean {
  return table[from].includes(to);
}

/** The states that may move to `to`: the `status = ANY(…)` of a compare-and-set update. */
export function sourcesOf<S extends string>(table: Transitions<S>, to: S): S[] {
  return (Object.keys(table) as S[]).filter((from) => table[from].includes(to));
}

/** States reachable from `start`, itself included; a table with others in it has a hole. */
export function reachableFrom<S extends string>(table: Transitions<S>, start: S): Set<S> {
  const seen = new Set<S>([start]);
  for (const state of seen) for (const next of table[state]) seen.add(next);
  return seen;
}

/** Thrown never: makes the compiler prove that a switch names every case. */
export function unreachable(value: never): never {
  throw new Error(`unreachable: ${String(value)}`);
}
