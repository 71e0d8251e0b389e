import { defineConfig } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** Our own rules, each with what it prevents. */
const NO_PRISMA_TRANSACTION = {
  selector: 'MemberExpression[property.name="$transaction"]',
  message: 'Use db.transaction: one Tx, one connection, events and tasks inside.',
};
const NO_REAL_TIME = [
  { selector: 'CallExpression[callee.object.name="Date"][callee.property.name="now"]', message: 'Ask the clock that you were given: tests move it.' },
  { selector: 'NewExpression[callee.name="Date"][arguments.length=0]', message: 'Ask the clock that you were given: tests move it.' },
];
const NO_NARROWED_TESTS = {
  selector: 'MemberExpression[object.name=/^(it|test|describe)$/][property.name=/^(only|skip|todo)$/]',
  message: 'A test that does not run tells nothing.',
};

const NODE_GLOBALS = Object.fromEntries(
  ['process', 'console', 'URL', 'Buffer', 'fetch', 'AbortController', 'AbortSignal', 'WebAssembly', 'performance', 'globalThis', '__dirname', 'module', 'require']
    .concat(['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'structuredClone'])
    .map((name) => [name, 'readonly']),
);

export default defineConfig(
  { ignores: ['**/node_modules/', 'dist/', 'coverage/', '.data/', '.nx/', '**/generated/', '**/.features-gen/', 'docs/', '**/test-results/', '**/playwright-report/'] },
  // Comments cannot switch a rule off.
  { linterOptions: { noInlineConfig: true } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true } },
    rules: {
      'max-lines': ['error', 300],
      eqeqeq: 'error',
      'no-restricted-syntax': ['error', NO_PRISMA_TRANSACTION, NO_NARROWED_TESTS],
      '@typescript-eslint/consistent-type-imports': ['error', { fixStyle: 'inline-type-imports' }],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/only-throw-error': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_', caughtErrors: 'all' }],
      // The result of a promise in a try block must be awaited there, or its failure passes the catch by.
      '@typescript-eslint/return-await': ['error', 'error-handling-correctness-only'],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      // graphql-js compares its kinds with strings throughout.
      '@typescript-eslint/no-unsafe-enum-comparison': 'off',
      // An async function without await is how an interface that promises is kept.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    // Jest's matchers inside expected values are typed as any.
    files: ['**/*.{spec,fixture,setup}.ts'],
    rules: { '@typescript-eslint/no-unsafe-assignment': 'off', '@typescript-eslint/unbound-method': 'off' },
  },
  { files: ['apps/api/**/*.ts', 'libs/**/*.ts'], rules: { 'no-console': 'error' } },
  {
    files: ['apps/api/src/modules/**/*.ts'],
    ignores: ['**/*.{spec,fixture,setup}.ts'],
    rules: { 'no-restricted-syntax': ['error', NO_PRISMA_TRANSACTION, ...NO_REAL_TIME] },
  },
  {
    files: ['**/*.{mjs,cjs}'],
    languageOptions: { globals: NODE_GLOBALS },
    rules: {
      'max-lines': ['error', 300],
      eqeqeq: 'error',
      'no-undef': 'error',
      'no-unused-vars': ['error', { ignoreRestSiblings: true, argsIgnorePattern: '^_' }],
      'no-restricted-syntax': ['error', NO_NARROWED_TESTS],
    },
  },
);
