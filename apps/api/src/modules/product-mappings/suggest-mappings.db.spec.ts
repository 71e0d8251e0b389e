import { unmappedLinePage, type UnmappedLine } from '@forma3d/contracts';
import { until, useDatabase } from '@forma3d/testing';
import { z } from 'zod';
import { POT, Product } from '../../journey/product.setup';
import { SuggestMappings } from './suggest-mappings';

const { url } = useDatabase();
let product: Product;
let storeId: string;

beforeAll(async () => {
  product = await Product.start(url());
  ({ id: storeId } = await product.db.sql.one(z.object({ id: z.string() }))`SELECT id FROM store`);
}, 30_000);
afterAll(() => product.stop());

const PATH = '/api/v1/product-mappings';
const created = z.looseObject({ id: z.string(), parts: z.array(z.looseObject({ name: z.string() })) });
const map = async (sku: string) => created.parse((await product.api('POST', PATH, { sku, title: 'A pot', parts: [{ name: 'pot', file_id: POT, tags: ['x'] }] })).body);
const unmapped = async (sku: string): Promise<UnmappedLine> =>
  until(async () => unmappedLinePage.parse((await product.api('GET', `${PATH}/unmapped?limit=100`)).body).data.find((line) => line.sku === sku), { timeoutMs: 10_000 });

describe('a line that waits for a mapping', () => {
  it('comes with the mappings whose SKU is almost the same, likeliest first, three at most', async () => {
    const ids = new Map<string, string>();
    for (const sku of ['HEX', 'hex-blk', 'HEX_BLK', 'HEX-WHT', 'HEX-BLK-XL', 'VASE']) ids.set(sku, (await map(sku)).id);
    await product.order([{ sku: 'HEX-BLK', quantity: 1 }]);
    expect((await unmapped('HEX-BLK')).suggestions).toEqual([
      { mapping_id: ids.get('hex-blk'), sku: 'hex-blk', reason: 'the same apart from case' },
      { mapping_id: ids.get('HEX_BLK'), sku: 'HEX_BLK', reason: 'the same apart from separators' },
      { mapping_id: ids.get('HEX'), sku: 'HEX', reason: 'the same but for the suffix -BLK' },
    ]);
    await product.order([{ sku: 'HEX-RED', quantity: 1 }]);
    expect((await unmapped('HEX-RED')).suggestions.map(({ sku, reason }) => [sku, reason])).toEqual([
      ['HEX', 'the same but for the suffix -RED'],
      ['HEX-WHT', 'the same but for the suffix: -WHT instead of -RED'],
      ['HEX_BLK', 'the same but for the suffix: _BLK instead of -RED'],
    ]);
    await product.order([{ sku: null, title: 'Something', quantity: 1 }, { sku: 'BOWL-1', quantity: 1 }]);
    expect((await unmapped('BOWL-1')).suggestions).toEqual([]);
  }, 30_000);

  it('goes on when the parts of a suggested mapping are copied', async () => {
    await map('BOX');
    const shopifyId = await product.order([{ sku: 'BOX-GRN', quantity: 1 }]);
    const [suggestion] = (await unmapped('BOX-GRN')).suggestions;
    const answer = await product.api('POST', `${PATH}/${suggestion?.mapping_id ?? ''}/copy`, { sku: 'BOX-GRN' });
    expect(answer).toMatchObject({ status: 201, body: { sku: 'BOX-GRN', variant_id: null, title: 'A pot', kind: 'parts', parts: [{ name: 'pot', file_id: POT, tags: ['x'] }] } });
    await product.fulfilled(shopifyId);
  }, 30_000);
});

describe('a copy', () => {
  it('is audited with what it was made from, and leaves that as it was', async () => {
    const source = await map('LAMP');
    const answer = created.parse((await product.api('POST', `${PATH}/${source.id}/copy`, { variant_id: '4711', title: 'Lamp, blue' })).body);
    expect(answer).toMatchObject({ sku: null, variant_id: '4711', title: 'Lamp, blue' });
    expect((await product.api('GET', `${PATH}/${source.id}`)).body).toEqual(source);
    const { meta } = await product.db.sql.one(z.object({ meta: z.looseObject({}) }))`SELECT meta FROM audit_log WHERE entity_id = ${answer.id} AND action = 'created'`;
    expect(meta).toMatchObject({ variant_id: '4711', copied_from: source.id });
  });

  it('onto what is mapped is 409, of what is unknown 404, for nothing or both 422', async () => {
    const { id } = await map('STOOL');
    await map('STOOL-2');
    expect(await product.api('POST', `${PATH}/${id}/copy`, { sku: 'STOOL-2' })).toMatchObject({ status: 409, body: { code: 'conflict', sku: 'STOOL-2' } });
    expect(await product.api('POST', `${PATH}/01a1fcc8-8dd0-7709-9da3-4eb71ac26108/copy`, { sku: 'STOOL-3' })).toMatchObject({ status: 404, body: { code: 'product-mapping-not-found' } });
    for (const body of [{}, { sku: 'A', variant_id: '1' }, { sku: 'A', parts: [] }]) expect(await product.api('POST', `${PATH}/${id}/copy`, body)).toMatchObject({ status: 422 });
  });

  it('onto one SKU by two at the same moment is made once', async () => {
    const { id } = await map('RACK');
    const answers = await Promise.all([1, 2, 3].map(() => product.api('POST', `${PATH}/${id}/copy`, { sku: 'RACK-BLK' })));
    expect(answers.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });
});

it('suggestions among tens of thousands of mappings come from indexes', async () => {
  await product.db.sql`
    INSERT INTO product_mapping (id, store_id, sku, sku_key, sku_stem, kind, created_at, updated_at)
    SELECT gen_random_uuid(), ${storeId}, 'POSTER-' || n, 'poster' || n, 'poster', 'none', now(), now() FROM generate_series(1, 30000) AS n`;
  await product.db.sql`ANALYZE product_mapping`;
  const skus = Array.from({ length: 100 }, (_, n) => `poster ${String(n * 3)}-XL`);
  const began = performance.now();
  const found = await new SuggestMappings(product.db).for(storeId, [...skus, 'POSTER-0', null]);
  expect(performance.now() - began).toBeLessThan(2_000);
  expect(found[7]).toMatchObject([{ sku: 'POSTER-21', reason: 'the same but for the suffix -XL' }]);
  // Thousands have this stem: the first by SKU.
  expect(found[100]?.map(({ sku }) => sku)).toEqual(['POSTER-1', 'POSTER-10', 'POSTER-100']);
  expect(found[101]).toEqual([]);
});
