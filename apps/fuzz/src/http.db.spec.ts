import { useDatabase } from '@forma3d/testing';
import type { Product } from '../../api/src/journey/product.setup';
import { operationsOf, type Api } from './operations.setup';
import { quietProduct, SECRETS, TOKEN, type QuietApi } from './product.setup';
import { bytesOf, requests, type Request } from './requests.setup';
import { cases, Finding, search } from './search.setup';
import { differences, StoredRows } from './stored-rows.setup';
import { judgeAnswer, judgeExchange, PATIENCE_MS } from './verdict.setup';
import { sendRaw } from './wire.setup';

const { url } = useDatabase();
let product: Product;
let quiet: QuietApi;
let ids: string[];
let api: Api;
let stored: StoredRows;
let before: string;

beforeAll(async () => {
  ({ product, api: quiet, ids } = await quietProduct(url()));
  api = operationsOf((await product.api('GET', '/api/docs-json')).body);
  stored = await StoredRows.of(product.db);
  before = await stored.now();
}, 60_000);
afterAll(() => product.stop());

it('knows every operation of the product by its own document', () => {
  expect(api.operations.length).toBeGreaterThan(20);
  for (const known of ['POST /webhooks/shopify', 'POST /webhooks/simplyprint', 'GET /health/ready', 'PATCH /api/v1/product-mappings/{id}']) {
    expect(api.operations.map(({ method, path }) => `${method} ${path}`)).toContain(known);
  }
});

it('answers every request with what is documented, stores nothing of what it refuses, and tells no secrets', async () => {
  const known = { token: TOKEN, ids, host: `127.0.0.1:${quiet.port}` };
  const size = cases(500);
  await search('HTTP requests to every operation', requests(api, known), size, holds);
  expect((await product.api('GET', '/health/ready')).status).toBe(200);
}, 3_600_000);

async function holds(request: Request): Promise<void> {
  const exchange = await sendRaw(quiet.port, [bytesOf(request)], { timeoutMs: PATIENCE_MS, head: request.method === 'HEAD' });
  judgeExchange(exchange, request.method === 'HEAD');
  for (const answer of exchange.answers) {
    judgeAnswer(answer, SECRETS, request.method === 'HEAD');
    judgeDocumented(request, answer.status);
  }
  const refused = exchange.answers.every(({ status }) => status >= 400) || request.method === 'GET';
  const after = await stored.now();
  const changed = differences(before, after);
  before = after;
  if (refused && changed !== '') throw new Finding('a refused request leaves something behind', `${String(exchange.answers[0]?.status)}: ${changed}`);
  quiet.judgeLogs();
}

/** What any address may answer, before it is known which operation is meant. */
const ANYWHERE = new Set([400, 404, 405, 413, 415, 431]);

function judgeDocumented({ operation, onPath }: Request, status: number): void {
  if (!onPath || ANYWHERE.has(status) || operation.documented.has(status)) return;
  throw new Finding(`${operation.method} ${operation.path} answers ${status}, which is not documented`, [...operation.documented].join(', '));
}
