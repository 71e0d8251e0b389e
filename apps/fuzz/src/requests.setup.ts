import fc from 'fast-check';
import { CANARY, mutate, mutation, textOf, type Tree } from './hostile-json.setup';
import { ABSURD, spoiling, type Encoding } from './hostile-bytes.setup';
import type { Api, Operation } from './operations.setup';
import { valuesOf } from './schema-values.setup';
import { requestBytes } from './wire.setup';

type Pair = readonly [string, string];

/** One request, whole; its text is what a failure shows. */
export interface Request {
  operation: Operation;
  method: string;
  target: string;
  headers: readonly Pair[];
  body: Buffer | undefined;
  /** Whether its path is that of the operation, with an id that is one. */
  onPath: boolean;
}

/** What requests are made of, besides the document. */
export interface Known {
  token: string;
  /** Ids of rows that there are. */
  ids: readonly string[];
  host: string;
}

const SEGMENTS = [
  '..', '.', '', '%', '%0', '%zz', '%00', '%2e%2e', '%2E%2E%2F%2E%2E%2Fetc%2Fpasswd', '%252e%252e%252f', '%2F', '%252F', '%5c', '%c0%ae%c0%ae', '%ff%fe', '%ED%A0%80', '%F0%9F%92%A9', '\u00ff\u00fe', '{id}', '0', '-1', '1e999',
  '9007199254740993', 'null', 'undefined', '__proto__', 'constructor', "';--", '%27%20OR%201=1', '%0d%0aX-Injected:%201', 'x'.repeat(499), 'x'.repeat(600), 'x'.repeat(7_000), '*', '~', ':id', '..;', 'a%20b', '%u0041', 'import', 'force', 'unmapped',
  '00000000-0000-0000-0000-000000000000', 'ffffffff-ffff-ffff-ffff-ffffffffffff', '{00000000-0000-7000-8000-000000000000}', '00000000000070008000000000000000',
];
const TEXTS = [
  '', '0', '-1', '1', '100', '101', '1e9', '1e309', 'NaN', '9007199254740993', '0x10', ' 5 ', '5%00', '%', '%zz', '%ff', '%ED%A0%80', '%00', '%2500', '+', '%2B', 'null', 'true', '[]', '{}', '%5B%5D', '%22%22', 'eyJ9', 'bnVsbA', 'W10', 'IiI', 'eyJpZCI6MX0',
  'WyJcdTAwMDAiLCJhIl0', 'WyIyMDI2LTExLTAxIiwieCJd', 'IjAwMDAwMDAwLTAwMDAtNzAwMC04MDAwLTAwMDAwMDAwMDAwMCI', '2026-11-01', '2026-02-30', '0000-00-00', '%2B275760-09-13', '9999-12-31', '9999-12-31T23:59:59Z', '0001-01-01', '-000001-01-01', 'infinity', 'now', '10000-01-01',
  `${CANARY}`, `${CANARY}${'q'.repeat(200)}`, 'x'.repeat(513), 'x'.repeat(5_000), "'%20OR%20''='", '%25', '_', '%5C', '%25_%5C', '\u00e9', '%F0%9F%92%A9', '%E2%80%AE', '__proto__', 'pending', 'PENDING', 'paid', 'all',
];
const NAMES = ['limit', 'cursor', 'q', 'status', 'from', 'to', 'order_id', 'unexpected', '__proto__', 'constructor', 'constructor%5Bprototype%5D', 'toString', 'limit%5B%5D', 'limit%5Ba%5D%5Bb%5D', 'a%5B'.repeat(200), '', '%00', '%', '%ED%A0%80', 'x'.repeat(2_000), 'limit.x'];

const headerChoices = (known: Known): readonly Pair[] => [
  ['authorization', ''], ['authorization', 'Bearer'], ['authorization', `Bearer ${known.token}x`], ['authorization', `Basic ${Buffer.from(`a:${known.token}`).toString('base64')}`], ['authorization', `Bearer ${'x'.repeat(7_000)}`],
  ['authorization', `Bearer ${known.token}, Bearer ${known.token}`], ['authorization', `bearer   ${known.token}`], ['authorization', `Bearer \u00e9\u00ff`], ['x-store-id', ''], ['x-store-id', 'x'], ['x-store-id', '00000000-0000-7000-8000-000000000000'],
  ['x-store-id', `'; --`], ['x-store-id', '\u00ff'.repeat(50)], ['x-store-id', 'x'.repeat(6_000)], ['x-store-id', '__proto__'], ['x-correlation-id', 'fuzz_1-a'], ['x-correlation-id', 'x'.repeat(64)], ['x-correlation-id', 'x'.repeat(65)], ['x-correlation-id', '\u00ff'], ['x-correlation-id', ''],
  ['x-correlation-id', 'a b'], ['x-forwarded-for', '127.0.0.1'], ['x-forwarded-for', `${'1.2.3.4, '.repeat(300)}x`], ['x-forwarded-for', 'not an address'], ['x-forwarded-for', '::ffff:127.0.0.1%lo'], ['x-forwarded-host', 'evil.example'], ['x-forwarded-host', '\u00ff'], ['x-forwarded-proto', 'javascript'],
  ['x-forwarded-proto', 'https,http'], ['forwarded', 'for=evil;host=evil'], ['accept', 'text/html'], ['accept', '*/*;q=x'], ['accept', 'x'.repeat(3_000)], ['accept-encoding', 'gzip, br'], ['accept-language', '\u00ff'], ['cookie', `a=${'b'.repeat(4_000)}`], ['cookie', '__proto__=1; =;;'], ['origin', 'null'],
  ['origin', 'https://evil.example'], ['access-control-request-method', 'PATCH'], ['if-none-match', '*'], ['if-match', '"x"'], ['range', 'bytes=0-1,5-9'], ['range', 'bytes=99999999999999999999-'], ['idempotency-key', 'x'.repeat(300)], ['x-http-method-override', 'DELETE'], ['upgrade', 'websocket'],
  ['te', 'trailers'], ['content-type', 'application/json'], ['content-type', 'APPLICATION/JSON; Charset="UTF-8"'], ['content-type', 'text/plain'], ['content-language', 'x'], ['user-agent', ''], ['referer', 'javascript:alert(1)'], ['__proto__', 'x'], ['constructor', 'x'], ['x-shopify-topic', 'orders/create'],
  ['x-shopify-shop-domain', 'forma3d-sandbox.myshopify.com'], ['x-shopify-shop-domain', `${CANARY}.myshopify.com`], ['x-shopify-hmac-sha256', 'x'], ['x-shopify-hmac-sha256', `${'A'.repeat(43)}=`], ['x-sp-secret', ''], ['x-sp-secret', 'x'.repeat(5_000)], ['x-sp-token', '\u00ff'],
];

/** Of bodies that are text: what tables are made of, and what breaks their readers. */
const LINES: readonly string[] = [
  'sku,kind,part,file_id,copies_per_unit,pieces_per_print', 'FUZZ-1,parts,pot,c00489ef361771ac098b5a60e6740757,1,1', 'FUZZ-2,none,,,,', ',,,,,', ';;;;', '"', '""', `"${CANARY}`, '"a""b","c\nd"', '=1+1,@SUM(A1),-2+3', '\ufeffsku;kind', '\u0000', 'a\tb', 'a\rb', '\r', '\r\n\r\n',
  `${CANARY},${'x'.repeat(5_000)}`, ','.repeat(100_000), '"'.repeat(100_001), `"${'""'.repeat(200_000)}`, 'x\n'.repeat(50_000), `${'y'.repeat(900_000)}`, 'sku,sku,sku', '__proto__,constructor', 'ä,ß,é,🐉', '9007199254740993,1e309,-0,NaN',
];

const METHODS = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD', 'OPTIONS', 'TRACE', 'PROPFIND', 'PURGE', 'SEARCH', 'M-SEARCH', 'LINK', 'REPORT'];

const rarely = <T>(usual: fc.Arbitrary<T>, rare: fc.Arbitrary<T>, weight = 6): fc.Arbitrary<T> => fc.oneof({ weight, arbitrary: usual }, { weight: 1, arbitrary: rare });

/** Requests to every operation of the document alike: some that are right, most with something about them that is wrong. */
export function requests(api: Api, known: Known): fc.Arbitrary<Request> {
  return fc.oneof(...api.operations.map((operation) => requestsTo(operation, api, known)));
}

function requestsTo(operation: Operation, api: Api, known: Known): fc.Arbitrary<Request> {
  const id = fc.oneof({ weight: 4, arbitrary: fc.constantFrom(...known.ids) }, { weight: 1, arbitrary: fc.uuid() });
  const path = rarely(
    id.map((value) => ({ text: operation.path.replaceAll(/\{\w+\}/g, value), right: true })),
    fc.tuple(fc.constantFrom(...SEGMENTS), fc.boolean()).map(([value, after]) => ({ text: operation.path.includes('{') && !after ? operation.path.replaceAll(/\{\w+\}/g, value) : `${operation.path.replaceAll(/\{\w+\}/g, '1')}/${value}`, right: false })),
  );
  return fc
    .record({
      path,
      query: rarely(fc.constant<Pair[]>([]), queries(operation, api), 1),
      method: rarely(fc.constant(operation.method), fc.constantFrom(...METHODS), 20),
      headers: fc.array(fc.constantFrom(...headerChoices(known)), { maxLength: 3 }),
      signedIn: rarely(fc.constant(true), fc.constant(false), 10),
      body: bodies(operation, api),
      encoding: spoiling,
    })
    .map(({ path: { text, right }, query, method, headers, signedIn, body, encoding }) => {
      const target = query.length === 0 ? text : `${text}?${query.map(([name, value]) => `${name}=${value}`).join('&')}`;
      return whole({ operation, method, target, onPath: right && method === operation.method }, known, headers, signedIn, body === undefined ? undefined : { text: body, encoding });
    });
}

function queries({ parameters }: Operation, { schemas }: Api): fc.Arbitrary<Pair[]> {
  const own = parameters.filter((parameter) => parameter.in === 'query');
  const right = own.map(({ name, schema }) => valuesOf(schema ?? {}, schemas).map((value): Pair => [name, encodeURIComponent(isText(value) ? value : JSON.stringify(value)).replaceAll("'", '%27')]));
  const wrong = fc.tuple(fc.constantFrom(...own.map(({ name }) => name), ...NAMES), fc.constantFrom(...TEXTS)).map(([name, value]): Pair => [name, value]);
  return fc.oneof({ weight: 3, arbitrary: fc.array(fc.oneof(...right, wrong), { minLength: 1, maxLength: 3 }) }, { weight: 1, arbitrary: fc.array(wrong, { minLength: 1, maxLength: 40 }) });
}

/** Halves of surrogate pairs cannot be written in an address. */
const isText = (value: Tree): value is string => typeof value === 'string' && !/\p{Surrogate}/u.test(value);

function bodies(operation: Operation, { schemas }: Api): fc.Arbitrary<string | undefined> {
  const absurd = fc.constantFrom(...ABSURD);
  if (operation.body === null) return rarely(fc.constant(undefined), absurd, 5);
  if (operation.type !== 'application/json') return fc.oneof(fc.constantFrom(...LINES), absurd, fc.array(fc.constantFrom(...LINES), { maxLength: 5 }).map((lines) => lines.join('\n')));
  const valid = valuesOf(operation.body, schemas);
  const mutated = fc.tuple(valid, fc.array(mutation, { minLength: 1, maxLength: 3 })).map(([value, changes]) => textOf(changes.reduce(mutate, value)));
  return fc.oneof({ weight: 3, arbitrary: valid.map(textOf) }, { weight: 8, arbitrary: mutated }, { weight: 2, arbitrary: absurd });
}

function whole(asked: Pick<Request, 'operation' | 'method' | 'target' | 'onPath'>, known: Known, more: readonly Pair[], signedIn: boolean, body: { text: string; encoding: Encoding } | undefined): Request {
  const bytes = body?.encoding.encode(body.text);
  const { header } = body?.encoding ?? {};
  const headers = new Map<string, string>([
    ['host', known.host],
    ...(signedIn ? [['authorization', `Bearer ${known.token}`] as const] : []),
    ...(bytes === undefined ? [] : [['content-type', asked.operation.type] as const, ['content-length', String(bytes.length)] as const]),
    ...(header ? [header] : []),
    ...more,
    ['connection', 'close'],
  ]);
  const request = { ...asked, headers: [...headers], body: bytes };
  const words = (): string => {
    const shown = bytes === undefined ? '' : ` ${bytes.length} bytes, ${body?.encoding.name ?? ''}: ${bytes.toString('utf8', 0, 300)}`;
    return `${request.method} ${request.target.slice(0, 300)} ${JSON.stringify(request.headers.filter(([name]) => name !== 'host').map(([name, value]) => `${name}: ${value.slice(0, 100).replace(known.token, '<token>')}`))}${shown}`;
  };
  return { ...request, [fc.toStringMethod]: words } as Request;
}

/** As it goes over the wire. */
export const bytesOf = ({ method, target, headers, body }: Request): Buffer => requestBytes(method, target, headers, body);
