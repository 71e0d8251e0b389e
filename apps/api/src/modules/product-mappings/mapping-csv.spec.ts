import { newProductMapping, type NewProductMapping } from '@forma3d/contracts';
import fc from 'fast-check';
import { guarded, headLine, joinTags, mappingLines, splitTags, unguarded, type Separator } from './mapping-csv';
import { keyOf, readMappingFile } from './read-mapping-file';

const text = (maxLength: number) =>
  fc
    .oneof(
      { weight: 1, arbitrary: fc.string({ minLength: 1, maxLength, unit: 'grapheme' }) },
      { weight: 2, arbitrary: fc.array(fc.constantFrom('=', '+', '-', '@', "'", '"', '""', ',', ';', '\t', '\r', '\n', '\r\n', '|', '\\', ' ', 'a', 'Ä', '＝', '\ufeff', '0'), { minLength: 1, maxLength: 12 }).map((all) => all.join('')) },
    )
    .map((each) => each.replaceAll('\0', '').trim().slice(0, maxLength).trim())
    .filter((each) => each !== '' && !/\p{Surrogate}/u.test(each));
const maybe = <T>(arbitrary: fc.Arbitrary<T>) => fc.option(arbitrary, { nil: null });
const part = fc.record({
  name: text(100),
  file_id: fc.stringMatching(/^[0-9a-f]{32}$/),
  file_name: maybe(text(255)),
  copies_per_unit: fc.integer({ min: 1, max: 1000 }),
  pieces_per_print: fc.integer({ min: 1, max: 1000 }),
  material: maybe(text(100)),
  printer_group: maybe(text(50)),
  tags: fc.array(text(50), { maxLength: 4 }),
});
const key = fc.oneof(
  text(255).map((sku) => ({ sku, variant_id: null })),
  fc.stringMatching(/^\d{1,20}$/).map((variant_id) => ({ sku: null, variant_id })),
);
const mapping = fc
  .tuple(key, maybe(text(255)), fc.uniqueArray(part, { maxLength: 4, selector: ({ name }) => name }))
  .map(([own, title, parts]): NewProductMapping => newProductMapping.parse({ ...own, title, kind: parts.length === 0 ? 'none' : 'parts', parts }));
const catalogue = fc.uniqueArray(mapping, { maxLength: 5, selector: keyOf });

const fileOf = (mappings: readonly NewProductMapping[], separator: Separator) => headLine(separator) + mappings.map((each) => mappingLines(each, separator)).join('');

describe('a file of mappings', () => {
  it.each(['comma', 'semicolon'] as const)('with %s between its cells is read back as what was written', async (separator) => {
    await fc.assert(
      fc.asyncProperty(catalogue, async (mappings) => {
        const { lines, mappings: read } = await readMappingFile(fileOf(mappings, separator));
        expect(lines.flatMap(({ errors }) => errors)).toEqual([]);
        expect([...read.values()].map((each) => each.mapping)).toEqual(mappings);
      }),
      { numRuns: 300 },
    );
  });

  it('is RFC 4180: names first, lines that end with CRLF, quotes where they are needed', () => {
    const parts = [{ name: 'pot', file_id: 'c'.repeat(32), tags: ['black', 'a|b'], material: 'PLA "matt"' }, { name: 'foot', file_id: 'd'.repeat(32), copies_per_unit: 4, pieces_per_print: 2 }];
    const planter = newProductMapping.parse({ sku: 'PLANTER', title: 'Planter, small', parts });
    const card = newProductMapping.parse({ variant_id: '44', kind: 'none' });
    expect(fileOf([planter, card], 'comma')).toBe(
      'sku,variant_id,title,kind,part,file_id,file_name,copies_per_unit,pieces_per_print,material,printer_group,tags\r\n' +
        `PLANTER,,"Planter, small",parts,pot,${'c'.repeat(32)},,1,1,"PLA ""matt""",,black|a\\|b\r\n` +
        `PLANTER,,"Planter, small",parts,foot,${'d'.repeat(32)},,4,2,,,\r\n` +
        ',44,,none,,,,,,,,\r\n',
    );
  });

  it('no cell of it begins what a spreadsheet takes for a formula', () => {
    fc.assert(fc.property(mapping, (each) => {
      // Whichever separator a program goes by, and however it takes quotes.
      for (const cell of mappingLines(each, 'comma').split(/[\r\n,;\t]/)) expect(cell).not.toMatch(/^"*[=+@＝＋－＠-]/u);
    }), { examples: [[newProductMapping.parse({ sku: '=HYPERLINK("http://x")', kind: 'none' })]] });
  });
});

it('one apostrophe guards a cell, and taking it away gives back what was', () => {
  fc.assert(fc.property(text(50), (cell) => {
    expect(unguarded(guarded(cell))).toBe(cell);
    expect(guarded(cell)).not.toMatch(/(^|[,;\t\r\n])[=+\-@]/);
  }), { examples: [['=1'], ["'=1"], ["''-1"], ["'a"], ["'"], ['a;=1'], ["a,'=1"], ['"=1"'], ['a\t=1']] });
});

it('tags come back from one cell, whatever letters they have', () => {
  fc.assert(fc.property(fc.array(text(50), { maxLength: 5 }), (tags) => {
    expect(splitTags(joinTags(tags))).toEqual(tags);
  }), { examples: [[['a|b', '\\', '\\|', '|\\']]] });
});
