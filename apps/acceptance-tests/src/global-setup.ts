import { spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { newPlace, NpmStart, ROOT } from './npm-start';
import { offer, QUICK } from './shared-product';

/** Starts the product that scenarios share, and answers how to end it: as a person would, with Ctrl-C. */
export default async function start(): Promise<() => Promise<void>> {
  const folder = mkdtempSync(path.join(tmpdir(), 'forma3d-acceptance-'));
  chmodSync(folder, 0o755); // a PostgreSQL that may not run as root runs as somebody else
  const product = new NpmStart(await newPlace(folder, 'shared'), QUICK);
  const stop = async () => {
    const how = await product.interrupt();
    if (how !== 0) throw new Error(`npm start ended with ${how}:\n${product.terminal()}`);
    await product.expectNothingLeft();
    forget(folder);
  };
  try {
    await product.says('What to try next');
  } catch (error) {
    await product.interrupt();
    forget(folder);
    throw error;
  }
  offer({ folder, place: product.place, terminal: product.terminal() });
  return stop;
}

/** Each place in the folder by the launcher, who knows where else a cluster may have had to live. */
function forget(folder: string): void {
  for (const name of readdirSync(folder)) {
    const { status, stderr } = spawnSync(process.execPath, ['apps/launcher/forget-data.mjs'], {
      cwd: ROOT,
      env: { ...process.env, FORMA3D_DATA: path.join(folder, name) },
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(stderr);
  }
  rmSync(folder, { recursive: true, force: true });
}
