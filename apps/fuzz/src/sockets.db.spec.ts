import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { buildApi } from '../../api/src/journey/api-process.setup';
import { Product } from '../../api/src/journey/product.setup';
import { ATTACKS, SLOW, type Attack, type Slow } from './attacks.setup';
import { TOKEN, SECRETS } from './product.setup';
import { startRealApi, type RealApi } from './real-api.setup';
import { feelPulse, residentMiB } from './real-process.setup';
import { cases, Finding, LONG, tell, type Found } from './search.setup';
import { differences, StoredRows } from './stored-rows.setup';
import { judgeAnswer } from './verdict.setup';
import { deafClient, requestBytes, sendRaw } from './wire.setup';

const { url } = useDatabase();
/** What a connection may take, also one that sends 64 MB on a busy machine. */
const LONGEST_MS = 60_000;
/** A request has half a minute to arrive, and the server looks at who is late every few seconds. */
const SLOW_MS = 60_000;
/** How long others may wait meanwhile. Milliseconds, on a machine with nothing else to do; this is for one that has much. */
const LONGEST_PULSE_MS = 15_000;
const MOST_MEMORY_MIB = 300;

let product: Product;
let api: RealApi;
let stored: StoredRows;

beforeAll(async () => {
  await buildApi();
  product = await Product.start(url(), { startApi: async (settings) => (api = await startRealApi(settings)), env: { PRINT_SWEEP_SECONDS: '3600', CATCH_UP_MINUTES: '60' } });
  // It writes down what the shop says of itself, and may have to ask for that more than once.
  await until(
    async () => (await product.db.sql.rows(z.object({ status: z.string() }))`SELECT status FROM retry_queue WHERE type = 'WEBHOOK_SUBSCRIPTIONS' AND status = 'COMPLETED'`).length > 0,
    { timeoutMs: 60_000, what: 'the shop to be described' },
  );
  await product.settled();
  stored = await StoredRows.of(product.db);
}, 90_000);
afterAll(() => product.stop());

it('ends every connection that is no honest one in time, with a problem or without a word, and stays well', async () => {
  const found: Found[] = [];
  const before = await stored.now();
  const memory = await residentMiB(api.pid);
  const pulse = feelPulse(api.url);
  const rounds = cases(0.2);
  for (let round = 0; round < rounds; round += 1) {
    for (const attack of ATTACKS) await judging(found, attack.name, () => holds(attack));
  }
  await pulse.end();
  if (pulse.failures.length > 0) found.push({ what: 'others were not answered', example: pulse.failures.slice(0, 5).join('; ') });
  if (pulse.longestMs > LONGEST_PULSE_MS) found.push({ what: 'others had to wait', example: `${Math.round(pulse.longestMs)} ms` });
  const grown = ((await residentMiB(api.pid)) ?? 0) - (memory ?? 0);
  if (memory !== null && grown > MOST_MEMORY_MIB) found.push({ what: 'memory grows', example: `${Math.round(memory)} MiB, then ${Math.round(grown)} more` });
  const changed = differences(before, await stored.now());
  if (changed !== '') found.push({ what: 'something is left behind', example: changed });
  if (!api.alive()) found.push({ what: 'the process ended', example: api.said().slice(-2_000) });
  if (/"level":"(error|fatal)"/.test(api.said())) found.push({ what: 'an unexpected error in the log', example: (/^.*"level":"(?:error|fatal)".*$/m.exec(api.said())?.[0] ?? '').slice(0, 600) });
  expect((await product.api('GET', '/health/ready')).status).toBe(200);
  tell('dishonest connections', rounds * ATTACKS.length, found);
}, 3_600_000);

it('is not held up by clients that ask and never listen, nor filled by what they do not take', async () => {
  const before = await residentMiB(api.pid);
  const pulse = feelPulse(api.url);
  const asked = requestBytes('GET', '/api/docs-json', [['host', 'x'], ['authorization', `Bearer ${TOKEN}`]]);
  // Written, and nothing read: the answers to each are a hundred megabytes.
  const deaf = await Promise.all(Array.from({ length: 10 }, () => deafClient(api.port, Buffer.concat(Array.from({ length: 1_000 }, () => asked)))));
  const during = await residentMiB(api.pid);
  for (const end of deaf) end();
  await pulse.end();
  const found: Found[] = [];
  if (before !== null && during !== null && during - before > MOST_MEMORY_MIB) found.push({ what: 'unread answers pile up', example: `${Math.round(during - before)} MiB` });
  if (pulse.longestMs > LONGEST_PULSE_MS) found.push({ what: 'others had to wait', example: `${Math.round(pulse.longestMs)} ms` });
  tell('clients that do not listen', deaf.length, found);
}, 120_000);

// It takes more than a minute: only when asked for.
if (LONG) it('ends clients that are slow on purpose, whatever they are slow with', async () => {
  const found: Found[] = [];
  const each = cases(0.1);
  await Promise.all(SLOW.flatMap((slow) => Array.from({ length: each }, () => judging(found, slow.name, () => endsSlow(slow)))));
  expect((await product.api('GET', '/health/ready')).status).toBe(200);
  tell('slow clients', SLOW.length * each, found);
}, 200_000);

async function judging(found: Found[], name: string, holds: () => Promise<void>): Promise<void> {
  try {
    await holds();
  } catch (error) {
    found.push({ what: `${name}: ${error instanceof Finding ? error.what : String(error)}`, example: String(error) });
  }
}

async function holds(attack: Attack): Promise<void> {
  const { answers, closed, ms } = await sendRaw(api.port, attack.send(), { timeoutMs: LONGEST_MS });
  if (!closed) throw new Finding('is not ended', `${Math.round(ms)} ms, ${answers.length} answers, ${answers.map(({ status }) => status).join(', ')}`);
  if (answers.length === 0 && attack.mayBeSilent !== true) throw new Finding('gets no answer', `${Math.round(ms)} ms`);
  if (answers.length > (attack.most ?? 1)) throw new Finding('gets more answers than it is requests', answers.map(({ status }) => status).join(', '));
  for (const answer of answers) {
    judgeAnswer(answer, SECRETS);
    if (!attack.answers.includes(answer.status)) throw new Finding(`gets ${answer.status}`, answer.body.slice(0, 300));
  }
}

async function endsSlow({ first, then }: Slow): Promise<void> {
  async function* drops(): AsyncIterable<string> {
    if (first !== '') yield first;
    for (let second = 0; second < SLOW_MS / 1_000; second += 1) {
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      if (then !== '') yield then;
    }
  }
  const { answers, closed, ms } = await sendRaw(api.port, drops(), { timeoutMs: SLOW_MS });
  if (!closed) throw new Finding('is not ended', `${Math.round(ms)} ms`);
  for (const answer of answers) judgeAnswer(answer, SECRETS);
}
