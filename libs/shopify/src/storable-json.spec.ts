import { orderFromWebhook } from './order-from-webhook';
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

test('an order whose customer pasted NUL into the note is an order like others', () => {
  const at = '2026-11-02T10:00:00Z';
  const line = { id: 2, title: 'Dr\0agon', sku: 'DRAGON\0-L', quantity: 1, price: '10.00' };
  const body = { id: 1, name: '#10\u000001', created_at: at, updated_at: at, currency: 'EUR', total_price: '10.00', note: 'a\0b\ud83d', line_items: [line] };
  const order = orderFromWebhook(JSON.stringify(body));
  expect(order).toMatchObject({ name: '#1001', note: 'ab\ufffd', lineItems: [{ title: 'Dragon', sku: 'DRAGON-L' }] });
});
