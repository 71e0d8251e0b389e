/** PostgreSQL stores every character but this one; half a surrogate pair is no character, and would be stored as another. */
const UNSTORABLE = /\0|\p{Surrogate}/u;

const MESSAGE = 'must not hold NUL or half characters';
const MOST_TOLD = 20;

/** Where in parsed JSON or a query there is text, also as a name, that cannot be stored as it is. Deep nesting needs no deep stack. */
export function unstorableTexts(input: unknown): { path: string[]; message: string }[] {
  const found: { path: string[]; message: string }[] = [];
  const waiting: { value: unknown; path: Trail }[] = [{ value: input, path: null }];
  for (let next = waiting.pop(); next && found.length < MOST_TOLD; next = waiting.pop()) {
    const { value, path } = next;
    if (typeof value === 'string' && UNSTORABLE.test(value)) found.push({ path: stepsOf(path), message: MESSAGE });
    if (typeof value !== 'object' || value === null) continue;
    for (const [name, inner] of Object.entries(value)) {
      // The name itself is not repeated: an answer should be as storable as what it asks for.
      if (UNSTORABLE.test(name)) found.push({ path: stepsOf(path), message: 'has a name with NUL or half characters' });
      else waiting.push({ value: inner, path: { name, above: path } });
    }
  }
  return found;
}

type Trail = { name: string; above: Trail } | null;

function stepsOf(trail: Trail): string[] {
  const steps: string[] = [];
  for (let at = trail; at !== null; at = at.above) steps.push(at.name);
  return steps.reverse();
}
