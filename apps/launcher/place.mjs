/** Where this clone is, and what lies where in it. */
import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseEnv } from 'node:util';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const inRoot = (...parts) => path.join(root, ...parts);

/**
 * Everything that a start leaves behind: the cluster, logs, secrets, the lock. FORMA3D_DATA, of the environment or of .env, puts it
 * elsewhere; one clone may then run several times, each with a folder (and ports) of its own.
 */
export const dataFolder = path.resolve(root, process.env.FORMA3D_DATA || ofEnvFile('FORMA3D_DATA') || '.data');
export const postgresFolder = path.join(dataFolder, 'postgres');
export const logsFolder = path.join(dataFolder, 'logs');
/** The same as said to people, who are in the clone. */
export const logsShown = logsFolder.startsWith(root + path.sep) ? path.relative(root, logsFolder) : logsFolder;
/** Packages belong to the clone, wherever its data is. */
export const installLock = inRoot('.data/install.lock');
export const migrationsFolder = inRoot('prisma/migrations');

/** The one setting that is wanted before the others are read: what runs no product must not take over all of .env. */
function ofEnvFile(name) {
  const file = inRoot('.env');
  return fs.existsSync(file) ? parseEnv(fs.readFileSync(file, 'utf8'))[name] : undefined;
}
