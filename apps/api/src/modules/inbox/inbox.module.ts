import { Module } from '@nestjs/common';
import { AccessModule } from '../access';
import { ConnectionsModule } from '../connections';
import { Inbox } from './inbox';
import { ShopifyWebhookController } from './shopify-webhook.controller';
import { SimplyPrintWebhookController } from './simplyprint-webhook.controller';

/** Webhooks exactly as they came. */
@Module({
  imports: [AccessModule, ConnectionsModule],
  controllers: [ShopifyWebhookController, SimplyPrintWebhookController],
  providers: [Inbox],
  exports: [Inbox],
})
export class InboxModule {}
