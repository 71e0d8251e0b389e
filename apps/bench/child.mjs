/** Processes of a measurement: started, spoken with, ended by their own handle. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { inRoot } from '../launcher/place.mjs';

/** A program of this folder in a process of its own; what it writes to stdout goes nowhere. */
export class Child {
  constructor(file, env = {}, execPath = process.execPath) {
    this.name = file;
    this.process = fork(inRoot('apps/bench', file), { execPath, env: { ...process.env, ...env }, stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
    this.ended = once(this.process, 'exit');
  }

  /** Its next message. @throws when it ends, or says that something failed */
  async answer() {
    const told = await Promise.race([once(this.process, 'message'), this.ended.then(([code]) => { throw new Error(`${this.name} ended with ${code}`); })]);
    if (told[0].error !== undefined) throw new Error(`${this.name}: ${told[0].error}`);
    return told[0];
  }

  ask(question) {
    const answer = this.answer();
    this.process.send(question);
    return answer;
  }

  async stop() {
    this.process.kill('SIGTERM');
    await this.ended;
  }
}
