import { SealedSecrets } from './sealed-secrets';

const KEY = 'k'.repeat(32);
const sealed = new SealedSecrets({ secretsKey: KEY });

test('what is sealed opens again, also in another process, and shows nothing', () => {
  const stored = sealed.seal('https://hooks.example/very-secret', 'here');
  expect(new SealedSecrets({ secretsKey: KEY }).open(stored, 'here')).toBe('https://hooks.example/very-secret');
  expect(stored.toString('latin1')).not.toContain('secret');
  expect(sealed.seal('same', 'here').equals(sealed.seal('same', 'here'))).toBe(false);
});

test('it opens with no other key, at no other place, and not when it was touched', () => {
  const stored = sealed.seal('x', 'here');
  const touched = Buffer.from(stored);
  touched[touched.length - 1] = (touched.at(-1) ?? 0) ^ 1;
  expect(() => new SealedSecrets({ secretsKey: 'l'.repeat(32) }).open(stored, 'here')).toThrow('SECRETS_KEY is not the one');
  expect(() => sealed.open(stored, 'there')).toThrow('cannot be opened');
  expect(() => sealed.open(touched, 'here')).toThrow('cannot be opened');
  expect(() => sealed.open(Buffer.of(9, 9), 'here')).toThrow('cannot be opened');
});

test('without a key nothing is stored', () => {
  expect(() => new SealedSecrets({ secretsKey: undefined }).seal('x', 'here')).toThrow('SECRETS_KEY is not set');
});
