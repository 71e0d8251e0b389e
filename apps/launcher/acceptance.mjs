/** Gherkin scenarios against the running product (playwright-bdd); those tagged @browser need a Chromium. */
import fs from 'node:fs';
import path from 'node:path';
import { findBrowser } from './browser.mjs';
import { build } from './build.mjs';
import { inRoot } from './place.mjs';
import { runNode } from './run-node.mjs';
import { say } from './terminal.mjs';

const CONFIG = 'apps/acceptance-tests/playwright.config.ts';
const FEATURES = inRoot('apps/acceptance-tests/src/features');
const PLAYWRIGHT = 'node_modules/@playwright/test/cli.js';

export function hasFeatures() {
  return fs.existsSync(inRoot(CONFIG)) && fs.existsSync(FEATURES) && fs.readdirSync(FEATURES).some((name) => name.endsWith('.feature'));
}

/** Whether any scenario asks for a browser: the tag stands before a scenario or a whole feature. */
export function wantsBrowser() {
  return hasFeatures() && fs.readdirSync(FEATURES).some((name) => name.endsWith('.feature') && /^\s*@.*\bbrowser\b/m.test(fs.readFileSync(path.join(FEATURES, name), 'utf8')));
}

/**
 * Where no browser is, its scenarios count as not run; with FORMA3D_NEEDS_BROWSER (CI) as failed.
 *
 * @returns {Promise<{ passed: number, failed: number, notRun?: number }>}
 */
export async function runAcceptance() {
  if (!hasFeatures()) {
    say('There are no features yet.');
    return { passed: 0, failed: 0 };
  }
  await build();
  if ((await runNode(['node_modules/playwright-bdd/dist/cli/index.js', '-c', CONFIG])) !== 0) return { passed: 0, failed: 1 };
  const browser = wantsBrowser() ? await findBrowser() : null;
  if (browser) say(`Browser: ${browser.path}`);
  const ran = await play(browser ? [] : ['--grep-invert', '@browser'], { CHROMIUM_PATH: browser?.path ?? '', CHROMIUM_ENV: JSON.stringify(browser?.env ?? {}) });
  if (browser || !wantsBrowser()) return ran;
  const { passed: notRun } = await play(['--list', '--grep', '@browser'], {});
  return process.env.FORMA3D_NEEDS_BROWSER ? { passed: ran.passed, failed: ran.failed + notRun } : { ...ran, notRun };
}

/** Runs, or with --list only counts; Playwright writes its counts to a file. */
async function play(options, env) {
  const file = inRoot('coverage/acceptance.json');
  fs.rmSync(file, { force: true });
  const reporter = options.includes('--list') ? 'json' : 'list,json';
  const code = await runNode([PLAYWRIGHT, 'test', '-c', CONFIG, `--reporter=${reporter}`, ...options], { env: { ...env, PLAYWRIGHT_JSON_OUTPUT_FILE: file } });
  if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
  const { stats, suites } = JSON.parse(fs.readFileSync(file, 'utf8'));
  if (options.includes('--list')) return { passed: countSpecs(suites), failed: 0 };
  const passed = stats.expected + stats.flaky;
  return { passed, failed: stats.unexpected === 0 && code !== 0 && passed > 0 ? 1 : stats.unexpected, notRun: stats.skipped };
}

const countSpecs = (suites = []) => suites.reduce((total, suite) => total + (suite.specs?.length ?? 0) + countSpecs(suite.suites), 0);
