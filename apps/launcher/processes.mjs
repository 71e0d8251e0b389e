/** Knowing a process again: a pid alone is soon another program's. */
import { execFileSync } from 'node:child_process';
import fs from 'node:fs';

/**
 * Something that no other process with this pid ever has; null when there is no such process. On Linux the start time in ticks and
 * the boot it belongs to; elsewhere the start time as the system tells it.
 */
export function identityOf(pid) {
  try {
    if (process.platform === 'linux') {
      const stat = fs.readFileSync(`/proc/${pid}/stat`, 'utf8');
      const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' '); // the name in brackets may hold anything
      if (fields[0] === 'Z') return null; // dead, and only not yet fetched by its parent
      return `${fs.readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()}/${fields[19]}`;
    }
    const [command, args] = process.platform === 'win32'
      ? ['powershell', ['-NoProfile', '-Command', `(Get-Process -Id ${pid}).StartTime.Ticks`]]
      : ['ps', ['-o', 'lstart=', '-p', String(pid)]];
    return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'], windowsHide: true }).trim() || null;
  } catch {
    return null; // no such process
  }
}

export const describeProcess = (pid) => ({ pid, identity: identityOf(pid) });

/** Whether the process described earlier is still the same and running. */
export const isRunning = ({ pid, identity }) => identity !== null && identityOf(pid) === identity;

/** Asks a process to end and, after `patienceMs`, ends it. Resolves when it is gone. */
export async function endProcess(described, patienceMs) {
  const signal = (name) => {
    try {
      process.kill(described.pid, name);
    } catch (error) {
      if (error.code !== 'ESRCH') throw error;
    }
  };
  if (!isRunning(described)) return;
  signal('SIGTERM');
  const deadline = performance.now() + patienceMs;
  while (isRunning(described)) {
    if (performance.now() > deadline) signal('SIGKILL');
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
