/** Jest's globalTeardown of the database tests. Databases of failed files stay, in a cluster that can be opened again. */
import fs from 'node:fs';
import path from 'node:path';
import { run } from './jest-cluster-start.mjs';

export default async function stop() {
  const kept = fs.existsSync(run.keptList) ? fs.readFileSync(run.keptList, 'utf8').trim().split('\n') : [];
  await run.cluster?.stop(kept.length > 0 ? 'fast' : 'immediate');
  if (kept.length > 0 && run.cluster) {
    console.error(`\nDatabases of failed files are kept:\n  ${kept.join('\n  ')}\nOpen them with: node apps/launcher/embedded-postgres.mjs ${run.cluster.dir}`);
    return;
  }
  if (run.cluster) fs.rmSync(path.dirname(run.cluster.dir), { recursive: true, force: true });
  fs.rmSync(run.folder, { recursive: true, force: true });
}
