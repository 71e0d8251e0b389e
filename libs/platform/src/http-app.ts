import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { INestApplication, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance } from 'fastify';
import { PinoLogger } from 'nestjs-pino';
import { withScope } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { canonicalUrl } from './aliases';
import { BODY_LIMIT, isWebhook, limitBody, parseBodies, unreadableBody } from './body-parsing';
import { FrameworkLog } from './framework-log';
import { KnownRoutes } from './known-routes';
import { serveOpenApi } from './openapi';
import { Patience } from './patience';
import { isHostUnclear, refuseAddress, refuseConnection, refuseExpectation } from './refuse-early';
import { SECURITY_HEADERS } from './security-headers';
import { SERVER_TIMES } from './server-times';

export type HttpApp = NestFastifyApplication & INestApplication;

/** Requests that take longer are worth a line in the log. */
const SLOW_MS = 1_000;

const CORRELATION_ID = /^[A-Za-z0-9_-]{1,64}$/;

/** How long requests that run may take once the server ends; one that never arrives as a whole does not keep the process. */
const FAREWELL_MS = 5_000;

/** Everything that a request causes carries its correlation id. */
function inScopeOf(request: { id: string }, next: () => void): void {
  withScope({ correlationId: request.id, causationId: null, actor: 'anonymous', task: null, transaction: null }, next);
}

/**
 * Builds the HTTP application around a root module: raw bodies, limits, correlation ids and their scope, aliases, security
 * headers, request log, OpenAPI. It is initialised, not listening. Rejects when a module cannot be built or handlers and
 * contracts disagree.
 */
export async function createHttpApp(root: Type | DynamicModule): Promise<HttpApp> {
  const adapter = new FastifyAdapter({
    genReqId: (request: { headers: Record<string, string | string[] | undefined> }) => {
      const given = request.headers['x-correlation-id'];
      return typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
    },
    bodyLimit: BODY_LIMIT,
    trustProxy: 'loopback',
    routerOptions: { maxParamLength: 500 },
    rewriteUrl: (request: IncomingMessage) => canonicalUrl(request.url ?? '/'),
    forceCloseConnections: 'idle',
    // What comes on connections that still stand is served: everything it needs ends after the server.
    return503OnClosing: false,
    requestTimeout: SERVER_TIMES.requestTimeout,
    // Refused below, with a problem; Node's own refusal says nothing.
    http: { requireHostHeader: false, ...SERVER_TIMES },
    frameworkErrors: refuseAddress,
    clientErrorHandler: refuseConnection,
  });
  const fastify = adapter.getInstance<FastifyInstance>();
  fastify.server.on('checkExpectation', refuseExpectation);
  parseBodies(fastify);
  const routes = new KnownRoutes();
  fastify.addHook('onRoute', (route) => {
    limitBody(route);
    routes.add(route);
  });
  // Nest says nothing before the logger of the application stands; what goes wrong until then is thrown.
  const app: HttpApp = await NestFactory.create<NestFastifyApplication>(root, adapter, { bodyParser: false, logger: false, abortOnError: false });
  const logger = await app.resolve(PinoLogger);
  app.useLogger(new FrameworkLog(logger));

  fastify.addHook('onRequest', (request, reply, next) => {
    void reply.header('x-correlation-id', request.id);
    void reply.headers(SECURITY_HEADERS);
    if (isHostUnclear(request.raw)) {
      next(new DomainError('malformed', 'The request must name one host.'));
      return;
    }
    const allowed = request.is404 ? routes.methodsAt(request.url) : [];
    // An address that takes this method is refused for another reason: it is no address for the router.
    if (allowed.length > 0 && !allowed.includes(request.method)) {
      void reply.header('allow', allowed.join(', '));
      next(new DomainError('method-not-allowed', 'This address does not take that method.'));
      return;
    }
    const unreadable = request.is404 ? undefined : unreadableBody(request);
    if (unreadable) next(unreadable);
    else inScopeOf(request, next);
  });
  const patience = new Patience();
  fastify.addHook('preClose', (done) => {
    setTimeout(() => { fastify.server.closeAllConnections(); }, FAREWELL_MS).unref();
    done();
  });
  fastify.addHook('onClose', (_instance, done) => {
    patience.close();
    done();
  });
  // A body arrives as stream events of the connection, outside the scope of the request: enter it again.
  fastify.addHook('preValidation', (request, reply, next) => {
    patience.begin(reply, isWebhook(request.url));
    inScopeOf(request, next);
  });
  fastify.addHook('onResponse', (request, reply, next) => {
    patience.end(reply);
    const ms = Math.round(reply.elapsedTime);
    const facts = { correlation_id: request.id, method: request.method, path: request.url.split('?')[0], status: reply.statusCode, ms };
    if (reply.statusCode >= 400 || ms > SLOW_MS) logger.info(facts, 'request');
    else logger.debug(facts, 'request');
    next();
  });

  app.setGlobalPrefix('api/v1', { exclude: ['webhooks/*path', 'health/*path'] });
  serveOpenApi(app, fastify);
  await app.init();
  return app;
}
