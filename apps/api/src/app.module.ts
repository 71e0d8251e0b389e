import { Module, type DynamicModule } from '@nestjs/common';
import { PlatformModule, type Config, type PlatformOptions } from '@forma3d/platform';
import { AccessModule } from './modules/access';
import { AttentionModule } from './modules/attention';
import { CancellationModule } from './modules/cancellation';
import { ConnectionsModule } from './modules/connections';
import { FulfillmentModule } from './modules/fulfillment';
import { InboxModule } from './modules/inbox';
import { InstallationModule } from './modules/installation';
import { MirrorModule } from './modules/mirror';
import { NotificationsModule } from './modules/notifications';
import { OrdersModule } from './modules/orders';
import { PrivacyModule } from './modules/privacy';
import { PrintJobsModule } from './modules/print-jobs';
import { ProductMappingsModule } from './modules/product-mappings';
import { RetryQueueModule } from './modules/retry-queue';

/** The table of contents: every module of the API, from the ground up. */
const MODULES = [
  AccessModule,
  ConnectionsModule,
  InboxModule,
  MirrorModule,
  AttentionModule,
  RetryQueueModule,
  OrdersModule,
  InstallationModule,
  PrivacyModule,
  ProductMappingsModule,
  PrintJobsModule,
  FulfillmentModule,
  CancellationModule,
  NotificationsModule,
];

@Module({})
export class AppModule {
  static forRoot(config: Config, options?: PlatformOptions): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.forRoot(config, options), ...MODULES] };
  }
}
