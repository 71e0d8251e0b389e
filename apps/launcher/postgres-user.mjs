/**
 * PostgreSQL refuses to run as root. This says as whom its programs run: as we are, as an unprivileged user of a user
 * namespace (root stays the owner of the files, so a data folder below a closed home works), or, where the system allows
 * no namespace, as another user of the machine.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';

const UNSHARE = ['unshare', '--user', '--map-user=1000', '--map-group=1000'];
const isRoot = process.getuid?.() === 0;

/**
 * @typedef {object} Launcher
 * @property {string[]} exec                what stands before the program
 * @property {{ uid?: number, gid?: number }} ids
 * @property {string} native                folder with bin/
 * @property {(file: string) => void} own   gives a file to the user that the programs run as
 */

/** @returns {Launcher} */
export function launcherFor(dir, native) {
  const user = droppedUser(dir);
  if (user) return { exec: [], ids: user, native, own: (file) => fs.chownSync(file, user.uid, user.gid) };
  return { exec: isRoot ? UNSHARE : [], ids: {}, native, own: () => undefined };
}

/**
 * Where data and programs must be for the user that will run them. The same as given, except for a dropped user who cannot
 * reach them (root's closed home): then both live in /var/lib, under a name made from the wanted place.
 */
export function homeForDroppedUser(dir, native) {
  const user = droppedUser(dir);
  if (!user) return { dir, native };
  fs.mkdirSync(path.dirname(dir), { recursive: true });
  const reaches = (target) => spawnSync('/bin/sh', ['-c', 'test -x "$1"', 'sh', target], { ...user, cwd: '/' }).status === 0;
  if (reaches(path.dirname(dir)) && reaches(path.join(native, 'bin', 'postgres'))) return { dir, native };
  const home = homeElsewhere(dir);
  fs.mkdirSync(home, { recursive: true, mode: 0o755 });
  const copy = path.join(home, 'native');
  if (!fs.existsSync(copy)) {
    fs.cpSync(native, `${copy}.new`, { recursive: true, verbatimSymlinks: true });
    fs.renameSync(`${copy}.new`, copy);
  }
  return { dir: path.join(home, path.basename(dir)), native: copy };
}

/** The folder that stands in for one that the dropped user cannot reach; it may not be there. */
export const homeElsewhere = (dir) => path.join('/var/lib/forma3d-connect', createHash('sha256').update(path.resolve(dir)).digest('hex').slice(0, 12));

/** The user to drop to, or null when that is not needed. The owner of existing data stays its owner. */
function droppedUser(dir) {
  if (!isRoot) return null;
  const owner = fs.existsSync(path.join(dir, 'PG_VERSION')) ? fs.statSync(dir) : null;
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  if (namespacesAllowed()) return null;
  const idOf = (option, name) => {
    const { status, stdout } = spawnSync('id', [option, name], { encoding: 'utf8' });
    return status === 0 ? Number(stdout) : null;
  };
  const name = idOf('-u', 'postgres') === null ? 'nobody' : 'postgres';
  return { uid: idOf('-u', name) ?? 65534, gid: idOf('-g', name) ?? 65534 };
}

let allowed;
function namespacesAllowed() {
  allowed ??= spawnSync(UNSHARE[0], [...UNSHARE.slice(1), 'true']).status === 0;
  return allowed;
}

/**
 * Runs a program to its end and answers what it printed; a failure throws with its words.
 *
 * @param {{ exec: string[], ids?: object, native?: string }} launcher without `native` the program is looked up in PATH
 */
export function run({ exec, ids = {}, native }, program, args) {
  const file = native ? path.join(native, 'bin', process.platform === 'win32' ? `${program}.exe` : program) : program;
  const [command, ...rest] = [...exec, file, ...args];
  return new Promise((resolve, reject) => {
    // Output goes to a file: the server inherits it from pg_ctl, and a pipe would stay open as long as the server lives.
    const folder = fs.mkdtempSync(path.join(os.tmpdir(), 'forma3d-run-'));
    const output = path.join(folder, 'output');
    const fd = fs.openSync(output, 'w');
    const child = spawn(command, rest, { ...ids, cwd: native ? '/' : undefined, env: { ...process.env, LC_ALL: 'C' }, stdio: ['ignore', fd, fd], windowsHide: true });
    const finish = (error) => {
      fs.closeSync(fd);
      const text = fs.readFileSync(output, 'utf8');
      fs.rmSync(folder, { recursive: true, force: true });
      if (error) reject(new Error(`${program} failed: ${error}\n${text.trim()}`));
      else resolve(text);
    };
    child.once('error', (error) => finish(error.message));
    child.once('exit', (code, signal) => finish(code === 0 ? null : `it ended with ${code ?? signal}`));
  });
}
