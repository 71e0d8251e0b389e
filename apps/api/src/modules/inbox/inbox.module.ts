import { Module } from '@nestjs/common';
import { AccessModule } from '../access';
import { ConnectionsModule } from '../connections';
import { DeliveryCleanUp } from './delivery-clean-up';
import { Inbox } from './inbox';
import { ShopifyWebhookController } from './shopify-webhook.controller';
import { SimplyPrintWebhookController } from './simplyprint-webhook.controller';

/** Webhooks exactly as they came. */
@Module({
  imports: [AccessModule, ConnectionsModule],
  controllers: [ShopifyWebhookController, SimplyPrintWebhookController],
  providers: [Inbox, DeliveryCleanUp],
  exports: [Inbox],
})
export class InboxModule {}
