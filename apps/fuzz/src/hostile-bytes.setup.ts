import { gzipSync } from 'node:zlib';
import fc from 'fast-check';

/** What happens to the text of a body on its way into bytes. `header` is set where the sender says so. */
export interface Encoding {
  name: string;
  encode: (text: string) => Buffer;
  header?: readonly [string, string];
}

const utf8 = (text: string): Buffer => Buffer.from(text, 'utf8');
const json = (parameter: string): readonly [string, string] => ['content-type', `application/json${parameter}`];

/** Ways to spoil a body that was fine. */
export const SPOILED: readonly Encoding[] = [
  { name: 'cut in half', encode: (text) => utf8(text.slice(0, Math.floor(text.length / 2))) },
  { name: 'without its end', encode: (text) => utf8(text.slice(0, -1)) },
  { name: 'byte order mark', encode: (text) => utf8(`\ufeff${text}`) },
  { name: 'comma at the end', encode: (text) => utf8(`${text},`) },
  { name: 'twice', encode: (text) => utf8(text + text) },
  { name: 'comment', encode: (text) => utf8(`/* x */${text}`) },
  { name: 'single quotes', encode: (text) => utf8(text.replaceAll('"', "'")) },
  { name: 'much space', encode: (text) => utf8(' \n\t'.repeat(30_000) + text) },
  { name: 'UTF-16', encode: (text) => Buffer.from(text, 'utf16le'), header: json('; charset=utf-16le') },
  { name: 'UTF-16 unsaid', encode: (text) => Buffer.from(text, 'utf16le') },
  { name: 'Latin-1', encode: (text) => Buffer.from(text, 'latin1'), header: json('; charset=iso-8859-1') },
  { name: 'bytes that are no UTF-8', encode: (text) => Buffer.concat([utf8(text.slice(0, -1)), Buffer.from([0x22, 0xff, 0xc0, 0xaf, 0x22]), utf8(text.slice(-1))]) },
  { name: 'half a character', encode: (text) => Buffer.concat([utf8(text.slice(0, 1)), Buffer.from([0x22, 0xed, 0xa0, 0x80, 0x22, 0x3a, 0x31, 0x2c]), utf8(text.slice(1))]) },
  { name: 'NUL bytes', encode: (text) => Buffer.concat([utf8(text), Buffer.alloc(64)]) },
  { name: 'gzip', encode: (text) => gzipSync(text), header: ['content-encoding', 'gzip'] },
  { name: 'gzip unsaid', encode: (text) => gzipSync(text) },
  { name: 'a bomb of gzip', encode: () => gzipSync(Buffer.alloc(20_000_000)), header: ['content-encoding', 'gzip'] },
  { name: 'said to be gzip', encode: utf8, header: ['content-encoding', 'gzip, identity'] },
  { name: 'form', encode: () => utf8('a=1&b[]=2'), header: ['content-type', 'application/x-www-form-urlencoded'] },
  { name: 'multipart', encode: () => utf8('--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--'), header: ['content-type', 'multipart/form-data; boundary=x'] },
  { name: 'no type', encode: utf8, header: ['content-type', ''] },
  { name: 'a type that is none', encode: utf8, header: ['content-type', 'application/json/json;;;='] },
  { name: 'a type of 8,000 letters', encode: utf8, header: ['content-type', `application/json; x=${'y'.repeat(8_000)}`] },
  { name: 'a charset of prototypes', encode: utf8, header: json('; charset=__proto__') },
  { name: 'problem', encode: utf8, header: ['content-type', 'application/problem+json'] },
  { name: 'said to be text', encode: utf8, header: ['content-type', 'text/plain'] },
];

/** Bodies that never were any. */
export const ABSURD: readonly string[] = [
  '', ' ', 'null', 'true', '0', '"text"', '[]', '[[]]', '{}', '[{}]', 'NaN', 'undefined', 'Infinity', '-', '{"a"}', '{a:1}', '{"a":}', '[,]', '{,}', '}{', ']', '"', '\\', '{"a":01}',
  '{"a":.5}', '{"a":1.}', '{"a":+1}', '{"a":0x1}', '{"a":"\t"}', '{"a":"\\x"}', '{"a":"\\u12"}', '<xml/>', '\u0000', '\ufeff', '{"__proto__":1}', '{"__proto__":null}', '{"\\u005f_proto__":{}}',
  '['.repeat(100_000), '{"a":'.repeat(100_000), `${'['.repeat(500_000)}${']'.repeat(500_000)}`, `{"a":${'['.repeat(200_000)}"\\u0000"${']'.repeat(200_000)}}`,
  `"${'x'.repeat(1_048_600)}"`, `{"a":"${'x'.repeat(1_000_000)}"}`, `[${'1,'.repeat(400_000)}1]`, `{${Array.from({ length: 50_000 }, (_, n) => `"${n}":0`).join(',')}}`, '1'.repeat(900_000), `-${'0'.repeat(100_000)}`,
  `{"a":"${'\\u0000'.repeat(100_000)}"}`, `{"${'n'.repeat(900_000)}":1}`,
];

export const spoiling: fc.Arbitrary<Encoding> = fc.oneof(
  { weight: 6, arbitrary: fc.constant<Encoding>({ name: 'as it is', encode: utf8 }) },
  { weight: 2, arbitrary: fc.constantFrom(...SPOILED) },
  { weight: 1, arbitrary: fc.nat(100_000).map((at): Encoding => ({ name: `cut at ${at}`, encode: (text) => utf8(text).subarray(0, at % (text.length + 1)) })) },
  { weight: 1, arbitrary: fc.tuple(fc.nat(100_000), fc.integer({ min: 1, max: 255 })).map(([at, by]): Encoding => ({ name: `byte ${at} changed by ${by}`, encode: (text) => changed(utf8(text), at, by) })) },
);

function changed(bytes: Buffer, at: number, by: number): Buffer {
  if (bytes.length > 0) bytes[at % bytes.length] = (bytes[at % bytes.length] ?? 0) ^ by;
  return bytes;
}
