import { z } from 'zod';
import { canonicalUrl } from './aliases';
import { KnownRoutes } from './known-routes';
import { decodeCursor, pageFrom } from './page-from';

const rows = [{ id: 'c' }, { id: 'b' }, { id: 'a' }];

test('a full page says where the next one starts, and the cursor comes back as the key', () => {
  const page = pageFrom(rows, 2, (row) => row.id);
  expect(page).toEqual({ data: [{ id: 'c' }, { id: 'b' }], pagination: { limit: 2, next_cursor: expect.any(String) as string, has_more: true } });
  expect(decodeCursor(z.string(), page.pagination.next_cursor ?? undefined)).toBe('b');
});

test('the last page has no cursor, and rows may be shown in another shape', () => {
  expect(pageFrom(rows, 3, (row) => row.id, (row) => row.id.toUpperCase())).toEqual({
    data: ['C', 'B', 'A'],
    pagination: { limit: 3, next_cursor: null, has_more: false },
  });
});

test.each([['garbage'], ['e30'], ['%%%']])('the cursor %s, which no list gave out, is invalid input', (cursor) => {
  expect(() => decodeCursor(z.string(), cursor)).toThrow(expect.objectContaining({ code: 'invalid' }) as Error);
});

test.each([
  ['/orders', '/api/v1/orders'],
  ['/orders?limit=5', '/api/v1/orders?limit=5'],
  ['/orders/1/status', '/api/v1/orders/1/status'],
  ['/track/F3-7K2M9QXW4T8H', '/api/v1/track/F3-7K2M9QXW4T8H'],
  ['/checkout', '/api/v1/checkout'],
  ['/api/fulfillment-daily-summary?days=7', '/api/v1/fulfillment-daily-summary?days=7'],
  ['/api/v1/orders', '/api/v1/orders'],
  ['/api/docs-json', '/api/docs-json'],
  ['/api/docs', '/api/docs'],
  ['/ordersx', '/ordersx'],
  ['/webhooks/shopify', '/webhooks/shopify'],
  ['/health/ready', '/health/ready'],
  ['/', '/'],
])('the address %s means %s', (asked, meant) => {
  expect(canonicalUrl(asked)).toBe(meant);
});

test('an address tells which methods it takes; one that does not exist takes none', () => {
  const routes = new KnownRoutes();
  routes.add({ method: ['GET', 'HEAD'], url: '/orders/:id' });
  routes.add({ method: 'PATCH', url: '/orders/:id' });
  routes.add({ method: 'GET', url: '/app/*' });
  expect(routes.methodsAt('/orders/17?x=1')).toEqual(['GET', 'HEAD', 'PATCH']);
  expect(routes.methodsAt('/orders')).toEqual([]);
  expect(routes.methodsAt('/app/else')).toEqual([]);
});
