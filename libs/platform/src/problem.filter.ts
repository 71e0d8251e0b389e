import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import * as Sentry from '@sentry/nestjs';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { problemOf } from './problem';
import { SECURITY_HEADERS } from './security-headers';

/** A restarted PostgreSQL is back within seconds; who asks too early just asks once more. */
const RETRY_AFTER_S = '5';

/** Every refusal and failure leaves as RFC 9457 `application/problem+json`. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: PinoLogger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const { body, unexpected, trouble } = problemOf(error, request.id);
    if (unexpected) {
      this.logger.error({ err: error, method: request.method, path: request.url.split('?')[0] }, 'a request failed unexpectedly');
      Sentry.captureException(error);
    }
    if (trouble) this.logger.warn({ err: trouble }, 'the database could not serve a request');
    if (body.status === 503) void reply.header('retry-after', RETRY_AFTER_S);
    // An address that no router can read comes here past the hooks that set them.
    void reply.headers({ 'x-correlation-id': request.id, ...SECURITY_HEADERS });
    if (error instanceof HttpException && body.status === 429) void reply.header('retry-after', '1');
    void reply.status(body.status).type('application/problem+json').send(body);
  }
}
