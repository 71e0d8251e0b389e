import { readFileSync } from 'node:fs';
import { swcOptions } from './apps/launcher/swc-options.mjs';

const { paths } = JSON.parse(readFileSync(new URL('tsconfig.base.json', import.meta.url), 'utf8')).compilerOptions;

const common = {
  rootDir: import.meta.dirname,
  roots: ['<rootDir>/apps', '<rootDir>/libs'],
  moduleFileExtensions: ['ts', 'tsx', 'js', 'mjs', 'cjs', 'json'],
  moduleNameMapper: Object.fromEntries(Object.entries(paths).map(([alias, [file]]) => [`^${alias}$`, `<rootDir>/${file}`])),
  testEnvironment: '<rootDir>/libs/testing/src/test-environment.ts',
  transform: { '\\.tsx?$': ['@swc/jest', swcOptions()] },
  testPathIgnorePatterns: ['/node_modules/', '/dist/', '/apps/acceptance-tests/'],
  clearMocks: true,
  restoreMocks: true,
};

export default {
  projects: [
    { ...common, displayName: 'unit', testMatch: ['**/*.spec.{ts,tsx}'], testPathIgnorePatterns: [...common.testPathIgnorePatterns, '\\.db\\.spec\\.ts$'] },
    {
      ...common,
      displayName: 'db',
      testMatch: ['**/*.db.spec.ts'],
      testEnvironment: '<rootDir>/libs/testing/src/database-environment.ts',
      globalSetup: '<rootDir>/apps/launcher/jest-cluster-start.mjs',
      globalTeardown: '<rootDir>/apps/launcher/jest-cluster-stop.mjs',
    },
  ],
  maxWorkers: 2,
  coverageProvider: 'babel', // v8 counts comments and blank lines as covered
  coverageDirectory: 'coverage',
  coverageReporters: ['json-summary', 'lcov'],
  collectCoverageFrom: [
    'apps/{api,sandbox}/src/**/*.ts',
    'libs/*/src/**/*.ts',
    '!**/*.{spec,fixture,setup}.ts',
    '!**/index.ts',
    '!**/main.ts',
    '!**/generated/**',
    '!libs/testing/**',
  ],
};
