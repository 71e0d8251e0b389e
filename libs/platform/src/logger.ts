import { Injectable } from '@nestjs/common';
import { PinoLogger } from 'nestjs-pino';

/**
 * The log of the product: facts first, then what happened in plain words. Correlation id and task are added by themselves; an error stands
 * under `err`. No personal data, no secrets, no bodies.
 *
 *     this.logger.warn({ store_id, order_id, err: error }, 'the sweep failed; the next one tries again')
 */
@Injectable()
export class Logger {
  constructor(private readonly pino: PinoLogger) {}

  debug(facts: object, message: string): void {
    this.pino.debug(facts, message);
  }

  log(facts: object, message: string): void {
    this.pino.info(facts, message);
  }

  warn(facts: object, message: string): void {
    this.pino.warn(facts, message);
  }

  error(facts: object, message: string): void {
    this.pino.error(facts, message);
  }
}
