import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';

const MIB = 1024 * 1024;

/** Memory that a process holds, in MiB. Null where neither the system's files nor `ps` tell. */
export async function residentMiB(pid: number): Promise<number | null> {
  try {
    const kib = /^VmRSS:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    if (kib !== undefined) return Number(kib) / 1024;
  } catch {
    // Another system than Linux: ask `ps`.
  }
  const { stdout } = await promisify(execFile)('ps', ['-o', 'rss=', '-p', String(pid)]).catch(() => ({ stdout: '' }));
  return stdout.trim() === '' ? null : (Number(stdout) * 1024) / MIB;
}

export interface Pulse {
  /** The longest that anybody else had to wait, in milliseconds. */
  longestMs: number;
  failures: string[];
  end(): Promise<void>;
}

/** Asks for the server's health all the time, as everybody else's requests would: whoever holds up its loop holds up these. */
export function feelPulse(url: string): Pulse {
  let going = true;
  const pulse: Pulse = {
    longestMs: 0,
    failures: [],
    end: async () => {
      going = false;
      await beating;
    },
  };
  const beating = (async () => {
    while (going) {
      const from = performance.now();
      try {
        const { status } = await fetch(`${url}/health/live`, { signal: AbortSignal.timeout(60_000) });
        if (status !== 200) pulse.failures.push(`${status}`);
      } catch (error) {
        pulse.failures.push(String(error));
      }
      pulse.longestMs = Math.max(pulse.longestMs, performance.now() - from);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  })();
  return pulse;
}
