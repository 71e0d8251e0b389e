/**
 * Makes `admin_2026-10.json.gz` beside this file: Shopify's published Admin schema, without descriptions.
 *
 * The schema comes from the npm package `@shopify/dev-mcp` (ISC). The package and what it depends on weigh 366 MB, so it
 * is fetched with `npm pack` and never installed. Its licence is stored as `LICENSE` and inside the data.
 *
 * Run it by hand for a new API version:  node apps/sandbox/schema/make-schema.mjs
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gunzipSync, gzipSync } from 'node:zlib';

const PACKAGE = '@shopify/dev-mcp@1.16.0';
const VERSION = '2026-10';

const here = dirname(fileURLToPath(import.meta.url));
const work = mkdtempSync(join(tmpdir(), 'admin-schema-'));
try {
  execFileSync('npm', ['pack', PACKAGE, '--silent', '--pack-destination', work], { stdio: ['ignore', 'ignore', 'inherit'] });
  const source = `package/dist/data/admin_${VERSION}.json.gz`;
  execFileSync('tar', ['-xzf', join(work, 'shopify-dev-mcp-1.16.0.tgz'), '-C', work, source, 'package/LICENSE']);
  const licence = readFileSync(join(work, 'package/LICENSE'), 'utf8');
  const { data } = JSON.parse(gunzipSync(readFileSync(join(work, source))).toString('utf8'));
  const slim = JSON.stringify({ notice: `From ${PACKAGE}. ${licence}`, data: withoutDescriptions(data) });
  // A fixed time stamp in the gzip header (Node writes none) keeps the file the same when nothing changed.
  writeFileSync(join(here, `admin_${VERSION}.json.gz`), gzipSync(slim, { level: 9 }));
  writeFileSync(join(here, 'LICENSE'), `admin_${VERSION}.json.gz is data of the npm package ${PACKAGE}:\n\n${licence}`);
} finally {
  rmSync(work, { recursive: true, force: true });
}

function withoutDescriptions(value) {
  if (Array.isArray(value)) return value.map(withoutDescriptions);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([key, inner]) => key !== 'description' && !(key === 'deprecationReason' && inner === null))
      .map(([key, inner]) => [key, key === 'deprecationReason' ? 'Deprecated.' : withoutDescriptions(inner)]),
  );
}
