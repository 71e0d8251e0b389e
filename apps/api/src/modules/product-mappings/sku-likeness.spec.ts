import fc from 'fast-check';
import { likeness, shapeOf } from './sku-likeness';

const part = fc.stringMatching(/^[A-Z0-9]{2,6}$/);
const separator = fc.constantFrom('-', '_', ' ', '.', '/');
const sku = fc.tuple(part, fc.array(fc.tuple(separator, part), { maxLength: 4 })).map(([first, more]) => first + more.flat().join(''));

describe('two SKUs', () => {
  it.each([
    ['hex-blk', 'HEX-BLK', 'the same apart from case'],
    ['HEX_BLK', 'HEX-BLK', 'the same apart from separators'],
    ['hexblk', 'HEX-BLK', 'the same apart from separators'],
    ['HEX-BLK', 'HEX', 'the same but for the suffix -BLK'],
    ['HEX-BLK-XL', 'HEX', 'the same but for the suffix -BLK-XL'],
    ['HEX', 'HEX-BLK', 'the same without the suffix -BLK'],
    ['HEX-BLK', 'HEX-WHT', 'the same but for the suffix: -WHT instead of -BLK'],
    ['Pflänzchen groß', 'PFLÄNZCHEN-klein', 'the same but for the suffix: -klein instead of groß'],
    ['ＨＥＸ－ＢＬＫ', 'HEX-BLK', 'the same apart from separators'],
  ])('%s and %s are %s', (line, mapping, reason) => {
    expect(likeness(line, mapping)).toMatchObject({ reason });
  });

  it.each([['HEX', 'VASE'], ['A-1', 'A-2'], ['HEX', 'HEXAGON'], ['HEX-BLK', 'HEX-BLK'], [' HEX ', 'HEX'], ['---', '+++'], ['HEX-BLK', 'HEX-BLK-XL-2']])('%s and %s are not taken for the same product', (line, mapping) => {
    expect(likeness(line, mapping)).toBeUndefined();
  });

  it('are the likelier the less they differ', () => {
    const line = 'HEX-BLK-XL';
    const ranks = ['hex-blk-xl', 'HEX_BLK_XL', 'HEX-BLK', 'HEX', 'HEX-BLK-XL-2', 'HEX-BLK-S'].map((each) => likeness(line, each)?.rank ?? 0);
    expect([...ranks].sort((one, other) => one - other)).toEqual(ranks);
    expect(new Set(ranks).size).toBe(ranks.length);
  });
});

describe('whatever SKUs there are', () => {
  it('those that differ by case or separators alone have one key', () => {
    fc.assert(fc.property(sku, separator, (text, other) => {
      const changed = text.toLowerCase().replaceAll(/[-_ ./]/g, other);
      expect(shapeOf(changed)).toEqual(shapeOf(text));
      if (changed !== text) expect(likeness(text, changed)?.rank).toBeLessThanOrEqual(2);
    }));
  });

  it('a suffix is named as it is written, and found from both sides', () => {
    fc.assert(fc.property(sku, separator, part, (text, between, suffix) => {
      const longer = `${text}${between}${suffix}`;
      expect(likeness(longer, text)?.reason).toBe(`the same but for the suffix ${between.trim()}${suffix}`);
      expect(likeness(text, longer)?.reason).toBe(`the same without the suffix ${between.trim()}${suffix}`);
      expect(shapeOf(longer).stem).toBe(shapeOf(text).key);
    }));
  });

  it('every likeness is one that the keys find: nothing is left to a search through all mappings', () => {
    fc.assert(fc.property(sku, sku, (line, mapping) => {
      const [ours, theirs] = [shapeOf(line), shapeOf(mapping)];
      const findable = ours.key === theirs.key || (theirs.key !== null && ours.prefixes.includes(theirs.key)) || theirs.stem === ours.key || (ours.stem !== null && ours.stem === theirs.stem);
      expect(likeness(line, mapping) !== undefined).toBe(findable && line !== mapping);
    }), { examples: [['AB-CD', 'AB-EF'], ['AB-CD', 'AB'], ['AB', 'AB-CD']] });
  });

  it('keys of any text fit into an index', () => {
    fc.assert(fc.property(fc.string({ unit: 'binary', maxLength: 255 }), (text) => {
      const { key, stem, prefixes } = shapeOf(text);
      for (const each of [key, stem, ...prefixes]) if (each !== null) expect(each.length).toBeLessThanOrEqual(255);
    }), { examples: [['\ufdfa'.repeat(255)], ['İ'.repeat(255)]] });
  });
});
