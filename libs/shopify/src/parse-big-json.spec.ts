import fc from 'fast-check';

import { parseBigJson } from './parse-big-json';

test('integers that a number would round come as text', () => {
  expect(parseBigJson('{"id":820982911946154508,"n":[-9007199254740993,12]}')).toEqual({
    id: '820982911946154508',
    n: ['-9007199254740993', 12],
  });
});

test('digits inside strings and keys stay as they are', () => {
  const text = '{"a 1234567890123456789":"x \\"1234567890123456789\\" \\\\","b":1234567890123456789}';
  expect(parseBigJson(text)).toEqual({ 'a 1234567890123456789': 'x "1234567890123456789" \\', b: '1234567890123456789' });
});

test('fractions and exponents stay numbers', () => {
  expect(parseBigJson('[1234567890123456.5, 1e20, 12345678901234567e3, 0.12345678901234567]')).toEqual([
    1234567890123456.5, 1e20, 12345678901234567e3, 0.12345678901234567,
  ]);
});

test('what is no JSON stays none', () => {
  expect(() => parseBigJson('{"id":01234567890123456789}')).toThrow(SyntaxError);
  expect(() => parseBigJson('{"id":')).toThrow(SyntaxError);
});

test('whatever holds no long integer is parsed as JSON.parse would', () => {
  const short = fc.letrec((tie) => ({
    value: fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.array(tie('value')), fc.dictionary(fc.string(), tie('value'))),
  })).value;
  fc.assert(
    fc.property(short, (value) => {
      const text = JSON.stringify(value);
      expect(parseBigJson(text)).toEqual(JSON.parse(text));
    }),
  );
});

test('a string that never ends is refused at once, however many quotes are in it', () => {
  const from = performance.now();
  expect(() => parseBigJson(`{"a":1234567890123456789,"b":"${'\\"'.repeat(500_000)}`)).toThrow(SyntaxError);
  expect(performance.now() - from).toBeLessThan(2_000);
});
