/** What SKUs are compared by, so that an index finds those that are almost the same. */
export interface SkuShape {
  /** Letters and digits alone, in lower case; null where there are none. */
  key: string | null;
  /** The same without the last part; null where there is but one. */
  stem: string | null;
  /** The keys of the SKU without its last part, without its last two …, longest first. */
  prefixes: string[];
}

/** Letters, with their marks, and digits; everything else separates. */
const PART = /[\p{L}\p{M}\p{N}]+/gu;
/** A stem of one letter says nothing. */
const SHORTEST_STEM = 2;
/** Keys stand in an index; some characters become many in their plain form. */
const LONGEST_KEY = 255;
const MOST_PREFIXES = 5;

/** One form of characters that look alike, e.g. of full-width letters. */
const plain = (sku: string): string => sku.trim().normalize('NFKC');

/** Of each part of a SKU: the key of the SKU up to its end, and what follows it as written. */
function partsOf(sku: string): { key: string; rest: string }[] {
  const text = plain(sku);
  let key = '';
  return [...text.matchAll(PART)].map((match) => {
    key += match[0].toLowerCase();
    return { key, rest: text.slice(match.index + match[0].length) };
  });
}

export function shapeOf(sku: string): SkuShape {
  const keys = partsOf(sku).map((part) => part.key);
  const key = keys.pop() ?? null;
  if (key === null || key.length > LONGEST_KEY) return { key: null, stem: null, prefixes: [] };
  const prefixes = keys.filter((each) => each.length >= SHORTEST_STEM).reverse().slice(0, MOST_PREFIXES);
  const [stem = null] = prefixes;
  return { key, stem, prefixes };
}

/** How alike two SKUs are: the lower the rank, the likelier they mean the same product. */
export interface Likeness {
  rank: number;
  /** In words for people. */
  reason: string;
}

/** How the SKU of a mapping differs from that of a line; undefined when they are the same, or have nothing to do with each other. */
export function likeness(line: string, mapping: string): Likeness | undefined {
  if (line.trim() === mapping.trim()) return undefined;
  if (line.trim().toLowerCase() === mapping.trim().toLowerCase()) return { rank: 1, reason: 'the same apart from case' };
  const ours = shapeOf(line);
  const theirs = shapeOf(mapping);
  if (ours.key === null || theirs.key === null) return undefined;
  if (ours.key === theirs.key) return { rank: 2, reason: 'the same apart from separators' };
  const shorter = ours.prefixes.indexOf(theirs.key);
  if (shorter >= 0) return { rank: 3 + shorter, reason: `the same but for the suffix ${restAfter(line, theirs.key)}` };
  const afterPrefixes = 3 + MOST_PREFIXES;
  if (theirs.stem === ours.key) return { rank: afterPrefixes, reason: `the same without the suffix ${restAfter(mapping, ours.key)}` };
  if (ours.stem === null || ours.stem !== theirs.stem) return undefined;
  return { rank: afterPrefixes + 1, reason: `the same but for the suffix: ${restAfter(mapping, ours.stem)} instead of ${restAfter(line, ours.stem)}` };
}

function restAfter(sku: string, key: string): string {
  return partsOf(sku).find((part) => part.key === key)?.rest.trim() ?? '';
}
