/** A run in words: on the terminal, and as a row of docs/soak.md. */
import fs from 'node:fs';
import { KINDS } from './audit.mjs';
import { OPTIONS } from './options.mjs';
import { SETTLE_S, TIME_LIMIT_MS } from './plan.mjs';

const row = (...cells) => `| ${cells.join(' | ')} |`;
const SHOWN = 40;
/** Runs of at least so many orders stand in the docs. */
export const RECORDED_FROM = 1000;

export const countsByKind = (results) => Object.fromEntries(KINDS.map((kind) => [kind, results.filter((each) => each.kind === kind).reduce((sum, { problems }) => sum + problems.length, 0)]));

/** Share of the processor of everybody, in whole seconds. */
const processorWords = (processor) => Object.entries(processor).map(([who, seconds]) => `${who} ${seconds.toFixed()} s`).join(', ');

export function summaryOf(options, { results, problems, figures }) {
  const found = countsByKind(results);
  return `
${figures.orders} orders in ${figures.seconds.toFixed()} s (calm ${figures.toCalm.toFixed()} s after the last misfortune): ${figures.cancelled} cancelled, ${figures.secondThoughts} second thoughts and ${figures.tooLate} too late
${figures.prints.done} prints done, ${figures.prints.failed} failed, ${figures.prints.cancelled} cancelled at the printer, ${figures.surplus} done before they were taken back; ${figures.fulfillments} fulfillments
${figures.kills} kills (and ${figures.failedStarts} starts that found no database), ${figures.postgresRestarts} restarts of PostgreSQL, ${figures.severed} connections broken, ${figures.spells} spells; the operator retried ${figures.operator.retriedPrints} prints, asked again for ${figures.operator.askedAgain} fulfillments, handed ${figures.operator.handedOver} orders over
processor: ${processorWords(figures.processor)}; last print → fulfilled p50 ${figures.toFulfilled.p50} s, p99 ${figures.toFulfilled.p99} s
struck: ${Object.entries(figures.struck).map(([what, times]) => `${what} ${times}`).join(', ')}
calls to the farm: ${Object.entries(figures.calls).map(([path, count]) => `${path} ${count}`).join(', ')}
${figures.tasks.map((task) => `${task.type.padEnd(22)} ${String(task.tasks).padStart(6)} tasks ${String(task.runs).padStart(6)} runs ${String(task.failures).padStart(5)} failures (most ${task.most}), enqueued → done p50 ${task.p50} s, p99 ${task.p99} s`).join('\n')}

${results.map(({ kind, name, problems: own }) => `${own.length === 0 ? '✓' : '✗'} ${kind.padEnd(8)} ${name}${own.length === 0 ? '' : `: ${own.length}`}`).join('\n')}
${problems.slice(0, SHOWN).map((words) => `  - ${words}`).join('\n')}${problems.length > SHOWN ? `\n  … and ${problems.length - SHOWN} more` : ''}
seed ${options.seed}: ${KINDS.map((kind) => `${found[kind]} ${kind}`).join(', ')}`;
}

const HEAD = row('date', 'orders', 'seed', 'processes', 'prints (failed)', 'fulfillments', 'webhooks doubled, lost, late, overtaken', 'answers lost, late', 'kills', 'seconds', ...KINDS, 'other than usual');
const LINE = '|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|---|';

/** How often faults of these kinds struck, whatever they struck; mails are another matter. */
const strikes = ({ struck }, ...wanted) => wanted.map((kind) => Object.entries(struck).filter(([what]) => !what.startsWith('smtp') && `${what} `.includes(`${kind} `)).reduce((sum, [, times]) => sum + times, 0)).join(', ');

/** Adds the run to the page's table; an earlier one of the same orders and seed gives way. The rest of the page is written anew. */
export function recordRun(file, options, { results, figures }) {
  const found = countsByKind(results);
  const unusual = Object.entries(OPTIONS).filter(([name, [value]]) => !['orders', 'seed', 'apis'].includes(name) && options[name] !== value);
  const mine = row(
    new Date().toISOString().slice(0, 10), options.orders, options.seed, options.apis,
    `${figures.prints.done + figures.prints.failed + figures.prints.cancelled} (${figures.prints.failed})`, figures.fulfillments,
    strikes(figures, 'webhooks duplicate', 'webhooks drop', 'webhooks late', 'webhooks reorder'), strikes(figures, 'lost-answer', 'late-answer'),
    figures.kills, figures.seconds.toFixed(),
    ...KINDS.map((kind) => found[kind]), unusual.map(([name]) => `${name} ${options[name]}`).join(', '),
  );
  const isMine = (line) => cellsOf(line)[1] === String(options.orders) && cellsOf(line)[2] === String(options.seed);
  writePage(file, (runs) => [...runs.filter((line) => !isMine(line)), mine]);
}

/** Writes the page anew around its runs. */
export function writePage(file, change = (runs) => runs) {
  const runs = fs.existsSync(file) ? runsIn(fs.readFileSync(file, 'utf8')) : [];
  fs.writeFileSync(file, pageOf(change(runs)));
}

const cellsOf = (line) => line.split('|').slice(1, -1).map((cell) => cell.trim());
const runsIn = (page) => page.split('\n').filter((line) => /^\| \d{4}-\d{2}-\d{2} \|/.test(line));

/** @param {string[]} runs rows of the table */
export const pageOf = (runs) => `# Soak

\`npm run soak\` sends orders through the product while everything goes wrong that can, and at the end asks whether anything was lost, doubled, stuck
or wrong. It writes this page anew; runs of ${RECORDED_FROM} orders or more stand in the table.

## Runs

${[HEAD, LINE, ...runs].join('\n')}

The columns from lost to wrong are what the check found; the last one names options that were given. Seconds are from the first order until every rule held, on the machine of the run.

## What happens in a run

Three API processes, as built for production, share one PostgreSQL behind a small proxy that takes turns; the sandbox plays Shopify and SimplyPrint.
Orders come at a steady pace: one to three lines, shipped or picked up, from two locations, some with gift cards or lines of another fulfillment service,
some on hold, some paid later or never, some with products that nobody has mapped yet. One in four is changed soon after: raised, lowered,
swapped, cancelled, refunded, put on hold, or fulfilled by the merchant himself, wholly or in part. Meanwhile processes are killed with \`SIGKILL\` and started again
(on long runs once all at the same time), PostgreSQL is stopped at once and started again, connections to it break, whole sides are away for seconds, somebody cancels prints at the printer, and
on long runs each side refuses our credentials for a moment. The driver plays the operator through the public API: prints that failed twice or were cancelled are
retried, refused fulfillments asked for again, pickup orders handed over.

| option | default | means |
|---|--:|---|
${Object.entries(OPTIONS).map(([name, [value, words]]) => row(`\`--${name}\``, value ?? 'drawn', words)).join('\n')}

\`--short\` is the look that \`npm test\` takes (\`npm test -- --only soak\`); \`--keep\` keeps logs and database, as a run with findings does by itself.

The seed decides what is ordered, what becomes of it and when, when and which process is killed, and how the dice of each fault fall. Each purpose has a stream of its own, so that the
plan is the same however the processes are scheduled. Which of two calls that come at the same moment a fault strikes is not in its hands.

To put days into minutes, the product runs with shorter waits than its defaults (time limit of a call ${TIME_LIMIT_MS / 1000} s, ${SETTLE_S} s more until a lost answer is looked for, leases of 10 s,
sweep of prints every 10 s, catch-up every minute) and may ask SimplyPrint 40 times a second. The simulated shop has the limits of a Plus plan: a standard shop's 100 points a
second would be all that such a run measures. Answers that come after our time limit come within the time that the product still expects their work; what a real
system does later than \`SETTLE_SECONDS\` after that nobody can promise anything about.

## How the end is checked

The check takes Shopify and SimplyPrint as the sandbox holds them, the plan, and what the merchant did; what must have come of it follows from these. Our
records (SQL, and the public API for the list and a sample) are compared with that, never believed. The farm's finished prints of each file are also counted over all
orders without our help. It looks until every rule holds twice in a row, and calls stuck what has not moved for \`--patience\` seconds.

- Every order is recorded once, paid, cancelled and fulfilled as in the shop, and mirrored as it is now.
- Every unit that is due is fulfilled exactly once, an unchanged order once for each location, the customer told; lines of others are left alone.
- Every part is printed exactly as often as its recipe asks for the units that are due. More is allowed only where the merchant lowered, refunded, cancelled or fulfilled the order himself, and
  never more than was ever wanted: such prints were made before he did.
- Every queue item was put into SimplyPrint once, every print of the farm is one of ours and every one of ours one of the farm's, with its status.
- Nothing is left: no task but the periodic ones (and plans of orders that were on hold, which look again after ten minutes and find nothing to do, and mails that gather the alerts of ten minutes), none that failed, no open
  attention, no queue item, no print or fulfillment under way.
- Nothing is told twice: one creation and one payment of an order, one readiness for each generation.
`;
