import { Module } from '@nestjs/common';
import { Connections } from './connections';
import { WebhookSubscriptions } from './webhook-subscriptions';
import { SubscriptionCheck } from './subscription-check';

@Module({
  providers: [Connections, WebhookSubscriptions, SubscriptionCheck],
  exports: [Connections],
})
export class ConnectionsModule {}
