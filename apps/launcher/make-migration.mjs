/**
 * `node apps/launcher/make-migration.mjs NAME` writes prisma/migrations/<time>_NAME/migration.sql with what prisma/schema says and
 * the migrations do not yet. Read the file before you commit it; what Prisma cannot say (triggers, functions) is added by hand.
 *
 * `--check` writes nothing and fails when there is anything to write.
 */
import fs from 'node:fs';
import path from 'node:path';
import { migrationsFolder, root } from './place.mjs';
import { missingMigration } from './prisma.mjs';

const name = process.argv[2] ?? '';
const sql = await missingMigration();

if (name === '--check') {
  if (sql !== '') {
    console.error(`prisma/schema says what no migration does (make one with node apps/launcher/make-migration.mjs NAME):\n${sql}`);
    process.exitCode = 1;
  }
} else if (!/^[a-z0-9_]+$/.test(name)) {
  console.error('Give the migration a name of lower case letters, digits and underscores.');
  process.exitCode = 1;
} else if (sql === '') {
  console.log('Schema and migrations agree: nothing to write.');
} else {
  const time = new Date().toISOString().replace(/\D/g, '').slice(0, 14);
  const file = path.join(migrationsFolder, `${time}_${name}`, 'migration.sql');
  fs.mkdirSync(path.dirname(file));
  fs.writeFileSync(file, sql);
  console.log(path.relative(root, file));
}
