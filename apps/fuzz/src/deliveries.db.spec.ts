import { until, useDatabase } from '@forma3d/testing';
import fc from 'fast-check';
import { z } from 'zod';
import { Product } from '../../api/src/journey/product.setup';
import { DELIVERIES } from './delivery-samples.setup';
import { deliveries, deliveryBytes, everyPlace, type Delivery } from './deliveries.setup';
import { HOSTILE } from './hostile-json.setup';
import { QuietApi, SECRETS } from './product.setup';
import { cases, Finding, LONG, search, SEED } from './search.setup';
import { judgeAnswer, judgeExchange, PATIENCE_MS } from './verdict.setup';
import { sendRaw } from './wire.setup';

const { url } = useDatabase();
const api = new QuietApi();
let product: Product;
let number = 0;

beforeAll(async () => {
  product = await Product.start(url(), { ...api.options, env: { PRINT_SWEEP_SECONDS: '3600', CATCH_UP_MINUTES: '60', OUTSIDE_TIMEOUT_MS: '10000' } });
  await product.map('PLANTER');
  await product.fulfilled(await product.order([{ sku: 'PLANTER', quantity: 1 }]));
  // All is told, and then nobody but the fuzz sends anything.
  await until(allTold, { timeoutMs: 60_000, what: 'the last news of the order' });
  await product.settled();
}, 120_000);
afterAll(() => product.stop());

const sent = z.object({ deliveries: z.array(z.object({ topic: z.string(), outcome: z.string() })) });
async function allTold(): Promise<boolean> {
  const { deliveries: all } = sent.parse(await product.control('GET', '/webhooks'));
  return ['job.done', 'fulfillments/create'].every((topic) => all.some((each) => each.topic === topic)) && all.every((each) => each.outcome !== 'waiting');
}

/** Why a task may fail: the body is not what it should be, or what it is about is not there. */
const FAILS_RIGHTLY = [/^(Shopify|SimplyPrint) sent a body that cannot be read: /, /^Shopify has no order .* any more$/s];
/** What a busy machine does: an answer that came too late, and is asked for again. */
const MEANWHILE = /: (?:no answer within \d+ ms|network error \w+)$/;
const taskRow = z.object({ id: z.string(), type: z.string(), status: z.string(), error: z.string().nullable() });

it('stores what it says is stored and nothing else, and comes to an end with whatever was stored', async () => {
  await search('deliveries with something wrong', deliveries, cases(80), holds);
}, 3_600_000);

/** Of each kind of body one, and of every field of it: gone, and holding what has the wrong type. */
const KINDS = [...new Map(DELIVERIES.map((sample) => [sample.topic.startsWith('orders/') && sample.topic !== 'orders/edited' ? 'order' : sample.topic.split('.')[0], sample])).values()];
const WRONG = ['null', '{}', '"0"'].map((text) => HOSTILE.findIndex((value) => value.text === text));

it('takes every field of every delivery away, and puts something else in its place', async () => {
  const all = KINDS.flatMap((sample) => everyPlace(sample, WRONG));
  // A plain run of the tests tries some, `npm run fuzz` every one.
  const some = LONG ? fc.shuffledSubarray(all, { minLength: all.length }) : fc.shuffledSubarray(all, { minLength: 80, maxLength: 80 });
  const [chosen = []] = fc.sample(some, { numRuns: 1, seed: SEED });
  let next = 0;
  await search('deliveries with one field changed', fc.constant(null).map(() => chosen[next++ % chosen.length] ?? chosen[0]), chosen.length, (delivery) => (delivery ? holds(delivery) : Promise.resolve()));
}, 3_600_000);

async function holds(delivery: Delivery): Promise<void> {
  number += 1;
  const before = await product.count('webhook_delivery');
  const exchange = await sendRaw(api.port, [deliveryBytes(delivery, `fuzz-${number}`)], { timeoutMs: PATIENCE_MS });
  judgeExchange(exchange);
  const [answer] = exchange.answers;
  if (answer === undefined || exchange.answers.length > 1) throw new Finding('not one answer', String(exchange.answers.length));
  judgeAnswer(answer, SECRETS);
  const stored = (await product.count('webhook_delivery')) - before;
  if (stored > (answer.status === 200 ? 1 : 0)) throw new Finding('stored in spite of its answer', `${answer.status}, ${stored} rows`);
  if (!delivery.signed && stored > 0) throw new Finding('stored without a signature', `${answer.status}`);
  await judgeTasks();
  api.judgeLogs();
}

/** Whatever came of it is done, waits for a person, or is one of the failures that are right. */
async function judgeTasks(): Promise<void> {
  await product.settled();
  // An uninstalled app asks Shopify nothing, and the deliveries after it would show nothing.
  await product.db.sql`UPDATE store SET uninstalled_at = NULL WHERE uninstalled_at IS NOT NULL`;
  const troubled = await product.db.sql.rows(taskRow)`
    DELETE FROM retry_queue WHERE status = 'FAILED' OR (status = 'PENDING' AND failures > 0) RETURNING id, type, status, last_error AS error`;
  for (const { type, status, error } of troubled) {
    if (status === 'PENDING' && MEANWHILE.test(error ?? '')) continue;
    if (!FAILS_RIGHTLY.some((right) => right.test(error ?? ''))) throw new Finding(`${type} fails for reasons of ours: ${(error ?? '').slice(0, 80)}`, error ?? '');
    if (status !== 'FAILED') throw new Finding(`${type} is tried again in vain`, error ?? '');
  }
}
