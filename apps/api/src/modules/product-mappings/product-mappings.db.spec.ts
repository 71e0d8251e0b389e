import { unmappedLinePage } from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { FOOT, POT, Product } from '../../journey/product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
}, 30_000);
afterAll(() => product.stop());

const mapping = z.looseObject({ id: z.string(), sku: z.string().nullable(), kind: z.string(), parts: z.array(z.looseObject({ name: z.string() })) });
const page = z.looseObject({ data: z.array(mapping), pagination: z.object({ limit: z.number(), next_cursor: z.string().nullable(), has_more: z.boolean() }) });
const PATH = '/api/v1/product-mappings';
const part = (name: string, file_id = POT) => ({ name, file_id });
const create = async (body: unknown) => {
  const answer = await product.api('POST', PATH, body);
  expect(answer.status).toBe(201);
  return mapping.parse(answer.body);
};
const audits = (id: string) =>
  product.db.sql.rows(z.object({ action: z.string(), actor: z.string() }))`
    SELECT action, actor FROM audit_log WHERE entity = 'product_mapping' AND entity_id = ${id} ORDER BY created_at, id`;

describe('a mapping', () => {
  it('that is gone can still be told from the audit, and so can a file that was swapped', async () => {
    const { id } = await create({ sku: 'TRACED', title: 'Traced', parts: [part('pot')] });
    await product.api('PATCH', `${PATH}/${id}`, { parts: [part('pot', FOOT)] });
    await product.api('DELETE', `${PATH}/${id}`);
    const metas = await product.db.sql.rows(z.object({ meta: z.looseObject({}) }))`
      SELECT meta FROM audit_log WHERE entity = 'product_mapping' AND entity_id = ${id} ORDER BY created_at, id`;
    const was = (file_id: string) => ({ title: 'Traced', kind: 'parts', parts: [{ name: 'pot', file_id }] });
    expect(metas).toMatchObject([
      { meta: { sku: 'TRACED', variant_id: null, old: null, new: was(POT) } },
      { meta: { sku: 'TRACED', old: was(POT), new: was(FOOT) } },
      { meta: { sku: 'TRACED', old: was(FOOT), new: null } },
    ]);
  });

  it('is made, read, changed and deleted, and each change is audited', async () => {
    const made = await create({ sku: 'POT', title: 'Pot', parts: [part('pot'), { ...part('foot', FOOT), copies_per_unit: 4, pieces_per_print: 4 }] });
    expect(made).toMatchObject({ sku: 'POT', variant_id: null, kind: 'parts', parts: [{ name: 'pot' }, { name: 'foot', pieces_per_print: 4 }] });
    expect((await product.api('GET', `${PATH}/${made.id}`)).body).toEqual(made);
    const changed = await product.api('PATCH', `${PATH}/${made.id}`, { title: null, parts: [part('pot', FOOT)] });
    expect(changed).toMatchObject({ status: 200, body: { title: null, sku: 'POT', parts: [{ name: 'pot', file_id: FOOT }] } });
    expect(await product.api('PATCH', `${PATH}/${made.id}`, { kind: 'none' })).toMatchObject({ status: 200, body: { kind: 'none', parts: [] } });
    expect((await product.api('DELETE', `${PATH}/${made.id}`)).status).toBe(204);
    expect((await product.api('GET', `${PATH}/${made.id}`)).status).toBe(404);
    expect(await audits(made.id)).toEqual(['created', 'changed', 'changed', 'deleted'].map((action) => ({ action, actor: 'admin' })));
  });

  it('is there once for a SKU, also when two people save it at the same moment', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => product.api('POST', PATH, { sku: 'ONCE', parts: [part('pot')] })));
    expect(answers.map((answer) => answer.status).sort()).toEqual([201, 409, 409]);
    expect(answers.find((answer) => answer.status === 409)?.body).toMatchObject({ code: 'conflict', sku: 'ONCE' });
    expect((await product.api('POST', PATH, { variant_id: '77', kind: 'none' })).status).toBe(201);
    expect((await product.api('POST', PATH, { variant_id: '77', kind: 'none' })).status).toBe(409);
  });

  it('that cannot be meant is refused and not stored', async () => {
    const before = page.parse((await product.api('GET', `${PATH}?limit=100`)).body).data.length;
    const { id } = await create({ sku: 'REFUSALS', kind: 'none' });
    for (const body of [{}, { sku: 'X' }, { sku: 'X', variant_id: '1', kind: 'none' }, { sku: 'X', parts: [part('a', 'nonsense')] }]) {
      expect(await product.api('POST', PATH, body)).toMatchObject({ status: 422, body: { code: 'invalid', errors: expect.any(Array) as unknown } });
    }
    for (const change of [{}, { kind: 'parts' }, { kind: 'none', parts: [part('a')] }, { parts: [part('a')] }]) {
      expect((await product.api('PATCH', `${PATH}/${id}`, change)).status).toBe(422);
    }
    expect((await product.api('GET', `${PATH}/no-uuid`)).status).toBe(422);
    for (const method of ['GET', 'PATCH', 'DELETE']) {
      const unknown = `${PATH}/01a1fcc8-8dd0-7709-9da3-4eb71ac26108`;
      expect((await product.api(method, unknown, method === 'PATCH' ? { title: 'x' } : undefined)).status).toBe(404);
    }
    expect(page.parse((await product.api('GET', `${PATH}?limit=100`)).body).data).toHaveLength(before + 1);
  });

  it('is found by text and kind, page by page, newest first', async () => {
    for (const n of [1, 2, 3, 4, 5]) await create({ sku: `PAGED-${String(n)}`, kind: 'none' });
    const skus: (string | null)[] = [];
    let cursor: string | null = null;
    do {
      const answer = await product.api('GET', `${PATH}?q=paged&kind=none&limit=2${cursor === null ? '' : `&cursor=${cursor}`}`);
      const { data, pagination } = page.parse(answer.body);
      skus.push(...data.map((each) => each.sku));
      cursor = pagination.next_cursor;
    } while (cursor !== null);
    expect(skus).toEqual(['PAGED-5', 'PAGED-4', 'PAGED-3', 'PAGED-2', 'PAGED-1']);
    expect((await product.api('GET', `${PATH}?cursor=nonsense`)).status).toBe(422);
    expect(page.parse((await product.api('GET', `${PATH}?q=paged&kind=parts`)).body).data).toEqual([]);
  });
});

it('the mapping of a variant beats that of its SKU', async () => {
  const partOf = async (shopifyId: string): Promise<string | undefined> => {
    const { id } = await product.ours(shopifyId);
    return (await product.db.sql.maybe(z.object({ part_name: z.string() }))`SELECT part_name FROM queue_item WHERE order_id = ${id}`)?.part_name;
  };
  await create({ sku: 'HEX-WHITE', parts: [part('by-sku')] });
  const first = await product.order([{ sku: 'HEX-WHITE', quantity: 1 }]);
  expect(await until(() => partOf(first))).toBe('by-sku');
  const { lines } = z.object({ lines: z.array(z.looseObject({ variant_id: z.string() })) }).parse(await product.ours(first));
  await create({ variant_id: lines[0]?.variant_id, parts: [part('by-variant', FOOT)] });
  const second = await product.order([{ sku: 'HEX-WHITE', quantity: 1 }]);
  expect(await until(() => partOf(second))).toBe('by-variant');
}, 30_000);

it('a mapping that is changed leaves orders alone that were planned with what it was', async () => {
  const { id } = await create({ sku: 'CHANGING', parts: [part('old')] });
  await product.control('POST', '/simplyprint/speed', { speed: 0 });
  const shopifyId = await product.order([{ sku: 'CHANGING', quantity: 1 }]);
  const order = await product.oursWhen(shopifyId, (each) => each.production_status === 'PROCESSING');
  await product.api('PATCH', `${PATH}/${id}`, { parts: [part('new', FOOT)] });
  await product.control('POST', `/orders/${shopifyId}/edit`, { lines: [{ sku: 'CHANGING', quantity: 3 }] });
  const made = await until(async () => {
    const rows = await product.db.sql.rows(z.object({ part_name: z.string() }))`
      SELECT q.part_name FROM print_job p JOIN queue_item q ON q.id = p.queue_item_id WHERE p.order_id = ${order.id}`;
    return rows.length === 3 ? rows : undefined;
  }, { timeoutMs: 15_000 });
  expect(made.map((row) => row.part_name)).toEqual(['old', 'old', 'old']);
  await product.control('POST', '/simplyprint/speed', { speed: 6_000 });
}, 30_000);

it('what waits for a mapping is listed page by page, each line once', async () => {
  await product.order(['INBOX-1', 'INBOX-2', 'INBOX-3'].map((sku) => ({ sku, quantity: 1 })));
  const inbox = async (query: string) => unmappedLinePage.parse((await product.api('GET', `${PATH}/unmapped?${query}`)).body);
  const all = await until(async () => {
    const { data } = await inbox('limit=100');
    return data.length === 3 ? data : undefined;
  }, { timeoutMs: 10_000 });
  const first = await inbox('limit=2');
  expect(first).toMatchObject({ data: all.slice(0, 2), pagination: { has_more: true } });
  const second = await inbox(`limit=2&cursor=${first.pagination.next_cursor ?? ''}`);
  expect(second).toEqual({ data: all.slice(2), pagination: { limit: 2, next_cursor: null, has_more: false } });
}, 30_000);
