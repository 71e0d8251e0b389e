import { readConfig, type HttpApp } from '@forma3d/platform';
import { testSettings, useDatabase } from '@forma3d/testing';
import { createApp } from './app';

const database = useDatabase();
let app: HttpApp;

beforeAll(async () => {
  app = await createApp(readConfig(testSettings({ DATABASE_URL: database.url() })));
});
afterAll(() => app?.close());

const signedIn = { authorization: 'Bearer admin-token-of-test' };

test('the whole API starts: every task has its handler, and the shop of the settings its store', async () => {
  const ready = await app.inject({ url: '/health/ready' });
  expect(ready.statusCode).toBe(200);
  expect(ready.json()).toMatchObject({ checks: { database: { status: 'ok' } } });
  const orders = await app.inject({ url: '/orders', headers: signedIn });
  expect({ status: orders.statusCode, body: orders.json<unknown>() }).toEqual({
    status: 200,
    body: { data: [], pagination: { limit: 25, next_cursor: null, has_more: false } },
  });
});

interface Operation {
  summary?: string;
  security?: unknown[];
  responses: Record<string, { content?: Record<string, unknown> }>;
}

test('every route is documented: with a summary, what it answers, the problems it may answer, and the credential it needs', async () => {
  const { paths } = (await app.inject({ url: '/api/docs-json' })).json<{ paths: Record<string, Record<string, Operation>> }>();
  const operations = Object.entries(paths).flatMap(([path, methods]) => Object.entries(methods).map(([method, operation]) => ({ name: `${method} ${path}`, path, operation })));
  expect(operations.length).toBeGreaterThan(10);
  expect(operations.filter(({ operation }) => !operation.summary).map(({ name }) => name)).toEqual([]);
  expect(operations.filter(({ operation }) => !Object.keys(operation.responses).some((status) => status.startsWith('2'))).map(({ name }) => name)).toEqual([]);
  const open = operations.filter(({ operation }) => operation.security?.length === 0).map(({ path }) => path);
  expect([...new Set(open)].sort()).toEqual(['/health/live', '/health/ready', '/webhooks/shopify', '/webhooks/simplyprint']);
  const guarded = operations.filter(({ path }) => path.startsWith('/api/v1'));
  expect(guarded.filter(({ operation }) => operation.responses['401'] === undefined).map(({ name }) => name)).toEqual([]);
});

test('every reference in the document leads to a schema, and none of the library is left in it', async () => {
  const { body } = await app.inject({ url: '/api/docs-json' });
  const { components } = JSON.parse(body) as { components: { schemas: Record<string, unknown> } };
  const references = [...body.matchAll(/"\$ref":"([^"]+)"/g)].map((match) => match[1] ?? '');
  expect(references.filter((each) => components.schemas[each.replace('#/components/schemas/', '')] === undefined)).toEqual([]);
  expect(body).not.toContain('nestjs_zod');
});

test('without the token no business route answers anything but 401', async () => {
  const { paths } = (await app.inject({ url: '/api/docs-json' })).json<{ paths: Record<string, Record<string, Operation>> }>();
  const routes = Object.entries(paths).filter(([path]) => path.startsWith('/api/v1'));
  const answers = await Promise.all(
    routes.flatMap(([path, methods]) =>
      Object.keys(methods).map(async (method) => {
        const url = path.replaceAll(/\{\w+\}/g, '01975b5e-8a00-7000-8000-000000000001');
        const { statusCode } = await app.inject({ method: method.toUpperCase() as 'GET', url });
        return { route: `${method} ${path}`, statusCode };
      }),
    ),
  );
  expect(answers.filter(({ statusCode }) => statusCode !== 401)).toEqual([]);
});
