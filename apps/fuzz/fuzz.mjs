/**
 * `npm run fuzz`: what `npm test` tries with a few cases, with many. Some twenty minutes.
 * `npm run fuzz -- --times 5 --seed 7 http` tries five times as many as the tests, repeats a run, and chooses spec files of apps/fuzz.
 */
import fs from 'node:fs';

const RESULTS = 'coverage/fuzz.ndjson';
const options = readArguments(process.argv.slice(2));
process.env.FORMA3D_FUZZ_TIMES = String(options.times);
process.env.FORMA3D_FUZZ_SEED = String(options.seed);
fs.rmSync(RESULTS, { force: true });
const { runTests } = await import('../launcher/run-tests.mjs');
const words = options.words.length > 0 ? options.words.map((word) => `apps/fuzz/src/${word}`) : ['apps/fuzz/src/'];
process.exitCode = await runTests(['--only', 'unit,db', ...words]);
tellCases();

function readArguments(args) {
  const found = { times: 40, seed: Math.floor(Math.random() * 2_147_483_647), words: [] };
  for (let at = 0; at < args.length; at += 1) {
    const name = /^--(times|seed)$/.exec(args[at])?.[1];
    if (name === undefined) found.words.push(args[at]);
    else {
      at += 1;
      found[name] = Number(args[at]);
      if (!(found[name] > 0)) throw new Error(`--${name} needs a number above zero`);
    }
  }
  return found;
}

function tellCases() {
  if (!fs.existsSync(RESULTS)) return;
  const parts = fs.readFileSync(RESULTS, 'utf8').trimEnd().split('\n').map((line) => JSON.parse(line));
  console.log(`\nFuzzed, seed ${options.seed}:`);
  for (const { name, cases, findings } of parts) console.log(`  ${name.padEnd(36)} ${String(cases).padStart(7)} cases  ${findings.length} findings`);
  const sum = (of) => parts.reduce((total, part) => total + of(part), 0);
  console.log(`${sum((part) => part.cases)} cases, ${sum((part) => part.findings.length)} findings`);
}
