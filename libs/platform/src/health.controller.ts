import { Controller, Get, Res } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiServiceUnavailableResponse, ApiTags } from '@nestjs/swagger';
import type { FastifyReply } from 'fastify';
import { Health, type Readiness } from './health';
import { Public } from './public';

@ApiTags('Operations')
@Public()
@Controller('health')
export class HealthController {
  constructor(private readonly health: Health) {}

  @Get('live')
  @ApiOperation({ summary: 'The process runs' })
  @ApiOkResponse({ schema: { example: { status: 'ok' } } })
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('ready')
  @ApiOperation({ summary: 'The process can serve', description: '`degraded` still serves; `not-ready` (503) does not.' })
  @ApiOkResponse({ schema: { example: { status: 'ok', checks: { database: { status: 'ok' }, queue: { status: 'ok', lag_ms: 0 } } } } })
  @ApiServiceUnavailableResponse({
    description: 'The database cannot be reached, or the process is stopping.',
    content: { 'application/json': { example: { status: 'not-ready', checks: { database: { status: 'failed', detail: 'cannot be reached' } } } } },
  })
  async ready(@Res({ passthrough: true }) reply: FastifyReply): Promise<Readiness> {
    const readiness = await this.health.readiness();
    void reply.status(readiness.status === 'not-ready' ? 503 : 200);
    return readiness;
  }
}
