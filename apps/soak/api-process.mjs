/** One API as an operator runs it: the built code in a process of its own, killed and started again. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import fs from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { freePort } from '../launcher/embedded-postgres.mjs';
import { inRoot, root } from '../launcher/place.mjs';
import { processorSeconds } from './process-times.mjs';

const MAIN = inRoot('dist/apps/api/src/main.js');

/** What an orchestrator waits before it starts a process again that ended. */
const AGAIN_MS = 500;

export class ApiProcess {
  /** Ends of a process that was serving and that nobody asked to end. */
  unexpectedEnds = [];
  /** Starts that ended by themselves, as they do while the database cannot be reached; they were repeated. */
  failedStarts = 0;
  /** Processor time of all its lives. */
  pastSeconds = 0;
  port = 0;
  life = 0;

  /** @param {string} log a file that every life appends to */
  constructor(name, settings, log) {
    Object.assign(this, { name, settings, log });
  }

  /** A port of its own each time: another program may have taken the old one. */
  async start() {
    this.stopped = false;
    this.life += 1;
    const { life } = this;
    const port = await freePort();
    if (life !== this.life) return; // ended, or started once more, meanwhile
    const { PATH = '', HOME = '' } = process.env;
    const log = fs.openSync(this.log, 'a');
    const env = { PATH, HOME, NODE_ENV: 'production', ...this.settings, PORT: String(port) };
    const child = spawn(process.execPath, ['--enable-source-maps', MAIN], { cwd: root, env, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    Object.assign(this, { port, child, served: false, ended: once(child, 'exit') });
    void this.ended.then(([code, signal]) => this.endedByItself(child, signal ?? `code ${code}`));
    void this.noticeServing(child);
  }

  async noticeServing(child) {
    while (this.child === child && !this.served) {
      this.served = await this.ready();
      await wait(50);
    }
  }

  /** Starts it again, as an orchestrator would, unless it was ended on purpose. */
  async endedByItself(child, how) {
    if (this.child !== child) return;
    this.child = undefined;
    if (this.served) this.unexpectedEnds.push(`${this.name} ended by itself (${how})`);
    else this.failedStarts += 1;
    await wait(AGAIN_MS);
    if (!this.child && !this.stopped) await this.start();
  }

  get seconds() {
    return this.pastSeconds + (this.child ? processorSeconds(this.child.pid) : 0);
  }

  async ready() {
    try {
      return (await fetch(`http://127.0.0.1:${this.port}/health/ready`, { signal: AbortSignal.timeout(2000) })).ok;
    } catch {
      return false; // not yet
    }
  }

  /** `kill -9`; it stays down until it is started. */
  kill() {
    return this.end('SIGKILL');
  }

  /** Ends it in order, for good. */
  stop() {
    return this.end('SIGTERM');
  }

  async end(signal) {
    this.stopped = true;
    this.life += 1;
    if (!this.child) return;
    this.pastSeconds = this.seconds;
    const { child, ended } = this;
    this.child = undefined;
    child.kill(signal);
    await ended;
  }
}
