import { appendFileSync, mkdirSync } from 'node:fs';
import fc from 'fast-check';

/** `npm run fuzz` asks for many cases; a plain run of the tests for a few, others with each seed. */
export const cases = (few: number): number => Math.max(1, Math.round(few * Number(process.env['FORMA3D_FUZZ_TIMES'] ?? 1)));
export const LONG = Number(process.env['FORMA3D_FUZZ_TIMES'] ?? 1) > 1;
export const SEED = Number(process.env['FORMA3D_FUZZ_SEED'] ?? Math.floor(Math.random() * 2_147_483_647));
const RESULTS = 'coverage/fuzz.ndjson';

/** Looking for a smaller example of the same is worth this many tries. */
const SMALLER = 150;
const MOST_FINDINGS = 12;

/** A promise that was broken: `what` names its kind, so that one kind is told once. */
export class Finding extends Error {
  constructor(
    readonly what: string,
    message: string,
  ) {
    super(`${what}: ${message}`);
  }
}

export interface Found {
  what: string;
  /** The smallest example, in words. */
  example: string;
}

/**
 * Tries a property until a number of cases held, and goes on after a failure: each kind of finding is told once, by a small example.
 * Counts what was tried for the report of `npm run fuzz`.
 */
export async function search<T>(name: string, inputs: fc.Arbitrary<T>, count: number, holds: (input: T) => Promise<void> | void, examples: T[] = []): Promise<void> {
  const known = new Set<string>();
  const found: Found[] = [];
  let tried = 0;
  let skip = 0;
  while (found.length < MOST_FINDINGS) {
    let chased: string | undefined;
    let smaller = 0;
    let ran = 0;
    const property = fc.asyncProperty(inputs, async (input) => {
      if (chased === undefined) {
        ran += 1;
        if (ran <= skip) return;
        tried += 1;
      } else if ((smaller += 1) > SMALLER) return;
      try {
        await holds(input);
      } catch (error) {
        const what = error instanceof Finding ? error.what : `${String(error)}`.slice(0, 120);
        if (chased === undefined ? known.has(what) : what !== chased) return;
        chased = what;
        throw error;
      }
    });
    const outcome = await fc.check(property, { seed: SEED, numRuns: count, examples: examples.map((each): [T] => [each]), verbose: 0 });
    if (!outcome.failed) break;
    const [input] = outcome.counterexample ?? [];
    found.push({ what: chased ?? 'failed', example: `${String(outcome.errorInstance instanceof Error ? outcome.errorInstance.message : outcome.errorInstance)}\n    ${fc.stringify(input).slice(0, 1_500)}` });
    known.add(chased ?? '');
    skip = ran;
  }
  tell(name, tried, found);
}

/** Counts cases that are no property's, and fails with what was found. */
export function tell(name: string, tried: number, found: readonly Found[]): void {
  mkdirSync('coverage', { recursive: true });
  appendFileSync(RESULTS, `${JSON.stringify({ name, cases: tried, findings: found.map(({ what }) => what) })}\n`);
  if (found.length === 0) return;
  throw new Error(`${name}, seed ${SEED} (repeat: FORMA3D_FUZZ_SEED=${SEED}), ${tried} cases, ${found.length} findings:\n${found.map(({ what, example }) => `- ${what}\n    ${example}`).join('\n')}`);
}
