/**
 * Compiles the API, the sandbox and the libraries to dist/ (`npm run build`), each file by swc, and copies what the code reads beside
 * itself (GraphQL documents, mail templates, pages, schemas). Only what changed since the last build is done again.
 *
 * Types are not looked at: that is `tsc` in `npm test`.
 */
import { createHash } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { inRoot, root } from './place.mjs';
import { prisma } from './prisma.mjs';
import { swcOptions } from './swc-options.mjs';

const OUTPUT = inRoot('dist');
const MANIFEST = path.join(OUTPUT, '.build.json');
const GENERATED = inRoot('libs/database/src/generated');
const CODE = /\.tsx?$/;
const ASSET = /\.(graphql|hbs|html|css|svg|txt|sql|json|gz)$/;
const LEFT_OUT = /(\.(spec|fixture|setup)\.tsx?|\.d\.ts|(^|\/)(project|package|tsconfig[^/]*)\.json)$/;

/**
 * @returns {Promise<{ compiled: string[], removed: string[], generated: boolean }>} the sources that there was something to do for
 */
export async function build() {
  const generated = await generateClient();
  const sources = findSources();
  const how = await fingerprint();
  const before = readManifest();
  const known = before.how === how ? before.files : {};
  const changed = [...sources].filter(([file, stamp]) => known[file] !== stamp || !fs.existsSync(outputOf(file))).map(([file]) => file);
  const removed = Object.keys(before.files).filter((file) => !sources.has(file));
  for (const file of removed) {
    fs.rmSync(outputOf(file), { force: true });
    fs.rmSync(`${outputOf(file)}.map`, { force: true });
  }
  await makeAll(changed);
  if (changed.length > 0 || removed.length > 0 || before.how !== how) {
    fs.mkdirSync(OUTPUT, { recursive: true });
    writeWhole(MANIFEST, JSON.stringify({ how, files: Object.fromEntries(sources) }));
  }
  return { compiled: changed, removed, generated };
}

/** Every source by its path from the root, with a stamp that changes when the file does. Some ten milliseconds. */
function findSources() {
  return new Map(projects().flatMap((folder) => filesBelow(folder)).map((file) => [path.relative(root, file), stampOf(file)]));
}

/** One word for the state of all sources and of Prisma's schema. */
export function sourcesNow() {
  const schema = fs.readdirSync(inRoot('prisma/schema')).map((name) => stampOf(inRoot('prisma/schema', name)));
  return JSON.stringify([...findSources(), schema]);
}

/** Prisma's client is made from prisma/schema; again only when that, or Prisma itself, has changed. */
export async function generateClient() {
  const hash = createHash('sha256').update(fs.readFileSync(inRoot('node_modules/prisma/package.json')));
  for (const name of fs.readdirSync(inRoot('prisma/schema')).sort()) hash.update(name).update(fs.readFileSync(inRoot('prisma/schema', name)));
  const wanted = hash.digest('hex');
  const stamp = path.join(GENERATED, 'made-from.txt');
  if (fs.existsSync(stamp) && fs.readFileSync(stamp, 'utf8') === wanted) return false;
  const { code, stdout, stderr } = await prisma(['generate']);
  if (code !== 0) throw new Error(`prisma generate failed:\n${stderr.trim() || stdout.trim()}`);
  fs.writeFileSync(stamp, wanted);
  return true;
}

/** The folders that are built; libs/testing is for tests alone. */
function projects() {
  const libs = fs.readdirSync(inRoot('libs')).filter((name) => name !== 'testing').map((name) => inRoot('libs', name));
  return [inRoot('apps/api'), inRoot('apps/sandbox'), ...libs].filter((folder) => fs.existsSync(folder));
}

function filesBelow(folder) {
  return fs.readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const file = path.join(folder, entry.name);
    if (entry.isDirectory()) return entry.name === 'node_modules' ? [] : filesBelow(file);
    const wanted = (CODE.test(entry.name) || ASSET.test(entry.name)) && !LEFT_OUT.test(file.replaceAll('\\', '/'));
    return wanted && file !== path.join(GENERATED, 'made-from.txt') ? [file] : [];
  });
}

function stampOf(file) {
  const { mtimeMs, size } = fs.statSync(file);
  return `${mtimeMs}-${size}`;
}

const outputOf = (file) => path.join(OUTPUT, file.replace(CODE, '.js'));

/** All that decides on the output beside the sources: with another one of these, everything is made anew. */
async function fingerprint() {
  const hash = createHash('sha256');
  for (const file of ['apps/launcher/swc-options.mjs', 'apps/launcher/build.mjs', 'tsconfig.base.json', 'node_modules/@swc/core/package.json']) {
    hash.update(fs.readFileSync(inRoot(file)));
  }
  return hash.digest('hex');
}

function readManifest() {
  try {
    return JSON.parse(fs.readFileSync(MANIFEST, 'utf8'));
  } catch {
    return { how: '', files: {} }; // none yet, or cut off by a crash: everything is made
  }
}

async function makeAll(files) {
  if (files.length === 0) return;
  const { transformFile } = await import('@swc/core');
  const { paths } = JSON.parse(fs.readFileSync(inRoot('tsconfig.base.json'), 'utf8')).compilerOptions;
  const base = swcOptions();
  const options = { ...base, jsc: { ...base.jsc, baseUrl: root, paths }, module: { ...base.module, ignoreDynamic: true } };
  await Promise.all(
    files.map(async (file) => {
      const output = outputOf(file);
      fs.mkdirSync(path.dirname(output), { recursive: true });
      if (!CODE.test(file)) return writeWhole(output, fs.readFileSync(inRoot(file)));
      const { code, map } = await transformFile(inRoot(file), options).catch((error) => {
        throw new Error(`${file} cannot be compiled:\n${error.message.split('\n\nCaused by')[0].trim()}`, { cause: error });
      });
      writeWhole(`${output}.map`, map);
      writeWhole(output, `${code}\n//# sourceMappingURL=${path.basename(output)}.map\n`);
    }),
  );
}

/** By rename, so that a process which starts meanwhile never loads half a file. */
function writeWhole(file, content) {
  fs.writeFileSync(`${file}.${process.pid}.tmp`, content);
  fs.renameSync(`${file}.${process.pid}.tmp`, file);
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) {
  const begin = performance.now();
  try {
    const { compiled, removed } = await build();
    console.log(`${compiled.length} files built, ${removed.length} removed, in ${Math.round(performance.now() - begin)} ms.`);
  } catch (error) {
    console.error(error.message);
    process.exitCode = 1;
  }
}
