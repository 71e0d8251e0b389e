import fc from 'fast-check';

/** JSON as a tree in which any place may hold text that no JavaScript value writes: `1e309`, a key twice, an abyss of brackets. */
export type Tree = null | boolean | number | string | RawText | Tree[] | { [name: string]: Tree };

export class RawText {
  constructor(readonly text: string) {}
}

/** Stands in values that no refusal and no log line may repeat. */
export const CANARY = 'canary-8d1f';

const raw = (text: string): RawText => new RawText(text);
const quoted = (text: string): RawText => raw(JSON.stringify(text));
const deep = (open: string, close: string, depth: number): RawText => raw(`${open.repeat(depth)}1${close.repeat(depth)}`);

/** What is put where something else belongs: each has broken some program. */
export const HOSTILE: readonly RawText[] = [
  ...['null', 'true', 'false', '0', '-0', '-1', '1', '0.5', '1e309', '-1e309', '1e-400', '1e21', '2147483648', '-2147483649', '32768'].map(raw),
  ...['9007199254740993', '9223372036854775808', `1${'0'.repeat(60)}`, `0.${'1'.repeat(400)}`, '1E400', '[]', '{}', '[null]', '[[]]', '[{}]'].map(raw),
  ...['', ' ', '0', '-1', '-0', '1e5', '--1', '0x10', '1,000.00', '1_000', 'NaN', 'Infinity', '١٢٣', 'null', 'true', '\t\n'].map(quoted),
  ...['9'.repeat(17), '9'.repeat(400), `${'9'.repeat(30)}.99`, `-${'9'.repeat(20)}`, '0'.repeat(500), `0.${'0'.repeat(300)}1`].map(quoted),
  ...[CANARY, `${CANARY} ${'x'.repeat(300)}`, `${CANARY}${'y'.repeat(5_000)}`, `${CANARY} ${'long '.repeat(20_000)}`, 'ab'.repeat(150_000)].map(quoted),
  ...[`"\\u0000${CANARY}"`, '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', '"\\ufeff"', '"\\u202e"', '"\\u2028"', '"\\ud83d\\ude00"', '"\\ufffe\\uffff"'].map(raw),
  ...['é'.normalize('NFD').repeat(500), '\u{1f469}\u200d'.repeat(400), 'ß', 'İ', '㊙'].map(quoted),
  ...['0000-00-00T00:00:00Z', '2026-02-30', '+275760-09-13T00:00:00Z', '-000001-01-01T00:00:00Z', '0001-01-01T00:00:00Z', '9999-12-31T23:59:59-23:59'].map(quoted),
  ...['275760-09-14T00:00:00Z', 'now', 'infinity', '-infinity', 'epoch', '1', '2026-11-20T11:00:00', '2026-W01', '99999-01-01', 'Tue'].map(quoted),
  ...["'; DROP TABLE orders; --", '<script>alert(1)</script>', '{{7*7}}', '${7*7}', '../../etc/passwd', '%s%n%x', 'javascript:alert(1)', '$(id)', '\\', '"'].map(quoted),
  ...['gid://shopify/Order/0', `gid://shopify/Order/${'9'.repeat(500)}`, 'gid://shopify/Order/1?x=1', 'gid://shopify/', 'EUR', 'XXX', 'eur', 'ÄÖÜ', '$$$'].map(quoted),
  raw('{"__proto__":{"admin":true}}'),
  raw('{"constructor":{"prototype":{"admin":true}}}'),
  raw('{"toString":1,"valueOf":null,"length":-1,"then":1,"toJSON":"x"}'),
  raw('{"":{"":""}}'),
  raw('{"a":1,"a":2,"a":{"a":3}}'),
  raw(`[${'{},'.repeat(1_000)}{}]`),
  raw(`[${'1,'.repeat(20_000)}1]`),
  raw(`{${Array.from({ length: 2_000 }, (_, n) => `"k${n}":${n}`).join(',')}}`),
  deep('[', ']', 1_000),
  deep('[', ']', 100_000),
  deep('{"a":', '}', 100_000),
  raw(`${'['.repeat(100_000)}"\\u0000"${']'.repeat(100_000)}`),
];

const NAMES = ['unexpected', '__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', '', 'id', 'status', 'admin', '$ref', '\u0000', 'x'.repeat(3_000)];

/** A place in a tree: names and indices from the top. */
type Place = readonly (string | number)[];

/** Every place of a tree, the top first. */
export function placesOf(tree: Tree, at: Place = []): Place[] {
  const inner = isInner(tree) ? Object.keys(tree).flatMap((name) => placesOf(childOf(tree, name), [...at, Array.isArray(tree) ? Number(name) : name])) : [];
  return [at, ...inner];
}

export interface Mutation {
  /** Which place, modulo their number. */
  place: number;
  change: 'replace' | 'remove' | 'repeat' | 'add' | 'wrap' | 'grow' | 'move';
  /** Which hostile value, name or other place, modulo their number. */
  pick: number;
}

export const mutation: fc.Arbitrary<Mutation> = fc.record({
  place: fc.nat(9_999),
  change: fc.oneof({ weight: 8, arbitrary: fc.constant('replace' as const) }, ...(['remove', 'repeat', 'add', 'wrap', 'grow', 'move'] as const).map((one) => ({ weight: 1, arbitrary: fc.constant(one) }))),
  pick: fc.nat(9_999),
});

/** The tree with one thing about it changed. */
export function mutate(tree: Tree, { place, change, pick }: Mutation): Tree {
  const places = placesOf(tree);
  const at = places[place % places.length] ?? [];
  const here = valueAt(tree, at);
  switch (change) {
    case 'replace':
      return put(tree, at, HOSTILE[pick % HOSTILE.length] ?? null);
    case 'remove':
      return at.length === 0 ? {} : put(tree, at, undefined);
    case 'repeat':
      return isInner(here) && !Array.isArray(here) ? put(tree, at, raw(twice(here, HOSTILE[pick % HOSTILE.length] ?? null))) : put(tree, at, raw(textOf(here)));
    case 'add':
      return isInner(here) && !Array.isArray(here) ? put(tree, at, raw(withName(here, NAMES[pick % NAMES.length] ?? '', HOSTILE[pick % HOSTILE.length] ?? null))) : put(tree, at, { value: here });
    case 'wrap':
      return put(tree, at, [here]);
    case 'grow':
      return put(tree, at, Array.isArray(here) ? Array.from({ length: 300 }, (_, n) => here[n % Math.max(1, here.length)] ?? null) : Array.from({ length: 50 }, () => here));
    case 'move':
      return put(tree, at, valueAt(tree, places[pick % places.length] ?? []));
  }
}

/** As it is sent. */
export function textOf(tree: Tree): string {
  if (tree instanceof RawText) return tree.text;
  if (Array.isArray(tree)) return `[${tree.map(textOf).join(',')}]`;
  if (typeof tree === 'object' && tree !== null) return `{${Object.entries(tree).map(([name, value]) => `${JSON.stringify(name)}:${textOf(value)}`).join(',')}}`;
  return JSON.stringify(tree);
}

const twice = (tree: Record<string, Tree>, second: Tree): string =>
  `{${Object.entries(tree).flatMap(([name, value]) => [value, second].map((each) => `${JSON.stringify(name)}:${textOf(each)}`)).join(',')}}`;

function withName(tree: Record<string, Tree>, name: string, value: Tree): string {
  const own = textOf(tree);
  return `{${JSON.stringify(name)}:${textOf(value)}${own === '{}' ? '' : ','}${own.slice(1)}`;
}

function isInner(tree: Tree): tree is Tree[] | Record<string, Tree> {
  return typeof tree === 'object' && tree !== null && !(tree instanceof RawText);
}

const childOf = (tree: Tree[] | Record<string, Tree>, name: string | number): Tree => (tree as Record<string | number, Tree>)[name] ?? null;

function valueAt(tree: Tree, at: Place): Tree {
  return at.reduce<Tree>((value, name) => (isInner(value) ? childOf(value, name) : null), tree);
}

/** A copy with another value there, or without the name when it is undefined. */
function put(tree: Tree, at: Place, value: Tree | undefined): Tree {
  const [first, ...rest] = at;
  if (first === undefined) return value ?? null;
  if (!isInner(tree)) return tree;
  const inner = rest.length === 0 ? value : put(childOf(tree, first), rest, value);
  if (Array.isArray(tree)) return tree.flatMap((each, index) => (index === first ? (inner === undefined ? [] : [inner]) : [each]));
  const { [first]: _replaced, ...others } = tree;
  return inner === undefined ? others : { ...others, [first]: inner };
}
