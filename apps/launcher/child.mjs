/** The processes that a start runs: their output in a log file, their end noticed, and none left over by a crash. */
import { spawn } from 'node:child_process';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { dataFolder, logsFolder, logsShown, root } from './place.mjs';
import { describeProcess, endProcess } from './processes.mjs';
import { Refusal } from './terminal.mjs';

const ROTATE_AT = 20 * 1024 * 1024;
const RUNNING = path.join(dataFolder, 'running.json');

/** How long each gets to end by itself: the API finishes or hands back its work. */
const PATIENCE_MS = { api: 25_000, sandbox: 5_000 };

export class Child {
  /** @param {'api' | 'sandbox'} name */
  constructor(name, script, env, { onUnexpectedExit }) {
    this.name = name;
    this.script = script;
    this.env = env;
    this.onUnexpectedExit = onUnexpectedExit;
    this.log = path.join(logsFolder, `${name}.log`);
    this.wanted = false;
  }

  start() {
    fs.mkdirSync(path.dirname(this.log), { recursive: true });
    if (fs.existsSync(this.log) && fs.statSync(this.log).size > ROTATE_AT) fs.renameSync(this.log, `${this.log}.1`);
    this.logFrom = fs.existsSync(this.log) ? fs.statSync(this.log).size : 0;
    const log = fs.openSync(this.log, 'a', 0o600);
    // In a group of its own: Ctrl-C reaches the launcher alone, which ends its children in the right order.
    const child = spawn(process.execPath, ['--enable-source-maps', this.script], { cwd: root, env: this.env, stdio: ['ignore', log, log], detached: process.platform !== 'win32', windowsHide: true });
    fs.closeSync(log);
    this.wanted = true;
    this.exited = new Promise((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('exit', (code, signal) => resolve(signal ?? `code ${code}`));
    });
    const mine = (this.process = describeProcess(child.pid));
    remember(this.name, mine);
    void this.exited.then((how) => {
      forget(this.name, mine);
      if (!this.wanted || this.process !== mine) return;
      this.gone = how;
      this.onUnexpectedExit(this, how);
    });
  }

  /** Waits until the address answers 200. */
  async ready(url, timeoutMs, signal) {
    const deadline = performance.now() + timeoutMs;
    let last = 'no answer yet';
    while (performance.now() < deadline) {
      signal.throwIfAborted();
      if (this.gone) throw new Refusal(`The ${this.name} ended (${this.gone}):\n${this.lastLines()}`);
      try {
        const response = await fetch(url, { signal: AbortSignal.timeout(5_000) });
        if (response.ok) return;
        last = `${response.status} ${(await response.text()).slice(0, 500)}`;
      } catch (error) {
        last = error.cause?.code ?? error.message;
      }
      await wait(50);
    }
    throw new Refusal(`The ${this.name} is not ready after ${timeoutMs / 1000} s (${last}):\n${this.lastLines()}`);
  }

  async stop() {
    this.wanted = false;
    if (!this.process) return;
    await endProcess(this.process, PATIENCE_MS[this.name]);
    await this.exited;
  }

  kill() {
    this.wanted = false;
    if (this.process) void endProcess(this.process, 0);
  }

  async restart() {
    await this.stop();
    this.gone = undefined;
    this.start();
  }

  /** The end of what this run wrote. */
  lastLines(count = 15) {
    const text = fs.readFileSync(this.log).subarray(this.logFrom).toString('utf8').trimEnd();
    return `${text.split('\n').slice(-count).join('\n')}\n(all of it: ${path.join(logsShown, `${this.name}.log`)})`;
  }
}

/** Ends what an earlier start of this clone left running when it was killed. */
export async function endLeftovers() {
  const left = readRunning();
  await Promise.all(Object.entries(left).map(([name, described]) => endProcess(described, PATIENCE_MS[name])));
  fs.rmSync(RUNNING, { force: true });
  return Object.keys(left);
}

function readRunning() {
  try {
    return JSON.parse(fs.readFileSync(RUNNING, 'utf8'));
  } catch {
    return {}; // nothing runs, or the file was cut off by a crash
  }
}

function writeRunning(all) {
  fs.writeFileSync(`${RUNNING}.new`, JSON.stringify(all));
  fs.renameSync(`${RUNNING}.new`, RUNNING);
}

const remember = (name, described) => writeRunning({ ...readRunning(), [name]: described });

function forget(name, described) {
  const all = readRunning();
  if (all[name]?.pid !== described.pid) return;
  delete all[name];
  writeRunning(all);
}
