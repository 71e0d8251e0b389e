import { requestBytes } from './wire.setup';

/** Bytes that no honest client sends, and what must become of them. */
export interface Attack {
  name: string;
  /** As they are written; a function is asked for more while the connection takes them. */
  send: () => Iterable<Buffer | string>;
  /** The statuses of the answers there may be, each; `none`: the connection may be ended without a word. */
  answers: readonly number[];
  /** At most so many answers: a second one to what was one request is a request smuggled in. */
  most?: number;
  mayBeSilent?: boolean;
}

const MIB = 1024 * 1024;
const REFUSED = [400, 404, 405, 408, 411, 413, 414, 415, 417, 422, 431, 501, 505];
const get = (target: string, ...headers: string[]): string => [`GET ${target} HTTP/1.1`, 'Host: x', ...headers, '', ''].join('\r\n');
const post = (headers: readonly string[], body = ''): string => ['POST /webhooks/shopify HTTP/1.1', 'Host: x', 'Content-Type: application/json', ...headers, '', body].join('\r\n');
const SMUGGLED = get('/health/live', 'X-Smuggled: 1', 'Connection: close');

function* chunked(head: string, count: number, size: number): Iterable<Buffer | string> {
  yield head;
  const chunk = Buffer.concat([Buffer.from(`${size.toString(16)}\r\n`), Buffer.alloc(size, 0x20), Buffer.from('\r\n')]);
  for (let n = 0; n < count; n += 1) yield chunk;
  yield '0\r\n\r\n';
}

function* endless(head: string, size: number): Iterable<Buffer | string> {
  yield head;
  for (let n = 0; n < size / 65_536; n += 1) yield Buffer.alloc(65_536, 0x20);
}

const refused = (name: string, ...sent: string[]): Attack => ({ name, send: () => sent, answers: REFUSED, mayBeSilent: true, most: 1 });

/** Two ways to say how long a body is: whoever believes the other one sees a second request in it. */
const SMUGGLING: Attack[] = [
  refused('length and chunks', post(['Content-Length: 6', 'Transfer-Encoding: chunked'], `0\r\n\r\n${SMUGGLED}`)),
  refused('chunks and length', post(['Transfer-Encoding: chunked', 'Content-Length: 6'], `0\r\n\r\n${SMUGGLED}`)),
  refused('two lengths', post(['Content-Length: 0', `Content-Length: ${SMUGGLED.length}`], SMUGGLED)),
  refused('two lengths in one', post([`Content-Length: 0, ${SMUGGLED.length}`], SMUGGLED)),
  refused('a length with a sign', post(['Content-Length: +5'], SMUGGLED)),
  refused('a length below zero', post(['Content-Length: -1'], SMUGGLED)),
  refused('a length beyond numbers', post([`Content-Length: ${'9'.repeat(40)}`], SMUGGLED)),
  refused('a length in hexadecimal', post(['Content-Length: 0x10'], SMUGGLED)),
  refused('a length with a space before the colon', post([`Content-Length : ${SMUGGLED.length}`], SMUGGLED)),
  refused('chunks spelled oddly', post(['Transfer-Encoding: xchunked'], `0\r\n\r\n${SMUGGLED}`)),
  refused('chunks twice', post(['Transfer-Encoding: chunked', 'Transfer-Encoding: identity'], `0\r\n\r\n${SMUGGLED}`)),
  refused('chunks with a space before the colon', post(['Transfer-Encoding : chunked'], `0\r\n\r\n${SMUGGLED}`)),
  refused('chunks with a tab', post(['Transfer-Encoding:\tchunked', 'Content-Length: 4'], `0\r\n\r\n${SMUGGLED}`)),
  refused('a folded header', post(['Transfer-Encoding:', ' chunked'], `0\r\n\r\n${SMUGGLED}`)),
  refused('a chunk size that is none', post(['Transfer-Encoding: chunked'], `zz\r\nx\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('a chunk size beyond numbers', post(['Transfer-Encoding: chunked'], `${'f'.repeat(40)}\r\nx\r\n`)),
  refused('a chunk that ends elsewhere', post(['Transfer-Encoding: chunked'], `3\r\nabcdef\r\n0\r\n\r\n${SMUGGLED}`)),
  refused('line feeds alone', 'POST /webhooks/shopify HTTP/1.1\nHost: x\nTransfer-Encoding: chunked\n\n0\n\n'),
];

const ODD_HEADS: Attack[] = [
  refused('no HTTP', '\u0016\u0003\u0001\u0002\u0000\u0001\u0000\u0001'),
  refused('HTTP/2', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'),
  refused('HTTP/9.9', 'GET /health/live HTTP/9.9\r\nHost: x\r\n\r\n'),
  refused('a method that is none', 'FROBNICATE /health/live HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a method in small letters', 'get /health/live HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('a method of a megabyte', `${'G'.repeat(MIB)} / HTTP/1.1\r\n\r\n`),
  refused('CONNECT', 'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example:443\r\n\r\n'),
  refused('an address of a megabyte', `GET /${'x'.repeat(MIB)} HTTP/1.1\r\nHost: x\r\n\r\n`),
  refused('an address with a space', 'GET /health/ live HTTP/1.1\r\nHost: x\r\n\r\n'),
  refused('ten thousand headers', get('/health/live', ...Array.from({ length: 10_000 }, (_, n) => `X-${n}: 1`))),
  refused('a header without a name', get('/health/live', ': x')),
  refused('a header with NUL', get('/health/live', 'X-A: a\u0000b')),
  refused('a header split by a bare return', get('/health/live', 'X-A: a\rX-B: b')),
  refused('no host', 'GET /health/live HTTP/1.1\r\nConnection: close\r\n\r\n'),
  refused('two hosts', 'GET /health/live HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n'),
  refused('an expectation that is none', post(['Expect: 200-maybe', 'Content-Length: 2', 'Connection: close'], '{}')),
];

const answered = (name: string, text: string, ...answers: number[]): Attack => ({ name, send: () => [text], answers, most: 1 });
const ADDRESSES = [
  '/../../etc/passwd', '/api/docs/../../../etc/passwd', '/api/docs/..%2f..%2f..%2fetc%2fpasswd', '/api/docs/%2e%2e/%2e%2e/package.json', '/api/docs/swagger-ui.css%00.js', '/api/docs/....//....//etc/passwd', '/%5c..%5c..%5cwindows',
  '//evil.example/health/live', '/api/v1//orders', '/api/v1/orders%2f..%2forders', '/api/v1/orders%252f1', '/api//v1/orders/', '/.env', '/.git/config', '/package.json', '/api/v1/orders;jsessionid=1', '/api/docs-json/', '*', '/?x', '/#x', '/health/live/', '/health//live', '/%',
];

const HARMLESS: Attack[] = [
  ...ADDRESSES.map((target) => answered(`address ${target}`, get(target, 'Connection: close'), 302, 400, 401, 404, 405)),
  answered('an absolute address', get('http://evil.example/health/live', 'Connection: close'), 200, 400, 404),
  answered('OPTIONS of everything', 'OPTIONS * HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n', 204, 400, 404, 405),
  // Node's parser takes it for HTTP/1.0.
  answered('HTTP/0.9', 'GET /health/live\r\n\r\n', 200, 400),
  answered('HTTP/1.0', 'GET /health/live HTTP/1.0\r\n\r\n', 200),
  answered('an upgrade that nobody offers', get('/health/live', 'Connection: Upgrade, close', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'), 200, 400, 426),
  { name: 'a hundred requests at once', send: () => [get('/health/live').repeat(99), get('/health/live', 'Connection: close')], answers: [200], most: 100 },
];

const BODIES: Attack[] = [
  { name: 'a body said to be ten gigabytes', send: () => [post(['Content-Length: 10737418240'])], answers: [413], most: 1 },
  { name: 'the same, waiting for leave', send: () => [post(['Content-Length: 10737418240', 'Expect: 100-continue'])], answers: [413], most: 1 },
  { name: '64 megabytes in chunks', send: () => chunked(post(['Transfer-Encoding: chunked']), 1_024, 65_536), answers: [413], most: 1, mayBeSilent: true },
  { name: '64 megabytes after a smaller length', send: () => endless(post(['Content-Length: 3000000']), 64 * MIB), answers: [400, 413], mayBeSilent: true },
  { name: 'a million small chunks', send: () => chunked(post(['Transfer-Encoding: chunked', 'Connection: close']), 300_000, 1), answers: [401, 413, 400], mayBeSilent: true },
  { name: 'a chunk extension of a megabyte', send: () => [post(['Transfer-Encoding: chunked'], `1;${'x'.repeat(MIB)}\r\n`)], answers: [400, 413, 431], most: 1, mayBeSilent: true },
  { name: 'trailers without end', send: () => [post(['Transfer-Encoding: chunked'], `0\r\n${'X-A: b\r\n'.repeat(50_000)}\r\n`)], answers: [400, 401, 413, 431], most: 1, mayBeSilent: true },
  { name: 'brackets without end', send: () => [requestBytes('POST', '/webhooks/shopify', [['Host', 'x'], ['Content-Type', 'application/json'], ['Content-Length', String(2 * MIB)], ['Connection', 'close']], Buffer.alloc(2 * MIB, 0x5b))], answers: [400, 401, 404], most: 1 },
];

export const ATTACKS: readonly Attack[] = [...SMUGGLING, ...ODD_HEADS, ...HARMLESS, ...BODIES];

/** A client that is slow on purpose: what it writes at once, and then a little every second, for ever. */
export interface Slow {
  name: string;
  first: string;
  then: string;
}

export const SLOW: readonly Slow[] = [
  { name: 'says nothing', first: '', then: '' },
  { name: 'a header every second', first: 'GET /health/live HTTP/1.1\r\nHost: x\r\n', then: 'X-A: b\r\n' },
  { name: 'nothing but line ends', first: '\r\n'.repeat(50_000), then: '\r\n' },
  { name: 'half a line', first: 'GET /health/li', then: '' },
  { name: 'a byte of the body every second', first: post(['Content-Length: 5000'], '{"a":"'), then: 'x' },
  { name: 'a chunk every second', first: post(['Transfer-Encoding: chunked']), then: '1\r\n \r\n' },
  { name: 'no body at all', first: post(['Content-Length: 100']), then: '' },
];
