import { DatabaseTrouble } from '@forma3d/database';
import type { LogFn, Logger } from 'pino';

/** A kind of line that comes in floods is written once in this time. */
const EVERY_MS = 10_000;

/**
 * While the database is away every request, delivery and task says so. The first line of each kind is written at once, the next after a
 * while, with the number of those `left_out` between them. All other lines pass.
 *
 * @returns pino's `logMethod` hook
 */
export function calmLog(now: () => number = () => performance.now()): (this: Logger, args: Parameters<LogFn>, method: LogFn) => void {
  const said = new Map<string, { at: number; leftOut: number }>();
  return function (args, method) {
    const kind = floodOf(args);
    const last = kind === undefined ? undefined : said.get(kind);
    if (last && now() < last.at + EVERY_MS) {
      last.leftOut += 1;
      return;
    }
    if (kind !== undefined) said.set(kind, { at: now(), leftOut: 0 });
    if (last && last.leftOut > 0) {
      const [facts, ...more] = args as unknown as [object, ...unknown[]];
      Reflect.apply(method, this, [{ ...facts, left_out: last.leftOut }, ...more]);
    } else Reflect.apply(method, this, args);
  };
}

/** The kind of a line that may come in floods: trouble of the database by its words, and requests that were answered 503. */
function floodOf(args: readonly unknown[]): string | undefined {
  const [facts, message] = args;
  if (typeof facts !== 'object' || facts === null || typeof message !== 'string') return undefined;
  if ('err' in facts && facts.err instanceof DatabaseTrouble) return `${message} ${facts.err.message}`;
  return message === 'request' && 'status' in facts && facts.status === 503 ? 'request 503' : undefined;
}
