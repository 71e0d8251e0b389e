import { BadSettings } from './config';
import { startFailure } from './start-failure';

const failed = (code: string, more: object = {}): Error => Object.assign(new Error('secret-host said no'), { code, ...more });

test.each([
  ['ECONNREFUSED', 'the database cannot be reached (ECONNREFUSED)'],
  ['EAI_AGAIN', 'the database cannot be reached (EAI_AGAIN)'],
  ['57P03', 'the database cannot be reached (57P03)'],
  ['28P01', 'the database refuses the user or the password'],
  ['3D000', 'the server has no database of that name'],
  ['42P01', 'run the migrations'],
])('a database that answers %s is told in words, by setting and not by value', (code, words) => {
  expect(startFailure(failed(code))).toMatch(/^Cannot start with DATABASE_URL: /);
  expect(startFailure(failed(code))).toContain(words);
  expect(startFailure(failed(code))).not.toContain('secret-host');
});

test('a connection that hangs is a database that cannot be reached', () => {
  expect(startFailure(new Error('timeout exceeded when trying to connect'))).toBe('Cannot start with DATABASE_URL: the database cannot be reached.');
});

test('a port that is taken is told by its setting', () => {
  expect(startFailure(failed('EADDRINUSE', { syscall: 'listen' }))).toBe('Cannot listen at HOST and PORT: the port is taken.');
});

test('bad settings are told as they are; a fault of the product keeps its stack', () => {
  expect(startFailure(new BadSettings(['PORT: must be a whole number']))).toContain('PORT: must be a whole number');
  expect(startFailure(new TypeError('undefined is not a function'))).toBeUndefined();
});
