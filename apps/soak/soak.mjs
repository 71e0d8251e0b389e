/**
 * `npm run soak`: thousands of orders through the product while everything goes wrong that can, and at the end a comparison of what
 * Shopify, the print farm and our records say. Ends with 1 when anything was lost, doubled, stuck or wrong. docs/soak.md tells of it.
 */
import fs from 'node:fs';
import path from 'node:path';
import { build } from '../launcher/build.mjs';
import { dataFolder, inRoot } from '../launcher/place.mjs';
import { say } from '../launcher/terminal.mjs';
import { readOptions } from './options.mjs';
import { RECORDED_FROM, recordRun, summaryOf } from './report.mjs';
import { run } from './run.mjs';
import { Stage } from './stage.mjs';

const options = readArguments();
if (options) process.exitCode = await soak(options);

function readArguments() {
  try {
    return readOptions(process.argv.slice(2));
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    console.error(error.message);
    process.exitCode = 2;
    return null;
  }
}

async function soak(options) {
  const began = performance.now();
  const tell = (words) => say(`${((performance.now() - began) / 1000).toFixed(1).padStart(6)} s  ${words}`);
  say(`Soak of ${options.orders} orders, seed ${options.seed}, ${options.apis} API processes. To repeat it: npm run soak -- ${repeatedBy(options)}`);
  await build();
  const stage = new Stage(path.join(dataFolder, `soak-${process.pid}`));
  const stop = () => void stage.close({ keep: options.keep }).finally(() => process.exit(130));
  for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, stop);
  let problems = null;
  try {
    await stage.open(options);
    tell('PostgreSQL, the sandbox and the APIs are up');
    const outcome = await run(options, stage, tell);
    problems = outcome.problems;
    say(summaryOf(options, outcome));
    if (options.orders >= RECORDED_FROM) recordRun(inRoot('docs/soak.md'), options, outcome);
    if (options.counts !== null) writeCounts(options.counts, outcome.results);
  } finally {
    const keep = options.keep || problems === null || problems.length > 0;
    await stage.close({ keep });
    if (keep) say(`Logs and database are kept in ${stage.kept()}.`);
  }
  return problems.length === 0 ? 0 : 1;
}

function repeatedBy({ short, orders, seed }) {
  return `${short ? '--short ' : ''}--orders ${orders} --seed ${seed}`;
}

/** A rule is a test: it held or it did not. */
function writeCounts(file, results) {
  const failed = results.filter(({ problems }) => problems.length > 0).length;
  fs.writeFileSync(file, JSON.stringify({ passed: results.length - failed, failed }));
}
