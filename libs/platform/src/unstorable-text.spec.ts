import { unstorableTexts } from './unstorable-text';

const paths = (input: unknown): string[] => unstorableTexts(input).map((each) => each.path.join('.'));

test('text with NUL or half a surrogate pair is found wherever it stands', () => {
  expect(paths({ title: 'a\0b', parts: [{ name: 'lid' }, { name: '\ud83d' }], note: null, n: 1 }).sort()).toEqual(['parts.1.name', 'title']);
  expect(paths('\0')).toEqual(['']);
});

test('a name that cannot be stored is told of, and not repeated', () => {
  expect(unstorableTexts({ inner: { 'a\0b': 1 } })).toEqual([{ path: ['inner'], message: 'has a name with NUL or half characters' }]);
});

test('every other text is fine: dragons, umlauts, line breaks, tabs', () => {
  expect(paths({ text: '🐉 ü \n\t\u200b', empty: '' })).toEqual([]);
});

test('input nested a hundred thousand levels deep is no trouble', () => {
  let deep: unknown = '\0';
  for (let level = 0; level < 100_000; level += 1) deep = [deep];
  expect(unstorableTexts(deep)).toHaveLength(1);
});
