/** HTTP with JSON, and waiting for what comes. */
import { setTimeout as wait } from 'node:timers/promises';

/** An answer other than 2xx. */
export class Refused extends Error {
  constructor(call, status, body) {
    super(`${call}: ${status} ${typeof body === 'string' ? body.slice(0, 200) : (body.error ?? body.detail ?? JSON.stringify(body).slice(0, 200))}`);
    this.status = status;
    this.body = body;
  }
}

/** @returns {(method: string, path: string, body?: unknown) => Promise<any>} rejects with {@link Refused}, or when nobody answers */
export function callerOf(base, headers = {}) {
  return async (method, path, body) => {
    const answer = await fetch(`${base}/${path}`, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(30_000),
    });
    const text = await answer.text();
    const json = answer.headers.get('content-type')?.includes('json') ? JSON.parse(text) : text;
    if (!answer.ok) throw new Refused(`${method} ${path}`, answer.status, json);
    return json;
  };
}

/** Asks until the answer is truthy; what fails counts as not yet. */
export async function until(what, ask, timeoutMs, everyMs = 100) {
  const end = performance.now() + timeoutMs;
  let last;
  for (;;) {
    try {
      const answer = await ask();
      if (answer) return answer;
    } catch (error) {
      last = error;
    }
    if (performance.now() > end) throw new Error(`${what}: not within ${timeoutMs / 1000} s${last ? ` (${last.message})` : ''}`);
    await wait(everyMs);
  }
}
