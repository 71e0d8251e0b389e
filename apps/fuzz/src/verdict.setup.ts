import { problem } from '@forma3d/contracts';
import { CANARY } from './hostile-json.setup';
import { Finding } from './search.setup';
import type { Answer, Exchange } from './wire.setup';

/** However wrong a request is, it is answered in this time, also on a machine that is busy with something else. */
export const PATIENCE_MS = 20_000;
/** A refusal is some words: more would be repeating what was sent. */
const LONGEST_REFUSAL = 16_000;

export interface Secrets {
  /** What no answer may hold. */
  never: readonly string[];
}

/** Judges a refusal: a problem that says its own status and repeats nothing of what was sent. */
export function judgeAnswer({ status, headers, body }: Answer, { never }: Secrets, headless = false): void {
  const at = `${status} ${body.slice(0, 300)}`;
  if (status >= 500) throw new Finding(`answers ${status}`, at);
  if (headers.get('x-correlation-id') === undefined) throw new Finding(`${status} without correlation id`, at);
  for (const secret of never) if (body.includes(secret)) throw new Finding('an answer repeats a secret', at);
  if (status < 400) return;
  if (headers.get('content-type')?.startsWith('application/problem+json') !== true) throw new Finding(`${status} is no problem`, `${String(headers.get('content-type'))} ${at}`);
  if (headless) return;
  if (body.includes(CANARY)) throw new Finding(`${status} repeats the body`, at);
  if (body.length > LONGEST_REFUSAL) throw new Finding('a refusal without bounds', `${body.length} characters: ${at}`);
  const parsed = problem.safeParse(parseOrNothing(body));
  if (!parsed.success) throw new Finding(`${status} is no problem`, `${parsed.error.issues[0]?.path.join('.') ?? ''} ${at}`);
  if (parsed.data.status !== status) throw new Finding('a problem of another status', at);
}

/** Judges that there was an answer, and in time. */
export function judgeExchange({ answers, closed, rest, ms }: Exchange, headless = false): void {
  if (!closed || ms > PATIENCE_MS) throw new Finding('takes too long', `${Math.round(ms)} ms, ${answers.length} answers`);
  if (answers.length === 0) throw new Finding('no answer', rest);
  // What is no request to the parser is answered with words, also where it would have been a HEAD.
  if (rest !== '' && !(headless && answers[0]?.status === 400)) throw new Finding('says what is no HTTP', rest);
}

function parseOrNothing(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined; // the schema says that it is none
  }
}
