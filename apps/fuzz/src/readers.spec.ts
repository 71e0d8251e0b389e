import { DomainError } from '@forma3d/kernel';
import { fulfillmentFromWebhook, orderFromWebhook, orderIdFromDelivery, privacyFromDelivery, refundFromWebhook } from '@forma3d/shopify';
import { parseSimplyPrintWebhook } from '@forma3d/simplyprint';
import fc from 'fast-check';
import { DELIVERIES, type Sample } from './delivery-samples.setup';
import { ABSURD, spoiling } from './hostile-bytes.setup';
import { CANARY, HOSTILE, mutate, mutation, placesOf, textOf } from './hostile-json.setup';
import { cases, Finding, LONG, search, SEED, tell } from './search.setup';
import { judgeStorable } from './storable.setup';

/** One of each kind of body. */
const SAMPLES = [...new Map(DELIVERIES.map((sample) => [sample.topic.startsWith('orders/') && sample.topic !== 'orders/edited' ? 'order' : sample.topic.split('.')[0], sample])).values()];
/** Far more than the largest body takes to be read here; what grows with its square takes minutes. */
const LONGEST_MS = 15_000;

interface Body {
  sample: Sample;
  bytes: Buffer;
}

/** The largest that a webhook may be; the server takes no more. */
const LARGEST = 2 * 1024 * 1024;

const body = (sample: Sample, whole: Buffer, what: string): Body => inWords(sample, whole.subarray(0, LARGEST), what);
const inWords = (sample: Sample, bytes: Buffer, what: string): Body => ({ sample, bytes, [fc.toStringMethod]: () => `${sample.topic}: ${what}: ${bytes.toString('utf8', 0, 200)}` }) as Body;

/** Every reader that is given what is stored of a delivery. */
function readersOf({ sender, topic }: Sample): ((raw: Buffer) => unknown)[] {
  if (sender === 'simplyprint') return [parseSimplyPrintWebhook];
  return [orderFromWebhook, (raw) => refundFromWebhook(raw, 'EUR'), fulfillmentFromWebhook, (raw) => orderIdFromDelivery(topic, raw), privacyFromDelivery];
}

function holds({ sample, bytes }: Body): void {
  for (const read of readersOf(sample)) {
    const from = performance.now();
    let value: unknown;
    try {
      value = read(bytes);
    } catch (error) {
      judgeRefusal(error);
    }
    const ms = performance.now() - from;
    if (ms > LONGEST_MS) throw new Finding('a reader takes too long', `${Math.round(ms)} ms`);
    judgeStorable(value);
  }
}

function judgeRefusal(error: unknown): void {
  if (!(error instanceof DomainError) || error.code !== 'invalid-delivery') throw new Finding(`a reader throws ${String(error).slice(0, 80)}`, error instanceof Error ? (error.stack ?? '').slice(0, 600) : '');
  const told = JSON.stringify([error.message, error.details]);
  if (told.includes(CANARY)) throw new Finding('a refusal repeats the body', told.slice(0, 300));
  if (told.length > 16_000) throw new Finding('a refusal without bounds', `${told.length} characters`);
}

it('reads every body, or refuses it in words, and lets nothing through that cannot be stored', async () => {
  const bodies = fc.constantFrom(...SAMPLES).chain((sample) =>
    fc
      .tuple(fc.oneof({ weight: 12, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 5 }).map((changes) => textOf(changes.reduce(mutate, sample.body))) }, { weight: 1, arbitrary: fc.constantFrom(...ABSURD) }), spoiling)
      .map(([text, encoding]) => body(sample, encoding.encode(text), encoding.name)),
  );
  await search('bodies read at random', bodies, cases(200), holds);
}, 3_600_000);

it('reads a body with any one of its fields gone, or holding anything', () => {
  const found = new Map<string, string>();
  let tried = 0;
  const everyNth = LONG ? 4 : 300;
  const offset = SEED % everyNth;
  for (const sample of SAMPLES) {
    const places = placesOf(sample.body).length;
    for (let place = 0; place < places; place += 1) {
      for (let pick = -1; pick < HOSTILE.length; pick += 1) {
        // All of them take a quarter of an hour.
        if ((place * HOSTILE.length + pick + 1) % everyNth !== offset) continue;
        tried += 1;
        const text = textOf(mutate(sample.body, pick === -1 ? { place, change: 'remove', pick: 0 } : { place, change: 'replace', pick }));
        try {
          holds({ sample, bytes: Buffer.from(text) });
        } catch (error) {
          const what = error instanceof Finding ? error.what : String(error);
          if (!found.has(what)) found.set(what, `${sample.topic}, ${placesOf(sample.body)[place]?.join('.') ?? ''} ← ${HOSTILE[pick]?.text.slice(0, 100) ?? 'gone'}: ${String(error).slice(0, 300)}`);
        }
      }
    }
  }
  tell('bodies read with one field changed', tried, [...found].map(([what, example]) => ({ what, example })));
}, 3_600_000);
