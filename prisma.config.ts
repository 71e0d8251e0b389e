import path from 'node:path';
import { defineConfig } from 'prisma/config';

// Prisma's schema engine runs from npm (prisma/schema-engine.mjs). Windows starts no script as a program: there Prisma fetches its own.
if (process.platform !== 'win32') process.env['PRISMA_SCHEMA_ENGINE_BINARY'] ??= path.join(__dirname, 'prisma/schema-engine.mjs');

// generate and validate need no database; everything else is called through apps/launcher, which sets DATABASE_URL.
const url = process.env['DATABASE_URL'];

export default defineConfig({
  schema: 'prisma/schema',
  migrations: { path: 'prisma/migrations' },
  ...(url ? { datasource: { url } } : {}),
});
