import { Body, Controller, Get, Patch, Post, Req, type RawBodyRequest } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { createZodDto } from 'nestjs-zod';
import { z } from 'zod';
import { currentScope, Database } from '@forma3d/database';
import { DomainError } from '@forma3d/kernel';
import { CurrentStore, Public, TakesCsv, UuidParam } from './index';

class Thing extends createZodDto(z.object({ name: z.string().min(1), size: z.object({ width: z.number().int() }) })) {}

@Controller('orders')
export class OrdersController {
  constructor(private readonly db: Database) {}

  @Get(':id')
  get(@UuidParam('id') id: string, @CurrentStore() storeId: string) {
    return { id, store_id: storeId, actor: currentScope().actor, correlation_id: currentScope().correlationId };
  }

  @Patch(':id/status')
  move(): never {
    throw new DomainError('illegal-transition', 'A shipped order stays shipped.', { status: 'shipped', allowed_transitions: ['delivered'] });
  }

  @Post()
  create(@Body() body: Thing) {
    return { name: body.name, correlation_id: currentScope().correlationId };
  }

  @Post('file')
  @TakesCsv(2 * 1024 * 1024)
  file(@Body() text: unknown) {
    return { text: typeof text === 'string' ? text.slice(0, 20) : 'none', correlation_id: currentScope().correlationId };
  }

  @Get('broken/secretly')
  broken(): never {
    throw new Error('the password is hunter2');
  }

  @Get('broken/database')
  async brokenDatabase() {
    const lost = new Database({ url: 'postgresql://127.0.0.1:1/none', connectTimeoutMs: 500 });
    try {
      await lost.sql`SELECT 1`;
    } finally {
      await lost.close();
    }
    return this.db.settings.max;
  }
}

@Public()
@Controller('webhooks')
export class WebhooksController {
  @Post('shopify')
  receive(@Req() request: RawBodyRequest<FastifyRequest>) {
    return { bytes: request.rawBody?.length, correlation_id: currentScope().correlationId };
  }
}
