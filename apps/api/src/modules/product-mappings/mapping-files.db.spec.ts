import { productMappingImport, problem } from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { ADMIN_TOKEN, FOOT, POT, Product } from '../../journey/product.setup';

const { url } = useDatabase();
let product: Product;

beforeAll(async () => {
  product = await Product.start(url());
}, 30_000);
afterAll(() => product.stop());
beforeEach(async () => {
  await product.db.sql`DELETE FROM product_mapping`;
});

const PATH = '/api/v1/product-mappings';
const refusal = problem.loose().extend({ errors: z.array(z.object({ path: z.string(), message: z.string() })).optional() });
const headers = { authorization: `Bearer ${ADMIN_TOKEN}`, 'content-type': 'text/csv' };

async function send(text: string, query = ''): Promise<{ status: number; body: unknown }> {
  const answer = await fetch(`${product.origin}${PATH}/import${query}`, { method: 'POST', headers, body: text });
  return { status: answer.status, body: await answer.json() };
}
async function imported(text: string, query = '') {
  const { status, body } = await send(text, query);
  expect({ status, body: status === 200 ? {} : body }).toEqual({ status: 200, body: {} });
  return productMappingImport.parse(body);
}
async function exported(query = ''): Promise<string> {
  const answer = await fetch(`${product.origin}${PATH}/export${query}`, { headers });
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('text/csv; charset=utf-8');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="product-mappings.csv"');
  return Buffer.from(await answer.arrayBuffer()).toString('utf8');
}
const stored = () =>
  product.db.sql.rows(z.looseObject({ sku: z.string().nullable(), variant_id: z.string().nullable() }))`
    SELECT m.sku, m.variant_id, m.title, m.kind, (SELECT array_agg(p.name || ' ' || p.file_id ORDER BY p.position) FROM product_mapping_part p WHERE p.mapping_id = m.id) AS parts
    FROM product_mapping m ORDER BY m.sku, m.variant_id`;
const counted = async () =>
  product.db.sql.one(z.object({ events: z.number(), audits: z.number() }))`
    SELECT (SELECT count(*) FROM event WHERE type = 'product-mapping.saved') AS events, (SELECT count(*) FROM audit_log WHERE entity = 'product_mapping') AS audits`;

const HEAD = 'sku,variant_id,title,kind,part,file_id,copies_per_unit\n';
const THREE = `${HEAD}PLANTER,,"Planter, =big",,pot,${POT},\nPLANTER,,,,foot,${FOOT},4\nCARD,,,none,,,\n,44012345678,,,pot,${POT},2\n`;

describe('a file', () => {
  it('is told line by line in a dry run, changes nothing there, and all at once when it is imported; once more it changes nothing', async () => {
    await product.api('POST', PATH, { sku: 'CARD', parts: [{ name: 'card', file_id: POT }] });
    const before = [await stored(), await counted()];
    const dry = await imported(THREE, '?dry_run=true');
    expect(dry).toMatchObject({ dry_run: true, applied: false, mappings: { create: 2, update: 1, unchanged: 0 }, lines_with_errors: 0 });
    expect(dry.lines.map(({ line, sku, variant_id, action }) => [line, sku ?? variant_id, action])).toEqual([[2, 'PLANTER', 'create'], [3, 'PLANTER', 'create'], [4, 'CARD', 'update'], [5, '44012345678', 'create']]);
    expect([await stored(), await counted()]).toEqual(before);
    expect(await imported(THREE)).toEqual({ ...dry, dry_run: false, applied: true });
    expect(await stored()).toMatchObject([
      { sku: 'CARD', kind: 'none', parts: null },
      { sku: 'PLANTER', title: 'Planter, =big', kind: 'parts', parts: [`pot ${POT}`, `foot ${FOOT}`] },
      { variant_id: '44012345678', parts: [`pot ${POT}`] },
    ]);
    const after = await counted();
    expect(await imported(THREE)).toMatchObject({ applied: true, mappings: { create: 0, update: 0, unchanged: 3 } });
    expect(await counted()).toEqual(after);
    const audits = await product.db.sql.rows(z.object({ action: z.string(), actor: z.string(), meta: z.looseObject({ imported: z.boolean() }) }))`
      SELECT action, actor, meta FROM audit_log WHERE entity = 'product_mapping' AND meta ? 'imported' ORDER BY action`;
    expect(audits).toMatchObject([{ action: 'changed', actor: 'admin', meta: { sku: 'CARD', old: { kind: 'parts', parts: [{ file_id: POT }] }, new: { kind: 'none', parts: [] } } }, { action: 'created' }, { action: 'created' }]);
  });

  it('with one wrong line changes nothing; the refusal names it, and a dry run names all', async () => {
    const text = `${THREE}VASE,,,,vase,nonsense,\nBOWL,,,none,,,\n`;
    const { status, body } = await send(text);
    expect(status).toBe(422);
    expect(refusal.parse(body)).toMatchObject({ code: 'invalid', errors: [{ path: 'line 6.file_id', message: expect.stringContaining('32') as unknown }] });
    expect(await stored()).toEqual([]);
    const dry = await imported(text, '?dry_run=true');
    expect(dry.lines.map(({ action }) => action)).toEqual(['create', 'create', 'create', 'create', 'error', 'create']);
    expect(dry).toMatchObject({ applied: false, mappings: { create: 4 }, lines_with_errors: 1 });
    const many = await send(HEAD + 'X,,,,,,\n'.repeat(1_000));
    expect(many).toMatchObject({ status: 422, body: { more_errors: 980 } });
  });

  it('is refused whole where it is none', async () => {
    for (const text of ['', 'nonsense\n', 'sku,kind\nA,"none\n', 'sku\0,kind\n']) expect(await send(text)).toMatchObject({ status: 422, body: { code: 'invalid' } });
    expect(await send('x'.repeat(5 * 1024 * 1024 + 1))).toMatchObject({ status: 413 });
    expect(await send(`sku,kind\n${'A,none\n'.repeat(20_001)}`)).toMatchObject({ status: 413, body: { code: 'too-large' } });
    expect(await send(THREE, '?dry_run=maybe')).toMatchObject({ status: 422 });
    expect(await product.api('POST', `${PATH}/import`, {})).toMatchObject({ status: 415 });
    expect(await stored()).toEqual([]);
  });

  it('that was exported, with either separator, is imported as unchanged, and into an empty store as the same', async () => {
    await imported(THREE);
    for (let n = 0; n < 700; n += 1) await product.db.sql`
      INSERT INTO product_mapping (id, store_id, sku, kind, title, created_at, updated_at) SELECT gen_random_uuid(), id, ${`=S-${String(n)};"x"`}, 'none', ${`l1\r\n+l2 ${String(n)}`}, now(), now() FROM store`;
    const before = await stored();
    const [comma, semicolon] = [await exported(), await exported('?separator=semicolon')];
    expect(comma.startsWith('sku,variant_id,title,kind,part,')).toBe(true);
    expect(semicolon.startsWith('\ufeffsku;variant_id;')).toBe(true);
    for (const file of [comma, semicolon]) expect(await imported(file)).toMatchObject({ mappings: { create: 0, update: 0, unchanged: 703 } });
    await product.db.sql`DELETE FROM product_mapping`;
    expect(await imported(semicolon)).toMatchObject({ mappings: { create: 703 } });
    expect(await stored()).toEqual(before);
    expect(await exported()).toBe(comma);
  });

  it('of thousands of mappings is imported within seconds, and its export too, by one task of release', async () => {
    const lines = Array.from({ length: 5_000 }, (_, n) => `BIG-${String(n)},,,,one,${POT},\nBIG-${String(n)},,,,two,${FOOT},2\n`);
    const began = performance.now();
    expect(await imported(HEAD + lines.join(''))).toMatchObject({ mappings: { create: 5_000 } });
    expect(performance.now() - began).toBeLessThan(12_000);
    expect((await exported()).split('\r\n')).toHaveLength(10_002);
    const { tasks } = await product.db.sql.one(z.object({ tasks: z.number() }))`SELECT count(*) AS tasks FROM retry_queue WHERE type = 'MAPPING_RELEASE'`;
    expect(tasks).toBeLessThan(20);
  }, 40_000);

  it('releases the orders that waited for its mappings', async () => {
    const first = await product.order([{ sku: 'FILE-A', quantity: 1 }]);
    const second = await product.order([{ sku: 'FILE-B', quantity: 1 }, { sku: 'FILE-A', quantity: 1 }]);
    for (const id of [first, second]) await product.oursWhen(id, (order) => order.attention.some(({ kind }) => kind === 'unmapped-lines'));
    await imported(`sku,part,file_id\nFILE-A,pot,${POT}\nFILE-B,pot,${POT}\n`);
    for (const id of [first, second]) await product.fulfilled(id);
  }, 60_000);
});

describe('a file that is imported', () => {
  it('twice at once makes each mapping once', async () => {
    const answers = await Promise.all([1, 2, 3].map(() => imported(THREE)));
    expect((await stored()).map(({ sku, variant_id }) => sku ?? variant_id)).toEqual(['CARD', 'PLANTER', '44012345678']);
    expect(answers.reduce((sum, { mappings }) => sum + mappings.create, 0)).toBe(3);
    expect(answers.reduce((sum, { mappings }) => sum + mappings.unchanged, 0)).toBe(6);
  });

  it('while others map the same SKUs, and with its lines in another order, ends as one of them says', async () => {
    const skus = Array.from({ length: 40 }, (_, n) => `RACE-${String(n)}`);
    const file = (file_id: string, names: string[]) => `sku,part,file_id\n${names.map((sku) => `${sku},pot,${file_id}\n`).join('')}`;
    const answers = await Promise.all([
      imported(file(POT, skus)),
      imported(file(FOOT, [...skus].reverse())),
      ...skus.slice(0, 10).map((sku) => product.api('POST', PATH, { sku, kind: 'none' })),
    ]);
    for (const answer of answers.slice(2)) expect([201, 409]).toContain((answer as { status: number }).status);
    const rows = await stored();
    expect(rows).toHaveLength(40);
    // The mappings of the file that came last, all of them.
    expect(new Set(rows.map(({ parts }) => JSON.stringify(parts))).size).toBe(1);
  });

  it('waits for a change of one of its mappings, and then makes it as the file says', async () => {
    await imported(THREE);
    const held = await product.db.pool.connect();
    try {
      await held.query('BEGIN');
      await held.query(`UPDATE product_mapping SET title = 'somebody else' WHERE sku = 'PLANTER'`);
      const later = imported(THREE);
      await until(async () => {
        const { n } = await product.db.sql.one(z.object({ n: z.number() }))`SELECT count(*) AS n FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
        return n === 1;
      });
      await held.query('COMMIT');
      expect(await later).toMatchObject({ mappings: { update: 1, unchanged: 2 } });
    } finally {
      held.release();
    }
    expect(await stored()).toMatchObject([{}, { title: 'Planter, =big' }, {}]);
    const changes = await Promise.all([imported(THREE), product.api('PATCH', `${PATH}/${z.object({ data: z.array(z.object({ id: z.string() })) }).parse((await product.api('GET', `${PATH}?q=PLANTER`)).body).data[0]?.id ?? ''}`, { parts: [{ name: 'only', file_id: POT }] })]);
    expect(changes[1]).toMatchObject({ status: 200 });
    expect([[`pot ${POT}`, `foot ${FOOT}`], [`only ${POT}`]]).toContainEqual((await stored())[1]?.['parts']);
  }, 20_000);
});
