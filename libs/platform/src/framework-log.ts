import type { LoggerService } from '@nestjs/common';
import type { PinoLogger } from 'nestjs-pino';

/**
 * What Nest says of itself, in the log of the product. Its reports of building modules and mapping routes are for who debugs the
 * building: they are debug lines.
 */
export class FrameworkLog implements LoggerService {
  constructor(private readonly pino: Pick<PinoLogger, 'debug' | 'trace' | 'warn' | 'error' | 'fatal'>) {}

  log(message: unknown, ...more: unknown[]): void {
    this.pino.debug(...said(message, more));
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.pino.debug(...said(message, more));
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.pino.trace(...said(message, more));
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.pino.warn(...said(message, more));
  }

  error(message: unknown, ...more: unknown[]): void {
    this.pino.error(...said(message, more));
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.pino.fatal(...said(message, more));
  }
}

/** Nest gives the part of itself that speaks last; before it, for errors, a stack. */
function said(message: unknown, more: unknown[]): [object, string] {
  const context = more.at(-1);
  const facts = { context: typeof context === 'string' ? context : 'Nest' };
  if (message instanceof Error) return [{ ...facts, err: message }, message.message];
  const [stack] = more.slice(0, -1);
  const words = typeof message === 'string' ? message : JSON.stringify(message);
  return [typeof stack === 'string' ? { ...facts, stack } : facts, words];
}
