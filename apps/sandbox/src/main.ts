import { startSandbox } from './sandbox';
import { BadSettings, readSettings } from './settings';

/** The sandbox as a process of its own: `SANDBOX_…` settings from the environment, until SIGINT or SIGTERM. */
async function main(): Promise<void> {
  const sandbox = await startSandbox(readSettings(process.env));
  process.stdout.write(`sandbox: ${sandbox.url} (mail on port ${sandbox.smtpPort})\n`);
  let stopping = false;
  const stop = () => {
    if (stopping) return;
    stopping = true;
    sandbox.stop().then(
      () => process.exit(0),
      (error: unknown) => fail(error),
    );
  };
  process.on('SIGINT', stop);
  process.on('SIGTERM', stop);
}

function fail(error: unknown): void {
  const taken = error instanceof Error && 'code' in error && error.code === 'EADDRINUSE';
  const reason = error instanceof Error ? error.message : String(error);
  process.stderr.write(`${error instanceof BadSettings ? reason : taken ? `A port of the sandbox is taken: ${reason}` : `The sandbox failed: ${reason}`}\n`);
  process.exit(1);
}

main().catch(fail);
