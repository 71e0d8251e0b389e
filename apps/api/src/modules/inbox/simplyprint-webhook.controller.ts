import { DomainError } from '@forma3d/kernel';
import { Logger, Public } from '@forma3d/platform';
import { parseSimplyPrintWebhook, verifySimplyPrintSecret } from '@forma3d/simplyprint';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Stores } from '../access';
import { Connections } from '../connections';
import { Inbox } from './inbox';
import { rawBody, requireJson, requireObject, type WebhookRequest } from './webhook-request';

/** SimplyPrint's deliveries in. They name no store: it is the one whose secret they carry. */
@ApiTags('Webhooks')
@Controller('webhooks/simplyprint')
@Public()
export class SimplyPrintWebhookController {
  constructor(
    private readonly inbox: Inbox,
    @Inject(Stores) private readonly stores: Pick<Stores, 'all'>,
    @Inject(Connections) private readonly connections: Pick<Connections, 'webhookSecrets'>,
    @Inject(Logger) private readonly logger: Pick<Logger, 'error'>,
  ) {}

  @Post()
  @HttpCode(200)
  @ApiHeader({ name: 'X-SP-Secret', description: 'SIMPLYPRINT_WEBHOOK_SECRET; the older X-SP-Token is taken too.' })
  @ApiOperation({ summary: 'Take a SimplyPrint delivery (secret in X-SP-Secret or X-SP-Token)' })
  @ApiBody({ schema: { type: 'object', description: 'As SimplyPrint sends it.' } })
  @ApiResponse({ status: 200, description: 'Stored, now or before.', schema: { type: 'object', example: { stored: true } } })
  @ApiResponse({ status: 400, description: 'The body is none of SimplyPrint.' })
  @ApiResponse({ status: 401, description: 'The secret is missing or wrong, or none is configured.' })
  @ApiResponse({ status: 415, description: 'The body is not JSON.' })
  @ApiResponse({ status: 503, description: 'Not stored; send it again.' })
  async take(@Req() request: WebhookRequest): Promise<{ stored: true }> {
    requireJson(request);
    const storeId = await this.storeOf(request);
    if (storeId === undefined) throw new DomainError('unauthorized', 'The secret is missing or wrong.');
    requireObject(request);
    const body = rawBody(request);
    const delivery = parseSimplyPrintWebhook(body);
    try {
      await this.inbox.store({
        storeId,
        source: 'simplyprint',
        topic: delivery.event,
        dedupeKey: delivery.dedupeKey,
        eventId: null,
        apiVersion: null,
        triggeredAt: delivery.timestamp,
        body,
        correlationId: `sp-${delivery.dedupeKey}`,
      });
    } catch (error) {
      this.logger.error({ err: error, event: delivery.event }, 'a SimplyPrint delivery could not be stored');
      throw new DomainError('not-ready', 'The delivery could not be stored; send it again.');
    }
    return { stored: true };
  }

  /** All secrets are compared, so that the time says nothing about which one was close. */
  private async storeOf(request: WebhookRequest): Promise<string | undefined> {
    let found: string | undefined;
    for (const store of await this.stores.all()) {
      const { simplyprint: secrets } = await this.connections.webhookSecrets(store.id);
      for (const secret of secrets) {
        if (verifySimplyPrintSecret(request.headers, secret)) found ??= store.id;
      }
    }
    return found;
  }
}
