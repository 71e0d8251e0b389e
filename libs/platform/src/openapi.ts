import { readFileSync } from 'node:fs';
import path from 'node:path';
import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import type { FastifyInstance } from 'fastify';
import getAbsoluteFSPath from 'swagger-ui-dist/absolute-path.js';
import { tidyOpenApi } from './openapi-named-schemas';
import { completeOperations } from './openapi-operations';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Forma3D Connect API</title>
    <link rel="stylesheet" href="/api/docs/swagger-ui.css">
    <link rel="icon" type="image/png" href="/api/docs/favicon-32x32.png">
  </head>
  <body>
    <div id="docs"></div>
    <script src="/api/docs/swagger-ui-bundle.js"></script>
    <script src="/api/docs/start.js"></script>
  </body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/api/docs-json', dom_id: '#docs', deepLinking: true, displayRequestDuration: true, persistAuthorization: true });\n`;

/** The page has no inline script, so that nothing else may run in it; the bundle sets styles on elements. */
const POLICY = "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; frame-ancestors 'none'";

const ASSETS = { 'swagger-ui.css': 'text/css', 'swagger-ui-bundle.js': 'text/javascript', 'favicon-32x32.png': 'image/png' };

/**
 * OpenAPI 3.1 of every route: a page at /api/docs, the document at /api/docs-json. Served by five routes of our own: the library's way
 * brings a static file server, and a page with inline scripts, for the same four files.
 */
export function serveOpenApi(app: INestApplication, fastify: FastifyInstance): void {
  let document: string | undefined;
  fastify.get('/api/docs-json', (_request, reply) => {
    document ??= JSON.stringify(openApiOf(app));
    return reply.type('application/json; charset=utf-8').send(document);
  });
  fastify.get('/api/docs', (_request, reply) => reply.header('content-security-policy', POLICY).type('text/html; charset=utf-8').send(PAGE));
  // Until the dashboard is there, who opens the product, or follows the link of a mail, finds what there is to see.
  for (const address of ['/', '/app', '/app/*']) fastify.get(address, (_request, reply) => reply.redirect('/api/docs'));
  fastify.get('/api/docs/start.js', (_request, reply) => reply.type('text/javascript').send(START));
  for (const [name, type] of Object.entries(ASSETS)) {
    let content: Buffer | undefined;
    fastify.get(`/api/docs/${name}`, (_request, reply) => {
      content ??= readFileSync(path.join(getAbsoluteFSPath(), name));
      return reply.type(type).header('cache-control', 'public, max-age=3600').send(content);
    });
  }
}

/** The document, made from the routes, the zod schemas of their bodies and answers, and what holds for all of them. */
export function openApiOf(app: INestApplication): OpenAPIObject {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Forma3D Connect')
    .setDescription(
      'Paid Shopify orders become print jobs, finished prints become Shopify fulfillments.\n\n' +
        '**Sign in**: press *Authorize* and paste the token, or send `Authorization: Bearer <token>`. It is the setting `ADMIN_TOKEN`; ' +
        '`npm start` in the sandbox makes one and shows it as *Your bearer token*.\n\n' +
        '**Lists** answer `{ data, pagination: { limit, next_cursor, has_more } }`; the next page is asked for with `cursor`. Names of parameters and ' +
        'fields that are not known are refused.\n\n' +
        '**Refusals** are RFC 9457 problems (`application/problem+json`) with a stable `code`, and with `errors` that name what is wrong in the input. Their ' +
        '`correlation_id`, also in the header `X-Correlation-Id` of every answer, finds the request in the log; send one of your own to follow it.\n\n' +
        '**Times** are ISO 8601 in UTC, **money** is in the smallest unit of its currency.\n\n' +
        'The documented paths without `/api/v1` (`/orders`, `/fulfillments`, …) are served as well.',
    )
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'opaque', description: 'The setting ADMIN_TOKEN.' }, 'bearer')
    .addSecurityRequirements('bearer')
    .build();
  return completeOperations(tidyOpenApi(SwaggerModule.createDocument(app, about)));
}
