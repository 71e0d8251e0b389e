import { MOST_LINES } from './csv-lines';
import { readMappingFile } from './read-mapping-file';

const FILE = 'c'.repeat(32);
const refused = (text: string) => readMappingFile(text).then(() => undefined, (error: unknown) => error);
const errorsOf = async (text: string) => (await readMappingFile(text)).lines.filter(({ errors }) => errors.length > 0).map(({ line, errors }) => ({ line, errors }));
const mappingsOf = async (text: string) => [...(await readMappingFile(text)).mappings.values()].map(({ mapping }) => mapping);

describe('what spreadsheets save is read', () => {
  it.each([
    ['as it should be', `sku,part,file_id\r\nA,pot,${FILE}\r\n`],
    ['with a byte order mark and semicolons', `\ufeffsku;part;file_id\r\nA;pot;${FILE}\r\n`],
    ['with lines that end otherwise', `sku,part,file_id\nA,pot,${FILE}`],
    ['with the ends of lines of old', `sku,part,file_id\rA,pot,${FILE}\r`],
    ['with different ends of lines', `sku,part,file_id\nA,pot,${FILE}\r\n\n`],
    ['with every cell quoted, and space about others', `"SKU", Part ,"File_ID"\r\n"A", pot,"${FILE}"\r\n`.replaceAll('", ', '",')],
    ['with empty lines and cells', `sku;part;file_id\r\n;;;;\r\n\r\nA;pot;${FILE};;\r\n`],
    ['with columns in another order', `file_id,part,variant_id,sku\n${FILE},pot,,A`],
  ])('%s', async (_how, text) => {
    expect(await mappingsOf(text)).toMatchObject([{ sku: 'A', kind: 'parts', parts: [{ name: 'pot', file_id: FILE, copies_per_unit: 1, tags: [] }] }]);
  });

  it('a cell may have ends of lines, separators and quotes in quotes', async () => {
    expect(await mappingsOf('sku,title,kind\r\nA,"one\ntwo, ""three""\r\nfour",none')).toMatchObject([{ title: 'one\ntwo, "three"\r\nfour', kind: 'none', parts: [] }]);
  });

  it('lines of one SKU are parts of one mapping, in their order, wherever they stand; the title may stand on the first alone', async () => {
    const text = `sku,title,part,file_id\nA,Pot,one,${FILE}\nB,,x,${FILE}\nA,,two,${FILE}\n`;
    expect(await mappingsOf(text)).toMatchObject([{ sku: 'A', title: 'Pot', parts: [{ name: 'one' }, { name: 'two' }] }, { sku: 'B', title: null }]);
  });
});

describe('what is wrong with a line is told at that line', () => {
  const head = 'sku,variant_id,title,kind,part,file_id,copies_per_unit,tags\n';
  it.each<[string, string, object[]]>([
    ['neither SKU nor variant', `,,,,pot,${FILE},,`, [{ path: 'sku', message: 'give either sku or variant_id' }]],
    ['both', `A,1,,,pot,${FILE},,`, [{ path: 'sku' }]],
    ['a variant as a spreadsheet rounds it', `,4.4E+13,,,pot,${FILE},,`, [{ path: 'variant_id', message: 'must be the numeric id of a Shopify variant' }]],
    ['no part', 'A,,,,,,,', [{ path: 'part' }]],
    ['a part of kind none', `A,,,none,pot,${FILE},,`, [{ path: 'part' }]],
    ['no such kind', `A,,,some,pot,${FILE},,`, [{ path: 'kind' }]],
    ['no file, and half a copy', 'A,,,,pot,,0.5,', [{ path: 'file_id', message: 'is missing' }, { path: 'copies_per_unit', message: 'must be a whole number from 1 to 1000' }]],
    ['too many copies, no name', `A,,,,,${FILE},1001,`, [{ path: 'part', message: 'is missing' }, { path: 'copies_per_unit' }]],
    ['an empty tag', `A,,,,pot,${FILE},,a||b`, [{ path: 'tags' }]],
    ['more cells than columns', `A,,,,pot,${FILE},,,surplus`, [{ path: 'line' }]],
    ['a text that is too long', `A,,${'x'.repeat(256)},,pot,${FILE},,`, [{ path: 'title' }]],
  ])('%s', async (_what, line, errors) => {
    expect(await errorsOf(`${head}OTHER,,,none,,,,\n${line}\n`)).toMatchObject([{ line: 3, errors }]);
  });

  it('the same part, another title and a second line of kind none are wrong where they stand again', async () => {
    const text = `sku,title,kind,part,file_id\nA,"Pot\nbig",,one,${FILE}\r\n\nA,,parts,one,${FILE}\nA,Pan,,two,${FILE}\nB,,none,,\nB,,none,,\nA,,none,,\n`;
    expect(await errorsOf(text)).toEqual([
      { line: 5, errors: [{ path: 'part', message: 'the mapping has a part of this name on a line before' }] },
      { line: 6, errors: [{ path: 'title', message: 'differs from line 2, which is of the same mapping' }] },
      { line: 8, errors: [{ path: 'kind', message: 'line 7 is of the same mapping; one of kind none has one line' }] },
      { line: 9, errors: [{ path: 'kind', message: 'line 2 is of the same mapping; one of kind none has one line' }] },
    ]);
  });

  it('a mapping has no more parts in a file than anywhere', async () => {
    const lines = Array.from({ length: 51 }, (_, n) => `A,part ${n},${FILE}`);
    expect(await errorsOf(['sku,part,file_id', ...lines].join('\n'))).toEqual([{ line: 52, errors: [{ path: 'part', message: 'a mapping has at most 50 parts' }] }]);
  });
});

describe('a file is refused', () => {
  it.each([
    ['that is empty', '', 'line 1'],
    ['without names of columns', 'A,pot\n', 'line 1'],
    ['with a column that is none', 'sku,colour\n', 'line 1'],
    ['with a column twice', 'sku,sku\n', 'line 1'],
    ['without SKU and variant', 'part,file_id\n', 'line 1'],
    ['whose quote is never closed', `sku,kind\nA,none\nB,"none\nC,none\n`, 'line 3'],
    ['with a quote within a cell', 'sku,kind\nA,none\n6" vase,none\n', 'line 3'],
    ['with something after a quote', 'sku,kind\nA,"none"x\n', 'line 2'],
    ['with a line without end', `sku,kind\nA,${'x'.repeat(70_000)}\n`, 'line 2'],
  ])('%s', async (_what, text, path) => {
    expect(await refused(text)).toMatchObject({ code: 'invalid', details: { errors: [{ path }] } });
  });

  it('with more lines than are taken, and not one fewer', async () => {
    const lines = (count: number) => `sku,kind\n${Array.from({ length: count }, (_, n) => `S${n},none\n`).join('')}`;
    expect(await refused(lines(MOST_LINES + 1))).toMatchObject({ code: 'too-large' });
    expect((await readMappingFile(lines(MOST_LINES))).lines).toHaveLength(MOST_LINES);
  });
});
