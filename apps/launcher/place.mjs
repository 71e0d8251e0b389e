/** Where this clone is, and what lies where in it. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = path.resolve(path.dirname(fileURLToPath(import.meta.url)), '../..');
export const inRoot = (...parts) => path.join(root, ...parts);

/** Everything that a start leaves behind: the cluster, logs, secrets, the lock. */
export const dataFolder = inRoot('.data');
export const postgresFolder = inRoot('.data/postgres');
export const migrationsFolder = inRoot('prisma/migrations');
