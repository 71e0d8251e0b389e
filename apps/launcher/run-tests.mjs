/** The parts of `npm test` in their order, and their sum. */
import fs from 'node:fs';
import { generateClient } from './build.mjs';
import { coverageChecks } from './coverage.mjs';
import { installWhatIsMissing } from './install.mjs';
import { inRoot } from './place.mjs';
import { runAcceptance } from './acceptance.mjs';
import { check, runNode } from './run-node.mjs';
import { Refusal, say, seconds } from './terminal.mjs';

const RESULTS = inRoot('coverage');

/** The folders of plain scripts, whose specs Node's own runner runs. */
const SCRIPTS = ['apps/launcher', 'apps/bench', 'apps/soak'];

/** Each answers `{ passed, failed }`, and `notRun` where something could not be tried; a check without counts of its own counts one. */
const PARTS = {
  lint: () => check('node_modules/eslint/bin/eslint.js', ['.', '--max-warnings', '0']),
  types: () => check('node_modules/typescript/bin/tsc', ['--noEmit', '-p', 'tsconfig.json']),
  boundaries: () => check('node_modules/dependency-cruiser/bin/dependency-cruise.mjs', ['apps', 'libs', '--config', '.dependency-cruiser.cjs']),
  migrations: () => check('apps/launcher/make-migration.mjs', ['--check']),
  launcher: runLauncherSpecs,
  unit: (words) => runJest(['unit'], words),
  db: (words) => runJest(['db'], words),
  soak: runSoak,
  acceptance: runAcceptance,
};

/** @returns {Promise<number>} the exit code */
export async function runTests(args) {
  const { only, words } = readArguments(args);
  await installWhatIsMissing();
  await generateClient();
  fs.mkdirSync(RESULTS, { recursive: true });
  const results = [];
  for (const [name, part] of plan(only)) {
    say(`\n── ${name} ${'─'.repeat(Math.max(0, 70 - name.length))}`);
    const from = performance.now();
    let result;
    try {
      result = await part(words);
    } catch (error) {
      console.error(error instanceof Refusal ? error.message : error);
      result = { passed: 0, failed: 1 };
    }
    results.push({ name, ms: performance.now() - from, ...result });
  }
  return tellTheSum(results);
}

/** Everything: unit and database tests are one run of jest, whose coverage counts together. */
function plan(only) {
  if (only) return only.map((name) => [name, PARTS[name]]);
  const { unit: _unit, db: _db, soak, acceptance, ...first } = PARTS;
  return [...Object.entries(first), ['unit and db', () => runJest(['unit', 'db'], [], true)], ['coverage', async () => coverageChecks(RESULTS)], ['soak', soak], ['acceptance', acceptance]];
}

function readArguments(args) {
  const at = args.indexOf('--only');
  if (at === -1) {
    if (args.length > 0) throw new Refusal('Usage: npm test -- [--only part,part [words for jest]]');
    return { only: null, words: [] };
  }
  const only = (args[at + 1] ?? '').split(',');
  const unknown = only.filter((name) => !(name in PARTS));
  if (unknown.length > 0) throw new Refusal(`There is no part ${unknown.join(', ')}; there are ${Object.keys(PARTS).join(', ')}.`);
  return { only, words: [...args.slice(0, at), ...args.slice(at + 2)] };
}

async function runLauncherSpecs() {
  const counts = `${RESULTS}/launcher.tap`;
  const specs = SCRIPTS.flatMap((folder) => fs.readdirSync(inRoot(folder)).filter((name) => name.endsWith('.spec.mjs')).map((name) => `${folder}/${name}`));
  const reporters = ['--test-reporter=spec', '--test-reporter-destination=stdout', '--test-reporter=tap', `--test-reporter-destination=${counts}`];
  await runNode(['--test', ...reporters, ...specs]);
  const tap = fs.readFileSync(counts, 'utf8');
  const count = (name) => Number(new RegExp(`^# ${name} (\\d+)$`, 'm').exec(tap)?.[1] ?? NaN);
  return { passed: count('pass'), failed: count('fail') + count('cancelled') };
}

async function runJest(projects, words, withCoverage = false) {
  const file = `${RESULTS}/jest.json`;
  fs.rmSync(file, { force: true });
  const code = await runNode([
    'node_modules/jest/bin/jest.js',
    ...['--selectProjects', ...projects, '--json', `--outputFile=${file}`],
    ...(withCoverage ? ['--coverage'] : []),
    ...(words.length > 0 ? ['--testPathPatterns', ...words] : []),
  ], { stdout: 'ignore' }); // with --json the report of the tests goes to stderr
  if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
  const { numPassedTests, numFailedTests, numRuntimeErrorTestSuites, numPendingTests } = JSON.parse(fs.readFileSync(file, 'utf8'));
  const failed = numFailedTests + numRuntimeErrorTestSuites;
  return { passed: numPassedTests, failed: failed === 0 && code !== 0 ? 1 : failed, notRun: numPendingTests };
}

/** A look at `npm run soak`: each rule of its check at the end counts as a test. */
async function runSoak() {
  const file = `${RESULTS}/soak.json`;
  fs.rmSync(file, { force: true });
  const code = await runNode(['apps/soak/soak.mjs', '--short', '--counts', file]);
  if (!fs.existsSync(file)) return { passed: 0, failed: 1 };
  const { passed, failed } = JSON.parse(fs.readFileSync(file, 'utf8'));
  return { passed, failed: failed === 0 && code !== 0 ? 1 : failed };
}

function tellTheSum(results) {
  say(`\n── in all ${'─'.repeat(64)}`);
  for (const { name, passed, failed, notRun = 0, ms } of results) {
    say(`${failed > 0 ? '✗' : '✓'} ${name.padEnd(12)} ${String(passed).padStart(5)} passed ${String(failed).padStart(4)} failed${notRun > 0 ? ` ${notRun} not run` : ''}  ${seconds(ms)}`);
  }
  const sum = (key) => results.reduce((total, result) => total + (result[key] ?? 0), 0);
  const notRun = sum('notRun');
  if (notRun > 0) say(`${notRun} not run (browser scenarios need a Chromium: set CHROMIUM_PATH or install one)`);
  say(`${sum('passed')} passed, ${sum('failed')} failed`);
  return sum('failed') > 0 || sum('passed') === 0 ? 1 : 0;
}
