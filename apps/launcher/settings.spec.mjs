import assert from 'node:assert/strict';
import { test } from 'node:test';
import { apiEnvironment, apiUrl, simulatedSides } from './settings.mjs';

const PLACES = { PORT: '3000', HOST: '127.0.0.1', SANDBOX_PORT: '4010', SANDBOX_SMTP_PORT: '4025' };
const SHOP = { SHOPIFY_SHOP_DOMAIN: 'real.myshopify.com', SHOPIFY_ADMIN_ACCESS_TOKEN: 'shpat_real' };
const FARM = { SIMPLYPRINT_COMPANY_ID: '77', SIMPLYPRINT_API_KEY: 'real-key' };
const SECRETS = { adminToken: 'a', secretsKey: 'k', shopifyToken: 't', shopifySecret: 's', simplyPrintKey: 'p', simplyPrintSecret: 'q' };

test('each side is simulated until it has settings of its own', () => {
  assert.deepEqual(simulatedSides(PLACES), ['shopify', 'simplyprint', 'smtp']);
  assert.deepEqual(simulatedSides({ ...SHOP }), ['simplyprint', 'smtp']);
  assert.deepEqual(simulatedSides({ ...FARM, SMTP_HOST: 'mail.example' }), ['shopify']);
  assert.deepEqual(simulatedSides({ ...SHOP, ...FARM }), []);
  assert.deepEqual(simulatedSides({ SHOPIFY_SHOP_DOMAIN: 'half.myshopify.com', ...FARM }), ['shopify', 'smtp']);
});

test('the API gets the sandbox for simulated sides, and the real settings untouched for the others', () => {
  const settings = { ...PLACES, ...SHOP };
  const env = apiEnvironment(settings, 'postgresql://here/forma3d', simulatedSides(settings), SECRETS);
  assert.equal(env.FORMA3D_SANDBOX, 'simplyprint,smtp');
  assert.equal(env.SHOPIFY_ADMIN_ACCESS_TOKEN, 'shpat_real');
  assert.equal(env.SHOPIFY_API_BASE_URL, undefined);
  assert.equal(env.SIMPLYPRINT_API_BASE_URL, 'http://127.0.0.1:4010/simplyprint');
  assert.equal(env.SECRETS_KEY, undefined, 'a real shop\'s token needs a key that outlives .data/');
  assert.equal(env.DATABASE_URL, 'postgresql://here/forma3d');
});

test('with everything real nothing is made up', () => {
  const env = apiEnvironment({ ...PLACES, ...SHOP, ...FARM }, 'postgresql://here/forma3d', [], null);
  for (const name of ['FORMA3D_SANDBOX', 'ADMIN_TOKEN', 'SECRETS_KEY', 'SMTP_HOST', 'NOTIFICATIONS_ENABLED']) assert.equal(env[name], undefined, name);
});

test('an API that listens everywhere is reached on this machine', () => {
  assert.equal(apiUrl({ HOST: '0.0.0.0', PORT: '8080' }), 'http://127.0.0.1:8080');
  assert.equal(apiUrl({ HOST: '::1', PORT: '8080' }), 'http://[::1]:8080');
});
