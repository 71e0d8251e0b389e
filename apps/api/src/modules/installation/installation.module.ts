import { Module } from '@nestjs/common';
import { AccessModule } from '../access';
import { AttentionModule } from '../attention';
import { ConnectionsModule } from '../connections';
import { InboxModule } from '../inbox';
import { ApiVersion } from './api-version';
import { AppUninstalled } from './app-uninstalled';
import { InstallationController } from './installation.controller';
import { InstallationViews } from './installation-views';
import { Reinstalled } from './reinstalled';
import { SubscriptionCheck } from './subscription-check';
import { WebhookSubscriptions } from './webhook-subscriptions';

/** How we stand with the systems outside: installed in the shop or not, subscribed to what, in which version of the API. */
@Module({
  imports: [AccessModule, AttentionModule, ConnectionsModule, InboxModule],
  controllers: [InstallationController],
  providers: [ApiVersion, AppUninstalled, InstallationViews, Reinstalled, SubscriptionCheck, WebhookSubscriptions],
})
export class InstallationModule {}
