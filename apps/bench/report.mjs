/** The measurements as the page docs/benchmarks.md. */
const per = (value) => `${Math.round(value).toLocaleString('en-US')}/s`;
const ms = (value) => value.toFixed(1);
const times = ({ median, lowest, highest }) => `**${median.toFixed(2)}** (${lowest.toFixed(2)} – ${highest.toFixed(2)})`;
const row = (...cells) => `| ${cells.join(' | ')} |`;
const met = (yes) => (yes ? 'met' : 'not met');

/** By hand, from a CPU profile of ingest-product-server.mjs under load (`node --cpu-prof`); look again when ingest changes. */
const WHERE_INGEST_SPENDS = `Where the product's process spends its time (CPU profile at saturation, 21 November 2026, shares of what is not start-up): about a fifth
collecting garbage; 14 % writing to sockets, as the limit does; 10 % parsing the body only to know that it is a JSON object, beside its
part in the garbage; about 8 % in the interceptor that puts the signed-in actor into the scope, with RxJS and \`AsyncResource.bind\`, which is
slow in Node 20, although a webhook has no actor; 5 % drawing ids (since mended). Its one thread is the bottleneck, not the commits: at 223 µs a delivery it
cannot take more than 4,500 a second, and 1.3 times what the limit did on the idle machine (5,900/s) needs 130 µs. What it would take: no interceptor on webhooks (the scope could take its actor from the guard), a larger young generation (\`--max-semi-space-size\`), a check for
JSON that builds no objects, or one more API process: each brings a thread of its own.`;

/** @returns {string} Markdown */
export function reportOf({ machine, ingest, queue, pickUp, rounds, seconds }) {
  const product = queue.find(({ name }) => name === 'product');
  return `# Benchmarks

Made by \`npm run bench\`, which writes this page anew. What counts is the ratio: the product and its limit take turns in one run on one
PostgreSQL that waits for the disk, so what disturbs one disturbs the other. "Limit" is the least code that does the same work. A ratio is
the median of the rounds, with the lowest and the highest of them; absolute figures are those of this machine at that hour.

${machine.date}: ${machine.cores} cores (${machine.model}), Node ${machine.node}, PostgreSQL ${machine.postgres} (fsync ${machine.fsync}, synchronous_commit
${machine.synchronousCommit}), load average ${machine.loadBefore} before and ${machine.loadAfter} after, ${rounds} rounds of ${seconds} s.

## Aims

${row('what', 'measured', 'aim', '')}
|---|--:|--:|---|
${row('webhook ingest at saturation, ratio to the limit', ingest.ratio.median.toFixed(2), '≥ 1.30', met(ingest.ratio.median >= 1.3))}
${row('webhook ingest at saturation, p99', `${ms(ingest.full.product.p99)} ms`, '< 25 ms', met(ingest.full.product.p99 < 25))}
${row('task queue, ratio to the limit', product.ratio.median.toFixed(2), '> 0.75', met(product.ratio.median > 0.75))}
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
check of payloads; its limit brings none of them.

${row('who', 'ratio', 'tasks')}
|---|--:|--:|
${queue.map(({ words, ratio, perSecond }) => row(words, times(ratio), per(perSecond))).join('\n')}

## Pick-up

One task at a time, ${pickUp.samples} of them, in the process that enqueued it.

${row('until the handler begins', 'p50 ms', 'p99 ms')}
|---|--:|--:|
${row('from the commit of the task', ms(pickUp.fromCommit.p50), ms(pickUp.fromCommit.p99))}
${row('from the call that enqueues it, its commit included', ms(pickUp.fromCall.p50), ms(pickUp.fromCall.p99))}

## Not measured yet

- Peers in the same run: graphile-worker and pg-boss, tuned (they join \`CONTENDERS\` in \`apps/bench/measure-queue.mjs\`).
- Pick-up by another process than the one that enqueued.
- From the last finished print to the fulfilled order, and orders per hour end to end, with one and with three processes.
`;
}
