import { DomainError } from '@forma3d/kernel';
import { Logger, Public } from '@forma3d/platform';
import { deliveryHeaders, verifyWebhook } from '@forma3d/shopify';
import { Controller, HttpCode, Inject, Post, Req } from '@nestjs/common';
import { ApiBody, ApiHeader, ApiOperation, ApiResponse, ApiTags } from '@nestjs/swagger';
import { Stores } from '../access';
import { Connections } from '../connections';
import { Inbox } from './inbox';
import { rawBody, requireHeader, requireJson, requireObject, type WebhookRequest } from './webhook-request';

/** Shopify's deliveries in: verified over the bytes as they came, stored, answered; processed afterwards. */
@ApiTags('Webhooks')
@Controller('webhooks/shopify')
@Public()
export class ShopifyWebhookController {
  constructor(
    private readonly inbox: Inbox,
    @Inject(Stores) private readonly stores: Pick<Stores, 'byShopDomain'>,
    @Inject(Connections) private readonly connections: Pick<Connections, 'webhookSecrets' | 'sawDelivery'>,
    @Inject(Logger) private readonly logger: Pick<Logger, 'error'>,
  ) {}

  /** 200 means stored, also for one that was stored before; Shopify sends again what is answered otherwise. */
  @Post()
  @HttpCode(200)
  @ApiHeader({ name: 'X-Shopify-Hmac-Sha256', description: 'Base64 HMAC-SHA256 of the body, with a secret of SHOPIFY_WEBHOOK_SECRETS.' })
  @ApiHeader({ name: 'X-Shopify-Shop-Domain', description: 'something.myshopify.com' })
  @ApiHeader({ name: 'X-Shopify-Webhook-Id', description: 'The same id is the same delivery.' })
  @ApiHeader({ name: 'X-Shopify-Topic', description: 'orders/create, …' })
  @ApiOperation({ summary: 'Take a signed Shopify delivery' })
  @ApiBody({ schema: { type: 'object', description: 'As Shopify sends it.' } })
  @ApiResponse({ status: 200, description: 'Stored, now or before.', schema: { type: 'object', example: { stored: true } } })
  @ApiResponse({ status: 400, description: 'A header is missing, or the body is not a JSON object.' })
  @ApiResponse({ status: 401, description: 'The signature is missing or wrong.' })
  @ApiResponse({ status: 404, description: 'No store has this shop domain.' })
  @ApiResponse({ status: 413, description: 'The body is too large.' })
  @ApiResponse({ status: 415, description: 'The body is not JSON.' })
  @ApiResponse({ status: 503, description: 'Not stored; send it again.' })
  async take(@Req() request: WebhookRequest): Promise<{ stored: true }> {
    requireJson(request);
    const headers = deliveryHeaders(request.headers);
    if (headers.hmac === null) throw unauthorized();
    const domain = requireHeader(headers.shopDomain, 'X-Shopify-Shop-Domain');
    const store = await this.stores.byShopDomain(domain);
    if (!store) throw new DomainError('store-not-found', 'No store has this shop domain.');
    const { shopify: secrets } = await this.connections.webhookSecrets(store.id);
    const body = rawBody(request);
    if (!verifyWebhook(body, headers.hmac, secrets)) throw unauthorized();
    const webhookId = requireHeader(headers.webhookId, 'X-Shopify-Webhook-Id');
    const topic = requireHeader(headers.topic, 'X-Shopify-Topic').toLowerCase();
    requireObject(request);
    try {
      await this.inbox.store({
        storeId: store.id,
        source: 'shopify',
        topic,
        dedupeKey: webhookId,
        eventId: headers.eventId,
        apiVersion: headers.apiVersion,
        triggeredAt: headers.triggeredAt,
        body,
        correlationId: `wh-${webhookId}`,
      });
    } catch (error) {
      this.logger.error({ err: error, webhook_id: webhookId }, 'a Shopify delivery could not be stored');
      throw new DomainError('not-ready', 'The delivery could not be stored; send it again.');
    }
    this.connections.sawDelivery(store.id, headers.apiVersion);
    return { stored: true };
  }
}

function unauthorized(): DomainError {
  return new DomainError('unauthorized', 'The signature is missing or wrong.');
}
