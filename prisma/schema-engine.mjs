#!/usr/bin/env node
/**
 * Prisma's CLI wants a native schema engine that it downloads at first use. This runs Prisma's own WebAssembly build of the
 * same engine instead, from npm, so that migrations work wherever npm packages do, and the same way everywhere.
 * `prisma.config.ts` names this file as PRISMA_SCHEMA_ENGINE_BINARY; the versions in package.json belong together.
 *
 * The CLI speaks to it in two ways, which are internal to Prisma 7.10 and were read from its CLI:
 *   schema-engine.mjs cli can-connect-to-database | create-database   one answer by exit code, the reason as a JSON log on stderr
 *   schema-engine.mjs --datamodels FILE …                             JSON-RPC, a message a line, on stdin and stdout
 */
import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { adapterFactory, canConnect, createDatabase } from './engine-connection.mjs';

const args = process.argv.slice(2);
const valuesOf = (option) => args.flatMap((arg, index) => (arg === option ? [args[index + 1]] : []));
const datasource = JSON.parse(valuesOf('--datasource')[0] ?? '{}');

const log = (level, fields) => {
  process.stderr.write(`${JSON.stringify({ timestamp: new Date().toISOString(), level, fields, target: 'schema_engine::logger' })}\n`);
};
const debug = (message) => {
  if (process.env.DEBUG) log('INFO', { message });
};

/** Prisma's error codes for what can go wrong with a connection; the address itself (it has a password) stays out of the words. */
function connectionError(error) {
  const reason = error.message || error.code;
  if (error.code === '3D000') return { code: 'P1003', message: `The database does not exist: ${reason}` };
  if (error.code === '28P01' || error.code === '28000') return { code: 'P1000', message: `Authentication failed: ${reason}` };
  return { code: 'P1001', message: `Can't reach the database server: ${reason}` };
}

async function answerCommand(command) {
  const commands = { 'can-connect-to-database': canConnect, 'create-database': createDatabase };
  try {
    if (!commands[command]) throw new Error(`unsupported command ${command}`);
    await commands[command](datasource.url);
    return 0;
  } catch (error) {
    const { code, message } = connectionError(error);
    process.stderr.write('\n'); // the CLI drops the first line
    log('ERROR', { error_code: code, message });
    return 1;
  }
}

/** Loads the engine's WebAssembly by hand: its own loader relies on a bundler. */
async function loadEngine() {
  const specifier = '@prisma/schema-engine-wasm/schema_engine_bg';
  const engine = await import(specifier);
  const wasm = await readFile(fileURLToPath(new URL('./schema_engine_bg.wasm', import.meta.resolve(specifier))));
  globalThis.PRISMA_WASM_PANIC_REGISTRY = { message: '', set_message(message) { this.message = message; } };
  const { instance } = await WebAssembly.instantiate(wasm, { './schema_engine_bg.js': engine });
  engine.__wbg_set_wasm(instance.exports);
  instance.exports.__wbindgen_start();
  return engine.SchemaEngine;
}

/** The engine, made at the first call that needs it: a diff may bring the address of its own. */
let engine;
async function engineFor(url = datasource.url) {
  engine ??= (async () => {
    const SchemaEngine = await loadEngine();
    const datamodels = await Promise.all(valuesOf('--datamodels').map(async (file) => [file, await readFile(file, 'utf8')]));
    return SchemaEngine.new({ datamodels: datamodels.length > 0 ? datamodels : undefined }, debug, adapterFactory(url, datasource.shadowDatabaseUrl));
  })();
  return engine;
}

/** Calls whose shape differs between the native engine and the WebAssembly one; all others are passed on by name. */
const calls = {
  createDatabase: async () => ({ databaseName: await createDatabase(datasource.url) }),
  getDatabaseVersion: async () => (await engineFor()).version(),
  ensureConnectionValidity: async () => {
    await canConnect(datasource.url).catch((error) => {
      const { code, message } = connectionError(error);
      throw Object.assign(new Error(message), { code });
    });
    return {};
  },
  dbExecute: async (params) => {
    await (await engineFor(params.datasourceType?.url)).dbExecute(params);
    return null;
  },
  reset: async (params) => {
    await (await engineFor()).reset(params);
    return null;
  },
  diff: async (params, id) => {
    const result = await (await engineFor([params.from, params.to].find((target) => target.tag === 'url')?.url)).diff(params);
    // The native engine prints a script by calling back; the WebAssembly one returns it.
    if (result?.stdout) send({ id: `print-${id}`, method: 'print', params: { content: result.stdout } });
    return result;
  },
};

async function call(method, params, id) {
  if (calls[method]) return calls[method](params, id);
  const target = await engineFor();
  if (typeof target[method] !== 'function') throw new Error(`unsupported call ${method}`);
  return target[method](params);
}

const send = (message) => process.stdout.write(`${JSON.stringify({ jsonrpc: '2.0', ...message })}\n`);

async function answerLine(line) {
  const { id, method, params } = JSON.parse(line);
  if (!method) return; // the CLI's answer to a print
  try {
    send({ id, result: (await call(method, params ?? {}, id)) ?? null });
  } catch (error) {
    debug(`${method}: ${error?.stack ?? error}`);
    const data = { is_panic: false, message: error?.message ?? String(error), error_code: error?.code ?? error?.error_code };
    send({ id, error: { code: 4466, message: 'An error happened. Check the data field for details.', data } });
  }
}

if (args.includes('--version')) {
  console.log('schema-engine-cli wasm');
} else if (args.includes('cli')) {
  process.exitCode = await answerCommand(args[args.indexOf('cli') + 1]);
} else {
  process.on('uncaughtException', (error) => {
    log('ERROR', { message: `${globalThis.PRISMA_WASM_PANIC_REGISTRY?.message ?? ''} ${error?.stack ?? error}` });
    process.exit(101);
  });
  const running = new Set();
  createInterface({ input: process.stdin })
    .on('line', (line) => {
      if (line.trim() === '') return;
      const answer = answerLine(line).finally(() => running.delete(answer));
      running.add(answer);
    })
    .on('close', () => void Promise.all(running).then(() => process.exit(0)));
}
