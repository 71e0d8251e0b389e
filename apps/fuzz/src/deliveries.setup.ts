import { createHmac } from 'node:crypto';
import fc from 'fast-check';
import { SHOPIFY_SECRET, SIMPLYPRINT_SECRET } from '../../api/src/journey/product.setup';
import { ABSURD, spoiling } from './hostile-bytes.setup';
import { mutate, mutation, placesOf, textOf, type Mutation, type Tree } from './hostile-json.setup';
import { DELIVERIES, type Sample } from './delivery-samples.setup';
import { requestBytes } from './wire.setup';

type Pair = readonly [string, string];

export interface Delivery {
  /** What it set out to be. */
  sample: Sample;
  headers: readonly Pair[];
  body: Buffer;
  signed: boolean;
}

const TOPICS = [...new Set(DELIVERIES.map(({ topic }) => topic))];
const STRANGE = ['', ' ', 'orders', 'ORDERS/CREATE', 'orders/__proto__', '__proto__', 'constructor', 'toString', 'orders/create, orders/paid', 'products/update', 'x'.repeat(255), 'x'.repeat(256), '\u00ff\u00fe', "'; --", 'orders%2Fcreate'];
const header = (name: string, ...values: string[]): fc.Arbitrary<Pair> => fc.constantFrom(...values.map((value): Pair => [name, value]));

/** One header of Shopify's that says something else, or is not there. */
const wrongHeader: fc.Arbitrary<Pair> = fc.oneof(
  header('x-shopify-topic', ...STRANGE, ...TOPICS),
  header('x-shopify-webhook-id', '', ' ', 'x'.repeat(255), 'x'.repeat(256), '\u00e9\u00ff', "';--", '__proto__'),
  header('x-shopify-triggered-at', '', 'never', '2026-13-45T00:00:00Z', '+275760-09-13T00:00:00Z', '2026-11-20T10:00:00.123456789Z', '9999-12-31T23:59:59Z', '0000-00-00', '2999-99-99', 'x'.repeat(5_000), '2026-11-20T10:00:00+99:99'),
  header('x-shopify-event-id', '', 'x'.repeat(6_000), '\u00ff'),
  header('x-shopify-api-version', '', '9999-99', 'unstable', 'x'.repeat(6_000), '\u00ff'),
  header('x-shopify-shop-domain', '', 'other.myshopify.com', 'FORMA3D-SANDBOX.MYSHOPIFY.COM', 'x'.repeat(6_000), '\u00ff', '__proto__', "';--"),
  header('x-sp-token', '', SIMPLYPRINT_SECRET),
  header('content-type', 'application/json; charset=utf-8', 'text/plain', 'application/cloudevents+json'),
);

const samples = fc.constantFrom(...DELIVERIES);
const bodies = (sample: Sample): fc.Arbitrary<string> =>
  fc.oneof(
    { weight: 1, arbitrary: fc.constant(textOf(sample.body)) },
    { weight: 10, arbitrary: fc.array(mutation, { minLength: 1, maxLength: 4 }).map((changes) => textOf(changes.reduce(mutate, sample.body))) },
    { weight: 1, arbitrary: fc.constantFrom(...ABSURD) },
  );

/** Deliveries of both senders: most signed, most with something about them that is wrong. */
export const deliveries: fc.Arbitrary<Delivery> = samples.chain((sample) =>
  fc
    .record({
      body: bodies(sample),
      encoding: fc.oneof({ weight: 4, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary: spoiling }),
      signed: fc.oneof({ weight: 12, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
      wrong: fc.oneof({ weight: 3, arbitrary: fc.constant([]) }, { weight: 1, arbitrary: fc.array(wrongHeader, { minLength: 1, maxLength: 2 }) }),
    })
    .map(({ body, encoding, signed, wrong }) => {
      const more = encoding?.header === undefined ? wrong : [encoding.header, ...wrong];
      return delivery(sample, encoding?.encode(body) ?? Buffer.from(body, 'utf8'), signed, more);
    }),
);

/** Each place of a sample on its own, with each of some changes: the systematic half. */
export function everyPlace(sample: Sample, picks: readonly number[]): Delivery[] {
  const changes = placesOf(sample.body).flatMap((_, place): Mutation[] => [{ place, change: 'remove', pick: 0 }, ...picks.map((pick): Mutation => ({ place, change: 'replace', pick }))]);
  return changes.map((change) => delivery(sample, Buffer.from(textOf(mutate(sample.body, change))), true, []));
}

function delivery(sample: Sample, body: Buffer, signed: boolean, more: readonly Pair[]): Delivery {
  const own: Pair[] =
    sample.sender === 'shopify'
      ? [
          ['x-shopify-topic', sample.topic],
          ['x-shopify-shop-domain', 'forma3d-sandbox.myshopify.com'],
          ['x-shopify-webhook-id', 'of its own'],
          ['x-shopify-triggered-at', '2026-11-20T11:00:00Z'],
          ['x-shopify-hmac-sha256', createHmac('sha256', signed ? SHOPIFY_SECRET : 'not the secret').update(body).digest('base64')],
        ]
      : [['x-sp-secret', signed ? SIMPLYPRINT_SECRET : 'not the secret']];
  const headers = [...new Map<string, string>([['host', '127.0.0.1'], ['content-type', 'application/json'], ['content-length', String(body.length)], ...own, ...more, ['connection', 'close']])];
  const words = (): string => `${sample.sender} ${sample.topic} ${signed ? 'signed' : 'unsigned'} ${JSON.stringify(more)} ${body.length} bytes: ${differing(sample.body, body)}`;
  return { sample, headers, body, signed, [fc.toStringMethod]: words } as Delivery;
}

/** The body from where it first differs from the sample. */
function differing(sample: Tree, body: Buffer): string {
  const [text, original] = [body.toString('utf8'), textOf(sample)];
  let at = 0;
  while (at < text.length && text[at] === original[at]) at += 1;
  return `${at > 60 ? '…' : ''}${text.slice(Math.max(0, at - 60), at + 240)}`;
}

const PATHS = { shopify: '/webhooks/shopify', simplyprint: '/webhooks/simplyprint' };

/** As it goes over the wire; a webhook id that was left alone becomes `id`. */
export function deliveryBytes({ sample, headers, body }: Delivery, id: string): Buffer {
  return requestBytes('POST', PATHS[sample.sender], headers.map(([name, value]) => [name, name === 'x-shopify-webhook-id' && value === 'of its own' ? id : value] as const), body);
}
