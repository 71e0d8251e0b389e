import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { INestApplication, Type, DynamicModule } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import { Logger, PinoLogger } from 'nestjs-pino';
import { withScope } from '@forma3d/database';
import { canonicalUrl } from './aliases';
import { serveOpenApi } from './openapi';

export type HttpApp = NestFastifyApplication & INestApplication;

const KIB = 1024;
const BODY_LIMIT = 1024 * KIB;
const WEBHOOK_BODY_LIMIT = 2 * 1024 * KIB;
/** Requests that take longer are worth a line in the log. */
const SLOW_MS = 1_000;

const CORRELATION_ID = /^[A-Za-z0-9_-]{1,64}$/;

const SECURITY_HEADERS = {
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};
/** The documentation is a page with scripts and styles of its own. */
const DOCS_POLICY = "default-src 'self'; script-src 'self' 'unsafe-inline'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'";

/** Bodies of webhooks may be larger; Fastify takes limits per route, so Nest's routes get theirs as they are registered. */
function limitByRoute(route: { url: string; bodyLimit?: number }): void {
  if (route.url.startsWith('/webhooks/')) route.bodyLimit = WEBHOOK_BODY_LIMIT;
}

/**
 * Builds the HTTP application around a root module: raw bodies, limits, correlation ids and their scope, aliases, security
 * headers, request log, OpenAPI, graceful end. It is initialised, not listening. Rejects when a module cannot be built or handlers and
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
  });
  const fastify = adapter.getInstance();
  fastify.addHook('onRoute', limitByRoute);
  const app: HttpApp = await NestFactory.create<NestFastifyApplication>(root, adapter, { rawBody: true, bufferLogs: true, abortOnError: false });
  app.useLogger(app.get(Logger));
  const logger = await app.resolve(PinoLogger);

  fastify.addHook('onRequest', (request, reply, next) => {
    void reply.header('x-correlation-id', request.id);
    void reply.headers(SECURITY_HEADERS);
    if (request.url.startsWith('/api/docs')) void reply.header('content-security-policy', DOCS_POLICY);
    withScope({ correlationId: request.id, causationId: null, actor: 'anonymous', task: null, transaction: null }, next);
  });
  // A body arrives as stream events of the connection, outside the scope of the request: enter it again.
  fastify.addHook('preValidation', (request, _reply, next) => {
    withScope({ correlationId: request.id, causationId: null, actor: 'anonymous', task: null, transaction: null }, next);
  });
  fastify.addHook('onResponse', (request, reply, next) => {
    const ms = Math.round(reply.elapsedTime);
    const facts = { correlation_id: request.id, method: request.method, path: request.url.split('?')[0], status: reply.statusCode, ms };
    if (reply.statusCode >= 400 || ms > SLOW_MS) logger.info(facts, 'request');
    else logger.debug(facts, 'request');
    next();
  });

  app.setGlobalPrefix('api/v1', { exclude: ['webhooks/*path', 'health/*path'] });
  serveOpenApi(app);
  app.enableShutdownHooks(['SIGTERM', 'SIGINT']);
  await app.init();
  return app;
}
