import { TestSandbox } from './test-client';

let client: TestSandbox;
beforeAll(async () => {
  client = await TestSandbox.start({ speed: 0 });
  await client.control('POST', 'catalogue', { orders: 300, days: 60, seed: 3 });
});
afterAll(() => client.stop());
afterEach(() => client.control('DELETE', 'faults'));

const ORDERS = `{ orders(sortKey: UPDATED_AT) { edges { node { id name totalPriceSet { shopMoney { amount } }
  lineItems { edges { node { id sku quantity product { id } } } } } } } }`;

interface Bulk {
  id: string;
  status: string;
  errorCode: string | null;
  objectCount: string;
  rootObjectCount: string;
  fileSize: string | null;
  url: string | null;
  partialDataUrl: string | null;
}

interface Run {
  data: { bulkOperationRunQuery: { bulkOperation: Bulk | null; userErrors: { field: string[] | null; message: string; code: string }[] } };
}

const run = async (query: string) =>
  (
    await client.graphql<Run>(
      'mutation m($query: String!) { bulkOperationRunQuery(query: $query, groupObjects: false) { bulkOperation { id status } userErrors { field message code } } }',
      { query },
    )
  ).data.bulkOperationRunQuery;

const poll = async (id: string | undefined) =>
  (
    await client.graphql<{ data: { bulkOperation: Bulk } }>(
      'query q($id: ID!) { bulkOperation(id: $id) { id status errorCode objectCount rootObjectCount fileSize url partialDataUrl } }',
      { id },
    )
  ).data.bulkOperation;

const finished = (id: string | undefined) =>
  client.until(() => poll(id), (bulk) => !['CREATED', 'RUNNING', 'CANCELING'].includes(bulk.status));

test('orders and their lines come as flat lines, children after their parents and apart from them', async () => {
  const started = await run(ORDERS);
  expect(started).toMatchObject({ bulkOperation: { status: 'CREATED' }, userErrors: [] });
  const bulk = await finished(started.bulkOperation?.id);
  expect(bulk).toMatchObject({ status: 'COMPLETED', errorCode: null, rootObjectCount: '300', partialDataUrl: null });
  const text = await (await fetch(bulk.url ?? '')).text();
  expect(bulk.fileSize).toBe(String(Buffer.byteLength(text)));
  expect(text).toContain('gid:\\/\\/shopify\\/Order\\/');
  const lines = text.trimEnd().split('\n').map((line) => JSON.parse(line) as Record<string, unknown>);
  expect(bulk.objectCount).toBe(String(lines.length));
  const parents = lines.filter((line) => line.__parentId === undefined);
  expect(parents).toHaveLength(300);
  expect(parents[0]).not.toHaveProperty('lineItems');
  expect(lines[1]).not.toHaveProperty('__parentId');
  const seen = new Set<unknown>();
  for (const line of lines) {
    if (line.__parentId === undefined) seen.add(line.id);
    else expect(seen.has(line.__parentId)).toBe(true);
  }
  const [webhook] = await client.webhooks('bulk_operations/finish');
  expect(JSON.parse(webhook?.body ?? '')).toMatchObject({ status: 'completed', error_code: null, type: 'query' });
});

test('an empty result has no file', async () => {
  const started = await run(`{ orders(query: "name:#1") { edges { node { id } } } }`);
  expect(await finished(started.bulkOperation?.id)).toMatchObject({ status: 'COMPLETED', objectCount: '0', url: null, fileSize: null });
});

test('a sixth operation at once is refused in Shopify’s words', async () => {
  await client.control('POST', 'faults', { target: 'shopify', kind: 'slow', operation: 'bulk', delay_ms: 60_000 });
  const ids: (string | undefined)[] = [];
  for (let number = 0; number < 5; number += 1) ids.push((await run(ORDERS)).bulkOperation?.id);
  expect(await run(ORDERS)).toEqual({
    bulkOperation: null,
    userErrors: [
      {
        field: null,
        message: `A bulk query operation for this app and shop is already in progress: ${ids.join(', ')}.`,
        code: 'OPERATION_IN_PROGRESS',
      },
    ],
  });
  for (const id of ids) {
    await client.graphql('mutation m($id: ID!) { bulkOperationCancel(id: $id) { bulkOperation { status } userErrors { message } } }', { id });
  }
  for (const id of ids) expect(await finished(id)).toMatchObject({ status: 'CANCELED' });
});

test('an operation that breaks is FAILED', async () => {
  await client.control('POST', 'faults', { target: 'shopify', kind: 'error', operation: 'bulk', count: 1 });
  const started = await run(ORDERS);
  expect(await finished(started.bulkOperation?.id)).toMatchObject({ status: 'FAILED', errorCode: 'INTERNAL_SERVER_ERROR', url: null });
});

test.each([
  ['no connection', '{ shop { name } }', /at least one connection/],
  ['an unknown field', '{ orders { edges { node { id colour } } } }', /Cannot query field "colour"/],
  ['no id', '{ orders { edges { node { name } } } }', /'id' field/],
  ['nodes instead of edges', '{ orders { nodes { id } } }', /edges \{ node/],
  ['a connection inside a list', '{ orders { edges { node { id refunds { id refundLineItems { edges { node { id } } } } } } } }', /within a list field/],
  ['two roots', '{ orders { edges { node { id } } } products { edges { node { id } } } }', /single top-level field/],
  [
    'three levels',
    '{ orders { edges { node { id fulfillmentOrders { edges { node { id lineItems { edges { node { id } } } } } } } } } }',
    /nesting depth greater than 2/,
  ],
  ['what does not parse', '{ orders {', /Syntax Error/],
])('a bulk query with %s is refused', async (_name, query, message) => {
  const { bulkOperation, userErrors } = await run(query);
  expect(bulkOperation).toBeNull();
  expect(userErrors[0]?.message).toMatch(message);
});
