import { Module, type DynamicModule } from '@nestjs/common';
import { PlatformModule, type Config, type PlatformOptions } from '@forma3d/platform';
import { AccessModule } from './modules/access';
import { AttentionModule } from './modules/attention';
import { ConnectionsModule } from './modules/connections';
import { RetryQueueModule } from './modules/retry-queue';

/** The table of contents: every module of the API, from the ground up. */
const MODULES = [AccessModule, ConnectionsModule, AttentionModule, RetryQueueModule];

@Module({})
export class AppModule {
  static forRoot(config: Config, options?: PlatformOptions): DynamicModule {
    return { module: AppModule, imports: [PlatformModule.forRoot(config, options), ...MODULES] };
  }
}
