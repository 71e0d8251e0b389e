import { createHttpApp, type Config, type HttpApp, type PlatformOptions } from '@forma3d/platform';
import { AppModule } from './app.module';

/**
 * The whole API, ready but not listening; call `listen`, and `close` in the end. Tests boot it like this too, with a clock of their
 * own.
 *
 * @throws BadSettings, or Disagreement when task handlers and contracts do not agree
 */
export function createApp(config: Config, options?: PlatformOptions): Promise<HttpApp> {
  return createHttpApp(AppModule.forRoot(config, options));
}
