/**
 * `FORMA3D_DATA=folder node apps/launcher/forget-data.mjs` removes all that starts with that folder left behind, also a cluster that
 * had to live elsewhere. Without a folder named it does nothing: the clone's own `.data/` is removed by hand, knowingly.
 */
import fs from 'node:fs';
import path from 'node:path';
import { takeLock } from './lock.mjs';
import { dataFolder, postgresFolder } from './place.mjs';
import { homeElsewhere } from './postgres-user.mjs';

if (!process.env.FORMA3D_DATA) {
  console.error('FORMA3D_DATA names no folder.');
  process.exitCode = 1;
} else {
  const lock = takeLock(path.join(dataFolder, 'start.lock'));
  if ('holder' in lock) {
    console.error(`A product runs on ${dataFolder} (process ${lock.holder}).`);
    process.exitCode = 1;
  } else {
    for (const folder of [homeElsewhere(postgresFolder), dataFolder]) fs.rmSync(folder, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
  }
}
