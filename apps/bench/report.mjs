/** The measurements as the page docs/benchmarks.md. */
import { percentile } from './figures.mjs';

const per = (value) => `${Math.round(value).toLocaleString('en-US')}/s`;
const ms = (value) => value.toFixed(1);
const times = ({ median, lowest, highest }) => `**${median.toFixed(2)}** (${lowest.toFixed(2)} – ${highest.toFixed(2)})`;
const row = (...cells) => `| ${cells.join(' | ')} |`;
const met = (yes) => (yes ? 'met' : 'not met');

/** By hand, from CPU profiles of ingest-product-server.mjs under load (`node --cpu-prof`), and `--here` on Node 20; look again when ingest changes. */
const WHERE_INGEST_SPENDS = `Where the product's process spends its time (CPU profile at saturation, 21 November 2026): a fifth writing to sockets, as the limit does,
15 % collecting garbage, 11 % in the signature, 10 % in our own code, the rest in HTTP, Fastify and Nest. On Node 20, the oldest that is supported, the product
reaches 1.10 – 1.15 of the limit (155 µs of the server each): \`AsyncResource.bind\`, which Fastify calls for every body, is slow there, and its bound functions are
most of what lives long enough to cost the garbage collector. A larger young generation changes nothing.`;

/** By hand, likewise. */
const WHERE_THE_QUEUE_SPENDS = `Of each task, PostgreSQL needs 30 to 36 µs of a processor and the product's process 6 to 7, the limit 33 and 4 (11 to 12 on Node 20, much of it for
abort signals and the tracking of asynchronous calls: there the ratio is 0.76, and 0.91 with as many in hand as graphile-worker). What is left
to the limit in batches of the same size is the price of what people look at: a task that is done stays for seven days, with its indexes, where a row that is
deleted costs a third less.`;

/** @returns {string} Markdown */
export function reportOf({ machine, ingest, queue: { contenders, peersPickUp }, pickUp, journeys, rounds, seconds }) {
  const ratioOf = (wanted) => contenders.find(({ name }) => name === wanted)?.ratio.median;
  const product = ratioOf('product');
  const peer = ratioOf('graphileWorker');
  return `# Benchmarks

Made by \`npm run bench\`, which writes this page anew. What counts is the ratio: the product and its limit take turns in one run on one
PostgreSQL that waits for the disk, so what disturbs one disturbs the other. "Limit" is the least code that does the same work. A ratio is
the median of the rounds, with the lowest and the highest of them; absolute figures are those of this machine at that hour. The peers run on
the Node of the product's image, the product and its limits on the one that is named here: the same, unless \`--here\` asks for another.

${machine.date}: ${machine.cores} cores (${machine.model}), Node ${machine.node}, PostgreSQL ${machine.postgres} (fsync ${machine.fsync}, synchronous_commit
${machine.synchronousCommit}), load average ${machine.loadBefore} before and ${machine.loadAfter} after, ${rounds} rounds of ${seconds} s.

## Aims

${row('what', 'measured', 'aim', '')}
|---|--:|--:|---|
${row('webhook ingest at saturation, ratio to the limit', ingest.ratio.median.toFixed(2), '≥ 1.30', met(ingest.ratio.median >= 1.3))}
${row('webhook ingest at saturation, p99', `${ms(ingest.full.product.p99)} ms`, '< 25 ms', met(ingest.full.product.p99 < 25))}
${row('task queue, ratio to the limit', product.toFixed(2), '> 0.75', met(product > 0.75))}
${row('task queue with as many in hand, ratio to graphile-worker, tuned', peer ? (ratioOf('productInGreatBatches') / peer).toFixed(2) : 'not measured', '> 1.00', peer ? met(ratioOf('productInGreatBatches') > peer) : '')}
${row('pick-up of a task after its commit, p50', `${ms(pickUp.fromCommit.p50)} ms`, '< 3 ms', met(pickUp.fromCommit.p50 < 3))}

## Webhook ingest

A signed order of three lines, 6.8 KB, over ${ingest.connections} connections from a process of its own. Each side checks the signature, drops repeats, and
commits the delivery with its task before it answers 200; after each turn the rows are counted against the answers. The product is the built API as it
runs in production, log included, with tasks left waiting. The limit is node:http with one statement per request over as many connections to
PostgreSQL; it does not parse the body. The product may pass it because deliveries that come while a commit runs share the next. "µs of the
server" is the processor time of its Node process for each delivery, PostgreSQL's not counted; it suffers least from what else the machine does.

${row('at saturation', 'ratio', 'deliveries', 'p50 ms', 'p99 ms', 'µs of the server each')}
|---|--:|--:|--:|--:|--:|
${row('node:http, one statement per request (the limit)', '1.00', per(ingest.full.limit.perSecond), ms(ingest.full.limit.p50), ms(ingest.full.limit.p99), Math.round(ingest.full.limit.cpu))}
${row('the product', times(ingest.ratio), per(ingest.full.product.perSecond), ms(ingest.full.product.p50), ms(ingest.full.product.p99), Math.round(ingest.full.product.cpu))}

${row(`at ${ingest.rate} deliveries a second`, 'p50 ms', 'p99 ms')}
|---|--:|--:|
${row('the limit', ms(ingest.steady.limit.p50), ms(ingest.steady.limit.p99))}
${row('the product', ms(ingest.steady.product.p50), ms(ingest.steady.product.p99))}

${WHERE_INGEST_SPENDS}

## Task queue

20,000 tasks wait, handlers are empty; after each turn every task must be completed. The product brings leases, the fence, dedupe keys and the
check of payloads; its limit brings none of them. The peers run as their own pages on performance say (${'`apps/bench/peers`'}, installed
by the benchmark alone).

${row('who', 'ratio', 'tasks')}
|---|--:|--:|
${contenders.map(({ words, ratio, perSecond }) => row(words, times(ratio), per(perSecond))).join('\n')}

${WHERE_THE_QUEUE_SPENDS}

## Pick-up

One task at a time, ${pickUp.samples} of them.

${row('until the handler begins', 'p50 ms', 'p99 ms')}
|---|--:|--:|
${row('from the commit of the task, in the process that wrote it', ms(pickUp.fromCommit.p50), ms(pickUp.fromCommit.p99))}
${row('from the call that enqueues it, its commit included', ms(pickUp.fromCall.p50), ms(pickUp.fromCall.p99))}
${row('from the commit, in another process', ms(pickUp.elsewhere.p50), ms(pickUp.elsewhere.p99))}
${peersPickUp ? row('graphile-worker, tuned, from the answer to the call that enqueues', ms(peersPickUp.p50), ms(peersPickUp.p99)) : ''}

## From the paid order to the fulfillment

The built product against the sandbox, which prints at once and has no limits of its own, on one machine with PostgreSQL and this driver. Orders
of two lines and three prints: webhook, reading, plan, three queue items, three prints with their webhooks, fulfillment; afterwards every order
has exactly one fulfillment in the shop. Real shops and farms set lower limits than the product: see
[operations](operations.md) for what their rate limits allow.

${row('API processes', 'orders an hour', 'webhook of the last print → fulfilled, p50 ms', 'p99 ms', 'processor ms an order: APIs', 'PostgreSQL', 'sandbox', 'driver')}
|--:|--:|--:|--:|--:|--:|--:|--:|
${journeys.map(({ apis, perHour, toFulfilled, cpu }) => row(apis, Math.round(perHour).toLocaleString('en-US'), ms(percentile(toFulfilled, 0.5)), ms(percentile(toFulfilled, 0.99)), ms(cpu.apis), ms(cpu.postgres), ms(cpu.sandbox), ms(cpu.driver))).join('\n')}
`;
}
