import { readFileSync } from 'node:fs';
import path from 'node:path';
import { testSettings } from '@forma3d/testing';
import { BadSettings, readConfig } from './config';
import { SETTING_NAMES } from './config-schema';

function problemsOf(settings: Record<string, string | undefined>): readonly string[] {
  try {
    readConfig(testSettings(settings));
    return [];
  } catch (error) {
    if (error instanceof BadSettings) return error.problems;
    throw error;
  }
}

const REAL = { FORMA3D_SANDBOX: '', SECRETS_KEY: 'x'.repeat(32) };

test('all problems are told at once, by name and never by value', () => {
  const problems = problemsOf({ PORT: 'eighty', ADMIN_TOKEN: 'short-secret', DATABASE_URL: undefined, SIMPLYPRINT_AUTH: 'bearer-hunter2' });
  expect(problems).toEqual([
    'PORT: must be a whole number',
    'DATABASE_URL is not set',
    'SIMPLYPRINT_AUTH: must be api-key or basic',
    'ADMIN_TOKEN: must have at least 16 characters',
  ]);
  expect(problems.join()).not.toMatch(/eighty|short-secret|hunter2/);
});

test.each([
  ['false', false],
  ['FALSE', false],
  ['0', false],
  ['true', true],
  ['1', true],
])('"%s" is read as %s', (text, value) => {
  expect(readConfig(testSettings({ NOTIFICATIONS_ENABLED: text, SMTP_HOST: 'mail', OPERATOR_EMAIL: 'o@example.com' })).notificationsEnabled).toBe(value);
});

test('a number out of its bounds, and a word out of its list, are told what they may be', () => {
  expect(problemsOf({ SMTP_PORT: '0', LOG_LEVEL: 'loud' })).toEqual(['SMTP_PORT: must be 1 to 65535', 'LOG_LEVEL: must be fatal, error, warn, info, debug, trace or silent']);
});

test('a boolean that is neither is refused', () => {
  expect(problemsOf({ NOTIFICATIONS_ENABLED: 'maybe' })).toEqual(['NOTIFICATIONS_ENABLED: must be true or false']);
});

test('an empty or blank setting counts as not set', () => {
  expect(readConfig(testSettings({ PORT: '', SHOPIFY_API_VERSION: '  ' }))).toMatchObject({ port: 3000, shopify: { apiVersion: '2026-10' } });
  expect(problemsOf({ ADMIN_TOKEN: '' })).toEqual(['ADMIN_TOKEN is not set']);
});

test('a real Shopify or SimplyPrint without a webhook secret stops the start', () => {
  expect(problemsOf({ ...REAL, SHOPIFY_WEBHOOK_SECRETS: '', SIMPLYPRINT_WEBHOOK_SECRET: '' })).toEqual([
    'SHOPIFY_WEBHOOK_SECRETS is not set',
    'SIMPLYPRINT_WEBHOOK_SECRET is not set',
  ]);
  expect(problemsOf({ ...REAL, SHOPIFY_WEBHOOK_SECRETS: ' , ' })).toEqual(['SHOPIFY_WEBHOOK_SECRETS: must hold at least one secret']);
});

test('the key of stored secrets is needed as soon as one side is real', () => {
  expect(problemsOf({ SECRETS_KEY: '' })).toEqual([]);
  expect(problemsOf({ SECRETS_KEY: '', FORMA3D_SANDBOX: 'shopify,smtp' })).toEqual(['SECRETS_KEY is not set, which a real simplyprint needs']);
});

test('notifications are on in the sandbox, off elsewhere until set, and ask for what they need', () => {
  const mail = { SMTP_HOST: 'mail', OPERATOR_EMAIL: 'o@example.com' };
  expect(readConfig(testSettings({ ...mail, NOTIFICATIONS_ENABLED: undefined })).notificationsEnabled).toBe(true);
  expect(readConfig(testSettings({ ...REAL, NOTIFICATIONS_ENABLED: undefined })).notificationsEnabled).toBe(false);
  expect(problemsOf({ ...REAL, NOTIFICATIONS_ENABLED: 'true' })).toEqual([
    'SMTP_HOST is not set, which notifications need',
    'OPERATOR_EMAIL is not set, which notifications need',
    'SMTP_FROM is not set, which notifications need',
  ]);
});

test('several webhook secrets come as a list, and addresses lose the slash at their end', () => {
  expect(readConfig(testSettings({ SHOPIFY_WEBHOOK_SECRETS: 'new, old', APP_URL: 'https://connect.example.com/' }))).toMatchObject({
    appUrl: 'https://connect.example.com',
    shopify: { webhookSecrets: ['new', 'old'] },
  });
});

test('a call may take at most half of a lease, so that one is always left for it', () => {
  expect(problemsOf({ TASK_LEASE_SECONDS: '10', OUTSIDE_TIMEOUT_MS: '6000' })).toEqual([
    'OUTSIDE_TIMEOUT_MS: must be at most half of TASK_LEASE_SECONDS',
  ]);
});

test('.env.example names every setting once, and none that is unknown', () => {
  const text = readFileSync(path.resolve(__dirname, '../../../.env.example'), 'utf8');
  const named = [...text.matchAll(/^([A-Z0-9_]+)=/gm)].map((match) => match[1]);
  const ofTheStart = ['FORMA3D_DATA', 'SANDBOX_PORT', 'SANDBOX_SMTP_PORT', 'SANDBOX_SPEED'];
  expect([...named].sort()).toEqual([...SETTING_NAMES, ...ofTheStart].sort());
});

test('.env.example shows the defaults', () => {
  const text = readFileSync(path.resolve(__dirname, '../../../.env.example'), 'utf8');
  const shown = Object.fromEntries([...text.matchAll(/^([A-Z0-9_]+)=(.+)$/gm)].map((match) => [match[1] ?? '', match[2]]));
  const needed = testSettings({ PORT: undefined, APP_URL: undefined, SIMPLYPRINT_API_BASE_URL: undefined, LOG_LEVEL: undefined, DATABASE_POOL: undefined });
  expect(readConfig({ ...needed, ...shown })).toEqual(readConfig(needed));
});

test.each([
  ['the defaults', {}, 5_000],
  ['short leases', { TASK_LEASE_SECONDS: '3', OUTSIDE_TIMEOUT_MS: '1000', SETTLE_SECONDS: '1' }, 1_000],
  ['a lease that leaves nothing', { TASK_LEASE_SECONDS: '20' }, 1_000],
  ['long leases', { TASK_LEASE_SECONDS: '120' }, 8_000],
])('with %s a call waits no longer for its turn than a lease leaves beside its answer and its settling', (_what, change, turnMs) => {
  expect(readConfig(testSettings(change)).outsideTurnMs).toBe(turnMs);
});
