/** One start of a clone at a time. The lock of a process that is gone is taken over. */
import fs from 'node:fs';
import path from 'node:path';
import { describeProcess, isRunning } from './processes.mjs';

/**
 * @param {string} file
 * @returns {{ release: () => void } | { holder: number }} the lock, or the pid of the process that has it
 */
export function takeLock(file) {
  const mine = JSON.stringify(describeProcess(process.pid));
  const draft = `${file}.${process.pid}`;
  fs.mkdirSync(path.dirname(file), { recursive: true });
  fs.writeFileSync(draft, mine);
  try {
    for (;;) {
      try {
        fs.linkSync(draft, file); // appears with its content, or not at all
        return { release: () => releaseLock(file, mine) };
      } catch (error) {
        if (error.code !== 'EEXIST') throw error;
      }
      const found = readIfThere(file);
      if (found === null) continue; // released in this moment
      const holder = JSON.parse(found);
      if (isRunning(holder)) return { holder: holder.pid };
      setAside(file, found);
    }
  } finally {
    fs.rmSync(draft, { force: true });
  }
}

function releaseLock(file, mine) {
  if (readIfThere(file) === mine) fs.rmSync(file, { force: true });
}

/** Removes the dead holder's lock; should another process have been faster, its lock is what was moved, and goes back. */
function setAside(file, dead) {
  const aside = `${file}.${process.pid}.dead`;
  try {
    fs.renameSync(file, aside);
    if (fs.readFileSync(aside, 'utf8') !== dead) fs.linkSync(aside, file);
  } catch (error) {
    if (error.code !== 'ENOENT' && error.code !== 'EEXIST') throw error;
  } finally {
    fs.rmSync(aside, { force: true });
  }
}

function readIfThere(file) {
  try {
    return fs.readFileSync(file, 'utf8');
  } catch (error) {
    if (error.code === 'ENOENT') return null;
    throw error;
  }
}
