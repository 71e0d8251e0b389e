import { personalDataExport, privacyRequestPage } from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { Product } from './product.setup';

const { url } = useDatabase();
let product: Product;

const CUSTOMER = { first_name: 'Jozefien', last_name: 'Vandersypt', email: 'Jozefien.Vandersypt@example.org', phone: '+32479001122' };
const NOTE = 'Leave it with Mieke "next door", left of the bakery';
/** What the whole product must not know any more, in lower case. */
const WORDS = ['jozefien', 'vandersypt', '32479001122', 'mieke', 'bakery'];
const OTHER = { first_name: 'Rasmus', last_name: 'Thorvald', email: 'rasmus@example.org', phone: null };

beforeAll(async () => {
  product = await Product.start(url(), { env: { LOG_LEVEL: 'debug' } });
  await product.map('PLANTER');
}, 60_000);
afterAll(() => product.stop());

/** Every row of every table there is, as text: bodies as what they say. */
async function everything(): Promise<Record<string, string>> {
  const tables = await product.db.sql.rows(z.object({ name: z.string() }))`
    SELECT c.relname AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
    WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p', 'm') ORDER BY 1`;
  const texts: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await product.db.pool.query<Record<string, unknown>>(`SELECT * FROM "${name}"`);
    texts[name] = rows.map((row) => Object.values(row).map(asText).join('\n')).join('\n').toLowerCase();
  }
  return texts;
}

function asText(value: unknown): string {
  if (Buffer.isBuffer(value)) return value.toString('utf8');
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}

const placesOf = (texts: Record<string, string>, word: string): string[] => Object.keys(texts).filter((table) => texts[table]?.includes(word));

/** Everything that is counted, added up or shown, without whom it was sold to. */
const figures = () => product.db.sql.rows(z.record(z.string(), z.unknown()))`
  SELECT to_jsonb(h) - ARRAY['customer_id', 'customer_name', 'customer_email', 'customer_phone', 'tags', 'redacted_at', 'mirrored_at'] AS header,
    to_jsonb(o) - ARRAY['customer', 'shipping_address', 'note', 'cancel_reason', 'updated_at'] AS "order",
    (SELECT jsonb_agg(to_jsonb(l) ORDER BY l.id) FROM order_line_item l WHERE l.order_header_id = h.id) AS lines,
    (SELECT jsonb_agg(to_jsonb(r) ORDER BY r.id) FROM refund r WHERE r.order_header_id = h.id) AS refunds
  FROM order_header h JOIN orders o ON o.shopify_id = h.shopify_id ORDER BY h.id`;

const requests = async () => privacyRequestPage.parse((await product.api('GET', '/api/v1/privacy/requests')).body).data;
const told = (topic: string, order: string) => product.control('POST', '/webhooks', { topic, order_id: order });

it('A redacted customer is found nowhere', async () => {
  const buy = (sku: string, more: Record<string, unknown>) => product.order([{ sku, quantity: 1 }], { customer: CUSTOMER, note: NOTE, tags: ['vip-jozefien'], ...more });
  const fulfilled = await buy('PLANTER', {});
  const waiting = await buy('NOBODY-MAPPED-IT', {});
  const refunded = await buy('PLANTER', { customer: { ...CUSTOMER, email: CUSTOMER.email.toUpperCase() }, fulfilment_type: 'pickup' });
  const regretted = await buy('NOBODY-MAPPED-IT', {});
  const another = await product.order([{ sku: 'PLANTER', quantity: 2 }], { customer: OTHER, note: 'Ring twice' });
  await product.fulfilled(fulfilled);
  await product.fulfilled(another);
  await product.oursWhen(waiting, (order) => order.attention.length > 0);
  await product.control('POST', `/orders/${refunded}/refund`, { lines: [], amount_cents: 100, note: 'Sorry, Jozefien Vandersypt' });
  // What people write of a customer, where they should not.
  const { id } = await product.ours(fulfilled);
  const { id: print } = await product.db.sql.one(z.object({ id: z.string() }))`SELECT id FROM print_job WHERE order_id = ${id}`;
  const reason = `Mrs ${CUSTOMER.last_name} (${CUSTOMER.email.toLowerCase()}) called: ${NOTE}`;
  expect(await product.api('POST', `/api/v1/print-jobs/${print}/force-status`, { status: 'FAILED', reason })).toMatchObject({ status: 200 });
  const cancel = `/api/v1/cancellations/order/${(await product.ours(regretted)).id}`;
  expect(await product.api('POST', cancel, { reason, cancel_in_shopify: true })).toMatchObject({ status: 200 });
  await product.settled();

  await told('customers/data_request', fulfilled);
  const asked = await until(async () => (await requests())[0], { what: 'the data request', timeoutMs: 10_000 });
  await product.settled();
  const exported = personalDataExport.parse((await product.api('GET', `/api/v1/privacy/requests/${asked.id}/export`)).body);
  expect(exported.orders.map((order) => order['shopify_id']).sort()).toEqual([fulfilled, waiting, refunded, regretted].sort());
  expect(exported.mirror).toHaveLength(4);
  expect(exported.deliveries.length).toBeGreaterThan(6);
  expect(JSON.stringify(exported)).toContain('32479001122');
  expect(JSON.stringify(exported)).not.toContain('Thorvald');

  const before = await everything();
  for (const word of WORDS) expect(placesOf(before, word)).not.toEqual([]);
  expect(placesOf(before, 'vandersypt')).toEqual(expect.arrayContaining(['audit_log', 'event', 'order_header', 'orders', 'shopify_cancellation', 'webhook_delivery']));
  const figuresBefore = await figures();

  await told('customers/redact', fulfilled);
  await until(async () => (await requests()).find((each) => each.kind === 'customer_redact')?.completed_at, { what: 'the redaction', timeoutMs: 20_000 });
  await product.settled();

  const after = await everything();
  expect(Object.fromEntries(WORDS.map((word) => [word, placesOf(after, word)]))).toEqual(Object.fromEntries(WORDS.map((word) => [word, []])));
  const { mails } = z.object({ mails: z.array(z.unknown()) }).parse(await product.control('GET', '/mail'));
  // What people wrote themselves went to people by mail, and a mail cannot be called back. Nothing else of a customer is in any.
  const ofOurs = mails.map((mail) => JSON.stringify(mail)).filter((mail) => !mail.includes('called: Leave it'));
  expect(ofOurs.length).toBeGreaterThan(0);
  for (const outside of [ofOurs.join(''), product.logs.join(''), JSON.stringify(await product.farm())]) {
    for (const word of WORDS) expect(outside.toLowerCase()).not.toContain(word);
  }
  // Somebody else's stay, and so does every figure.
  expect(placesOf(after, 'thorvald').sort()).toEqual(['order_header', 'orders', 'webhook_delivery']);
  expect(await figures()).toEqual(figuresBefore);
  const audit = await product.db.sql.rows(z.object({ action: z.string(), meta: z.unknown() }))`SELECT action, meta FROM audit_log WHERE entity = 'privacy_request' ORDER BY id`;
  expect(audit.map((each) => each.action).sort()).toEqual(['customer-redact', 'exported']);
  expect(await requests()).toMatchObject([{ kind: 'customer_redact', redacted_orders: 4 }, { kind: 'data_request' }]);

  // The order goes on as before, and whoever reports it later, mirror and order stay without the customer.
  await product.map('NOBODY-MAPPED-IT');
  await product.fulfilled(waiting);
  await product.settled();
  const later = await everything();
  for (const word of WORDS) expect([placesOf(later, word), word]).toEqual([placesOf(later, word).filter((table) => table === 'webhook_delivery'), word]);
}, 90_000);

it('a person answers who asked for their data, and the item goes', async () => {
  const [asked] = (await requests()).filter((each) => each.kind === 'data_request');
  const kinds = async () => z.object({ data: z.array(z.object({ kind: z.string() })) }).parse((await product.api('GET', '/api/v1/attention')).body).data.map((each) => each.kind);
  expect(await kinds()).toContain('data-request');
  expect(await product.api('POST', `/api/v1/privacy/requests/${asked?.id ?? ''}/answered`)).toMatchObject({ status: 200, body: { completed_at: expect.any(String) } });
  expect(await product.api('POST', `/api/v1/privacy/requests/${asked?.id ?? ''}/answered`)).toMatchObject({ status: 200 });
  expect(await kinds()).not.toContain('data-request');
  const redaction = (await requests()).find((each) => each.kind === 'customer_redact');
  expect(await product.api('GET', `/api/v1/privacy/requests/${redaction?.id ?? ''}/export`)).toMatchObject({ status: 409, body: { code: 'conflict' } });
  expect(await product.api('GET', '/api/v1/privacy/requests/0193f3a0-5b7e-7c1a-9d2e-3f4a5b6c7d8e/export')).toMatchObject({ status: 404, body: { code: 'privacy-request-not-found' } });
  const mails = z.object({ mails: z.array(z.object({ subject: z.string() })) });
  await until(async () => mails.parse(await product.control('GET', '/mail')).mails.some((each) => each.subject.includes('Customer Data Request')), { what: 'its mail', timeoutMs: 10_000 });
});

it('a shop that goes takes the data of all its customers along', async () => {
  const before = await figures();
  await product.control('POST', '/webhooks', { topic: 'shop/redact' });
  await until(async () => (await requests()).find((each) => each.kind === 'shop_redact')?.completed_at, { what: 'the redaction', timeoutMs: 20_000 });
  await product.settled();
  const texts = await everything();
  for (const word of [...WORDS, 'thorvald', 'rasmus', 'ring twice']) expect([word, placesOf(texts, word)]).toEqual([word, []]);
  expect(await figures()).toEqual(before);
});
