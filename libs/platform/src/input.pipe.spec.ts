import { type DomainError } from '@forma3d/kernel';
import { z } from 'zod';
import { invalidInput } from './input.pipe';
import { unstorableTexts } from './unstorable-text';

const told = (schema: z.ZodType, input: unknown): DomainError => {
  const parsed = schema.safeParse(input);
  return invalidInput(parsed.error?.issues ?? []);
};

test('a few things that are wrong are all told', () => {
  const { details } = told(z.object({ a: z.string(), b: z.number() }), {});
  expect(details).toMatchObject({ errors: [{ path: 'a' }, { path: 'b' }] });
  expect(details).not.toHaveProperty('more_errors');
});

test('of very many the first are told, and how many more there are', () => {
  const { details } = told(z.array(z.string()), Array.from({ length: 5_000 }, (_, n) => n));
  expect(details?.['errors']).toHaveLength(20);
  expect(details?.['more_errors']).toBe(4_980);
});

test.each([
  ['a name of a million letters', told(z.strictObject({}), { ['n'.repeat(1_000_000)]: 1 })],
  ['many names that are not known', told(z.strictObject({}), Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`name ${String(n)}`, 1])))],
  ['a path of a hundred thousand steps', invalidInput([{ path: Array.from({ length: 100_000 }, () => '0'), message: 'wrong' }])],
])('%s does not make a long answer', (_what, refusal) => {
  expect(JSON.stringify(refusal.details).length).toBeLessThan(1_000);
});

test('no character is cut in half', () => {
  const { details } = invalidInput([{ path: [], message: '🐉'.repeat(400) }, { path: [], message: `x${'🐉'.repeat(400)}` }]);
  expect(unstorableTexts(details)).toEqual([]);
});

test('finding the way to a text hundreds of thousands of levels down takes no time', () => {
  let deep: unknown = '\0';
  for (let level = 0; level < 300_000; level += 1) deep = [deep];
  const from = performance.now();
  expect(unstorableTexts(deep)[0]?.path).toHaveLength(300_000);
  expect(performance.now() - from).toBeLessThan(2_000);
});
