import './instrument';
import 'reflect-metadata';
import { awaitDatabase, Logger, pointsToWatch, readConfig, startFailure, type Config, type HttpApp } from '@forma3d/platform';
import { createApp } from './app';

const SIGNALS = ['SIGTERM', 'SIGINT'] as const;

async function start(): Promise<void> {
  const config = readConfig(process.env);
  if (!(await databaseIsThere(config))) return;
  const app = await createApp(config, { onPoint: pointsToWatch(process.env, config.sandbox) });
  const logger = app.get(Logger);
  endOn(SIGNALS, app, logger);
  await app.listen(config.port, config.host);
  logger.log({ url: await app.getUrl() }, 'Forma3D Connect is listening');
}

/** Waits for the database; false when a signal ended the wait, which is a success as any orderly end. */
async function databaseIsThere(config: Config): Promise<boolean> {
  const stop = new AbortController();
  const onSignal = (): void => { stop.abort(); };
  for (const signal of SIGNALS) process.on(signal, onSignal);
  try {
    await awaitDatabase(config, { signal: stop.signal });
    return true;
  } catch (error) {
    if (stop.signal.aborted) return false;
    throw error;
  } finally {
    for (const signal of SIGNALS) process.off(signal, onSignal);
  }
}

/** An orderly end is a success: requests are answered, tasks finished or handed back. A second signal ends the process as it is. */
function endOn(signals: readonly NodeJS.Signals[], app: HttpApp, logger: Logger): void {
  const end = (signal: NodeJS.Signals): void => {
    for (const each of signals) process.off(each, end);
    logger.log({ signal }, 'stopping: no new work, finishing what runs');
    app.close().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'the end was not orderly; leases bring back what was left');
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, end);
}

start().catch((error: unknown) => {
  // What an operator can put right is said in words, without a stack.
  const words = startFailure(error) ?? (error instanceof Error ? error.stack : undefined) ?? String(error);
  process.stderr.write(`${words}\n`);
  process.exitCode = 1;
  // Whatever the half-built application still holds open must not keep the process alive.
  setTimeout(() => process.exit(1), 1_000).unref();
});
