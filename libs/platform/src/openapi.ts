import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule } from '@nestjs/swagger';
import { cleanupOpenApiDoc } from 'nestjs-zod';

/** OpenAPI 3.1 of every route: a page at /api/docs, the document at /api/docs-json. */
export function serveOpenApi(app: INestApplication): void {
  const about = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Forma3D Connect')
    .setDescription('Paid Shopify orders become print jobs, finished prints become Shopify fulfillments.')
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'ADMIN_TOKEN' })
    .addSecurityRequirements('bearer')
    .build();
  SwaggerModule.setup('api/docs', app, () => cleanupOpenApiDoc(SwaggerModule.createDocument(app, about)), {
    jsonDocumentUrl: 'api/docs-json',
    customSiteTitle: 'Forma3D Connect API',
  });
}
