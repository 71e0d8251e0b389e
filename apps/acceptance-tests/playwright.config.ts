import { defineConfig } from '@playwright/test';
import { defineBddConfig } from 'playwright-bdd';
import { z } from 'zod';

const testDir = defineBddConfig({ features: 'src/features/*.feature', steps: ['src/scenario.ts', 'src/steps/*.ts'] });

/** The browser that `npm test` found, and what it needs in its environment; alone, Playwright takes its own. */
const executablePath = process.env['CHROMIUM_PATH'];
const itsEnvironment = z.record(z.string(), z.string()).parse(JSON.parse(process.env['CHROMIUM_ENV'] || '{}'));
const given = Object.fromEntries(Object.entries(process.env).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));

export default defineConfig({
  testDir,
  globalSetup: './src/global-setup.ts',
  fullyParallel: false,
  // Scenarios share one shop and one farm, which they tell to misbehave: they take turns. Beside them run those that start products of their own, and mostly wait for them.
  workers: 2,
  projects: [
    { name: 'one product for all', grepInvert: /@own-product/, workers: 1 },
    { name: 'a product of its own', grep: /@own-product/, workers: 1 },
  ],
  timeout: 60_000,
  expect: { timeout: 20_000 },
  forbidOnly: true,
  use: {
    trace: 'retain-on-failure',
    launchOptions: {
      ...(executablePath ? { executablePath } : {}),
      env: { ...given, ...itsEnvironment },
    },
  },
});
