/** From a fresh clone to a running product, step by step, and back: what was started last ends first. */
import path from 'node:path';
import { build } from './build.mjs';
import { Child, endLeftovers } from './child.mjs';
import { startCluster } from './embedded-postgres.mjs';
import { installWhatIsMissing } from './install.mjs';
import { takeLock } from './lock.mjs';
import { migrate } from './migrate.mjs';
import { dataFolder, inRoot, postgresFolder } from './place.mjs';
import { refuseTakenPorts } from './ports.mjs';
import { describeProcess, isRunning } from './processes.mjs';
import { apiEnvironment, apiUrl, keptSecrets, readSettings, sandboxEnvironment, sandboxUrl, simulatedSides } from './settings.mjs';
import { Refusal, say, seconds, sinceBegin, step } from './terminal.mjs';
import { watchSources } from './watch.mjs';

export async function startProduct({ watch }) {
  const started = { children: [], cluster: null, guard: undefined, watcher: null };
  const ending = new AbortController();
  const lock = takeLock(path.join(dataFolder, 'start.lock'));
  if ('holder' in lock) {
    console.error(`Forma3D Connect already runs from this folder (process ${lock.holder}).`);
    process.exitCode = 1;
    return;
  }
  listenForTheEnd(ending, started);
  let failed = false;
  const fail = (error) => {
    if (failed) return; // what broke first is the reason for the rest
    failed = true;
    console.error(`\n${error instanceof Refusal ? error.message : (error.stack ?? error)}`);
    ending.abort();
  };
  try {
    await bringUp(started, ending.signal, watch, fail);
    await aborted(ending.signal);
  } catch (error) {
    if (!ending.signal.aborted) fail(error);
  }
  await bringDown(started);
  lock.release();
  process.exit(failed ? 1 : 0);
}

async function bringUp(started, signal, watch, fail) {
  await installWhatIsMissing(signal);
  const settings = readSettings();
  const sides = simulatedSides(settings);
  const left = await endLeftovers();
  if (left.length > 0) say(`✓ Ended what an earlier start left running: ${left.join(', ')}`);
  await refuseTakenPorts([
    { setting: 'PORT', host: settings.HOST, port: settings.PORT },
    ...(sides.length > 0 ? ['SANDBOX_PORT', 'SANDBOX_SMTP_PORT'].map((setting) => ({ setting, host: '127.0.0.1', port: settings[setting] })) : []),
  ]);
  signal.throwIfAborted();

  const databaseUrl = settings.DATABASE_URL ?? (await startDatabase(started, fail));
  signal.throwIfAborted();
  await step('Database', async () => {
    const applied = await migrate(databaseUrl);
    return { words: applied === 0 ? 'up to date' : `${applied} migration${applied === 1 ? '' : 's'} applied` };
  });
  signal.throwIfAborted();
  await step('Code', async () => {
    const { compiled } = await build();
    return { words: compiled.length === 0 ? 'nothing to build' : `${compiled.length} files built` };
  });
  signal.throwIfAborted();

  const secrets = sides.length > 0 ? keptSecrets() : null;
  const onUnexpectedExit = (child, how) => fail(new Refusal(`The ${child.name} ended unexpectedly (${how}). Its last words:\n${child.lastLines()}`));
  const run = async (name, words, env, readyUrl, timeoutMs) => {
    // While watching, a broken API waits for the next change instead of ending everything.
    const child = new Child(name, inRoot(`dist/apps/${name}/src/main.js`), env, { onUnexpectedExit: watch && name === 'api' ? sayWhy : onUnexpectedExit });
    started.children.push(child);
    await step(words, async () => {
      child.start();
      await child.ready(readyUrl, timeoutMs, signal);
    });
    return child;
  };
  if (sides.length > 0) await run('sandbox', `Sandbox: simulated ${sides.join(', ').replace('shopify', 'Shopify').replace('simplyprint', 'SimplyPrint').replace('smtp', 'mailbox')}`, sandboxEnvironment(settings, secrets), `${sandboxUrl(settings)}/control/orders`, 30_000);
  const apiEnv = apiEnvironment(settings, databaseUrl, sides, secrets);
  const api = await run('api', 'API', apiEnv, `${apiUrl(settings)}/health/ready`, 60_000);

  say(`\nForma3D Connect is at ${settings.APP_URL} (started in ${seconds(sinceBegin())}). Ctrl-C stops it.`);
  if (watch) started.watcher = watchSources(started.children, api);
  if (sides.includes('shopify')) {
    const { tellTheJourney } = await import('./journey.mjs');
    await tellTheJourney({ api: apiUrl(settings), sandbox: sandboxUrl(settings), shownUrl: settings.APP_URL, token: apiEnv.ADMIN_TOKEN, sides, signal });
  }
}

const sayWhy = (child, how) => say(`The ${child.name} ended (${how}); it starts again after the next change.\n${child.lastLines()}`);

function startDatabase(started, fail) {
  return step('PostgreSQL', async () => {
    started.cluster = await startCluster({ dir: postgresFolder });
    const server = describeProcess(started.cluster.pid);
    started.guard = setInterval(() => {
      if (isRunning(server)) return;
      clearInterval(started.guard);
      fail(new Refusal(`PostgreSQL ended unexpectedly; see ${path.join(started.cluster.dir, 'server.log')}. What was committed is safe; start again.`));
    }, 2_000);
    const words = `${started.cluster.adopted ? 'found running' : 'running'} on port ${started.cluster.port}`;
    return { words, value: started.cluster.url() };
  });
}

/** The first Ctrl-C ends in order, the second at once. */
function listenForTheEnd(ending, started) {
  let asked = false;
  const onSignal = () => {
    if (asked) {
      for (const child of started.children) child.kill();
      void started.cluster?.stop('immediate').finally(() => process.exit(130));
      if (!started.cluster) process.exit(130);
      return;
    }
    asked = true;
    say('\nStopping …');
    ending.abort();
  };
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, onSignal);
}

async function bringDown({ children, cluster, watcher, guard }) {
  const from = performance.now();
  clearInterval(guard);
  watcher?.close();
  for (const child of [...children].reverse()) await child.stop();
  await cluster?.stop();
  if (children.length > 0 || cluster) say(`Stopped in ${seconds(performance.now() - from)}.`);
}

function aborted(signal) {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
