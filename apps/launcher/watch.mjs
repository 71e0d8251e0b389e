/** `npm run dev`: builds what was changed and starts again what it belongs to. */
import fs from 'node:fs';
import { build } from './build.mjs';
import { inRoot } from './place.mjs';
import { say } from './terminal.mjs';

/** Long enough for an editor's several writes of one file to count as one. */
const SETTLE_MS = 150;

/** @returns {{ close: () => void }} */
export function watchSources(children) {
  let timer;
  let turn = Promise.resolve();
  const onChange = (_event, file) => {
    if (file?.includes('generated') || /\.spec\.tsx?$/.test(file ?? '')) return;
    clearTimeout(timer);
    timer = setTimeout(() => (turn = turn.then(() => rebuild(children))), SETTLE_MS);
  };
  const watchers = ['apps/api', 'apps/sandbox', 'libs', 'prisma/schema'].map((folder) => fs.watch(inRoot(folder), { recursive: true }, onChange));
  return {
    close: () => {
      clearTimeout(timer);
      for (const watcher of watchers) watcher.close();
    },
  };
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
