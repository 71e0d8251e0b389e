import { storableJson } from './storable-json';

const through = (value: unknown): unknown => JSON.parse(storableJson(JSON.stringify(value)));

test('NUL goes and half a character is replaced, wherever they stand', () => {
  expect(through({ note: 'a\0b', '\0name': ['\ud83d', 'x\udc09y'] })).toEqual({ note: 'ab', name: ['\ufffd', 'x\ufffdy'] });
});

test('whole characters, escaped or not, and text that only looks like an escape stay', () => {
  const value = { dragon: '🐉', path: 'C:\\u0000', twice: '\\\\u0000', line: 'a\nb"c' };
  expect(through(value)).toEqual(value);
  expect(JSON.parse(storableJson('"\\ud83d\\udc09 \\u0000"'))).toBe('🐉 ');
});

test('text with nothing to mend is the same text', () => {
  const text = '{"id":9007199254740993,"name":"#1001 \\u00e9"}';
  expect(storableJson(text)).toBe(text);
});
