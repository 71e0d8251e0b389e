/** What people see of a start: one line a step, with the time it took. */
const begin = performance.now();

export const seconds = (ms) => `${(ms / 1000).toFixed(1)} s`;
export const sinceBegin = () => performance.now() - begin;

export function say(text = '') {
  process.stdout.write(`${text}\n`);
}

const mayRewrite = process.stdout.isTTY === true;

/**
 * Runs one step and says how it went. The work may answer a few words for the line, and may tell of its progress meanwhile.
 *
 * @template T
 * @param {string} name
 * @param {(progress: (words: string) => void) => Promise<{ words?: string, value?: T } | void>} work
 * @returns {Promise<T | undefined>}
 */
export async function step(name, work) {
  const from = performance.now();
  const show = (words) => process.stdout.write(`\r\x1b[K  ${name} … ${words}`);
  if (mayRewrite) show('');
  let saidAt = from;
  const progress = (words) => {
    if (mayRewrite) return show(words);
    if (performance.now() - saidAt < 5_000) return undefined; // in a log file a line now and then is enough
    saidAt = performance.now();
    return say(`  ${name} … ${words}`);
  };
  try {
    const result = await work(progress);
    const words = result?.words ? `: ${result.words}` : '';
    say(`${mayRewrite ? '\r\x1b[K' : ''}✓ ${name}${words} (${seconds(performance.now() - from)})`);
    return result?.value;
  } catch (error) {
    if (mayRewrite) process.stdout.write('\r\x1b[K');
    throw error;
  }
}

/** An end that is no defect of ours: said in plain words, without a stack. */
export class Refusal extends Error {}
