import './instrument';
import 'reflect-metadata';
import { BadSettings, Disagreement, Logger, readConfig } from '@forma3d/platform';
import { createApp } from './app';

async function start(): Promise<void> {
  const config = readConfig(process.env);
  const app = await createApp(config);
  await app.listen(config.port, config.host);
  app.get(Logger).log({ url: await app.getUrl() }, 'Forma3D Connect is listening');
}

start().catch((error: unknown) => {
  // What an operator can put right is said in words, without a stack.
  const expected = error instanceof BadSettings || error instanceof Disagreement;
  process.stderr.write(`${expected || !(error instanceof Error) ? String(expected ? (error as Error).message : error) : (error.stack ?? error.message)}\n`);
  process.exitCode = 1;
  // Whatever the half-built application still holds open must not keep the process alive.
  setTimeout(() => process.exit(1), 1_000).unref();
});
