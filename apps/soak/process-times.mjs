/** How much processor time somebody took: Linux tells it in /proc; elsewhere it is not known. */
import fs from 'node:fs';

const TICKS_PER_S = 100; // USER_HZ, the same on every Linux

/** Seconds of one process so far, and of its children that have ended; 0 where that cannot be known. */
export function processorSeconds(pid) {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / TICKS_PER_S;
  } catch {
    return 0; // gone, or no Linux
  }
}

/** Of a process and every child that is still running: PostgreSQL has one for each connection. */
export function familySeconds(pid) {
  return processorSeconds(pid) + childrenOf(pid).reduce((sum, child) => sum + processorSeconds(child), 0);
}

function childrenOf(pid) {
  try {
    return fs.readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').filter(Boolean);
  } catch {
    return [];
  }
}
