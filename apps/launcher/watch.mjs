/** `npm run dev`: builds what was changed and starts again what it belongs to. */
import { build, sourcesNow } from './build.mjs';
import { say } from './terminal.mjs';

/**
 * How often the sources are looked at: a look takes some ten milliseconds. Asking the system to tell of changes instead is not reliable
 * (Node 20 on Linux loses a file that an editor replaces).
 */
const EVERY_MS = 300;

/** @returns {{ close: () => void }} */
export function watchSources(children) {
  let built = sourcesNow();
  let seen = built;
  let busy = false;
  const timer = setInterval(async () => {
    if (busy) return;
    const now = sourcesNow();
    const settled = now === seen; // several files saved one after the other count as one change
    seen = now;
    if (!settled || now === built) return;
    busy = true;
    built = now;
    await rebuild(children);
    busy = false;
  }, EVERY_MS);
  return { close: () => clearInterval(timer) };
}

async function rebuild(children) {
  try {
    const { compiled, removed } = await build();
    const touched = [...compiled, ...removed];
    for (const child of children) {
      if (!touched.some((file) => file.startsWith('libs') || file.startsWith(`apps/${child.name}`))) continue;
      await child.restart();
      say(`↻ ${child.name} started again (${touched.length === 1 ? touched[0] : `${touched.length} files`})`);
    }
  } catch (error) {
    say(error.message); // most often a half-typed file: the next change tries again
  }
}
