/** Who is real and who is simulated, and what the API and the sandbox are started with. */
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { dataFolder, inRoot } from './place.mjs';

const SANDBOX_SHOP = 'forma3d-sandbox.myshopify.com';
const SANDBOX_COMPANY = '1';

/** The settings of .env and the environment (which wins); an empty one counts as not given. */
export function readSettings() {
  if (fs.existsSync(inRoot('.env'))) process.loadEnvFile(inRoot('.env'));
  const given = Object.fromEntries(Object.entries(process.env).filter(([, value]) => value !== ''));
  const port = given.PORT ?? '3000';
  return { ...given, PORT: port, HOST: given.HOST ?? '127.0.0.1', APP_URL: given.APP_URL ?? `http://localhost:${port}`, SANDBOX_PORT: given.SANDBOX_PORT ?? '4010', SANDBOX_SMTP_PORT: given.SANDBOX_SMTP_PORT ?? '4025' };
}

/**
 * The sides that the sandbox plays: each one without settings of its own. A farm and a shop that are both real need no sandbox, not
 * even for mail: it is then off until it is set up.
 *
 * @returns {('shopify' | 'simplyprint' | 'smtp')[]}
 */
export function simulatedSides(settings) {
  const sides = [];
  if (!settings.SHOPIFY_SHOP_DOMAIN || !settings.SHOPIFY_ADMIN_ACCESS_TOKEN) sides.push('shopify');
  if (!settings.SIMPLYPRINT_COMPANY_ID || !settings.SIMPLYPRINT_API_KEY) sides.push('simplyprint');
  if (sides.length > 0 && !settings.SMTP_HOST) sides.push('smtp');
  return sides;
}

/** Where this machine reaches the API, whatever address it listens on. */
export function apiUrl({ HOST, PORT }) {
  const everywhere = HOST === '0.0.0.0' || HOST === '::';
  const host = everywhere ? '127.0.0.1' : HOST;
  return `http://${host.includes(':') ? `[${host}]` : host}:${PORT}`;
}

export const sandboxUrl = (settings) => `http://127.0.0.1:${settings.SANDBOX_PORT}`;

/** What the sandbox and the API must agree on, made once for this clone and readable by its owner alone. */
export function keptSecrets() {
  const file = path.join(dataFolder, 'secrets.json');
  const found = fs.existsSync(file) ? JSON.parse(fs.readFileSync(file, 'utf8')) : {};
  const secret = (bytes) => randomBytes(bytes).toString('base64url');
  const all = {
    adminToken: secret(24),
    secretsKey: randomBytes(32).toString('base64'),
    shopifyToken: `shpat_${randomBytes(16).toString('hex')}`,
    shopifySecret: secret(32),
    simplyPrintKey: secret(24),
    simplyPrintSecret: secret(32),
    ...found,
  };
  if (Object.keys(all).length > Object.keys(found).length) {
    fs.mkdirSync(dataFolder, { recursive: true });
    fs.writeFileSync(`${file}.new`, `${JSON.stringify(all, null, 2)}\n`, { mode: 0o600 });
    fs.renameSync(`${file}.new`, file);
  }
  return all;
}

/** The environment of the API. Simulated sides point to the sandbox; everything else is as given. No side, no `secrets`. */
export function apiEnvironment(settings, databaseUrl, sides, secrets) {
  const simulated = {
    shopify: () => ({
      SHOPIFY_SHOP_DOMAIN: SANDBOX_SHOP,
      SHOPIFY_ADMIN_ACCESS_TOKEN: secrets.shopifyToken,
      SHOPIFY_WEBHOOK_SECRETS: secrets.shopifySecret,
      SHOPIFY_API_BASE_URL: sandboxUrl(settings),
    }),
    simplyprint: () => ({
      SIMPLYPRINT_API_BASE_URL: `${sandboxUrl(settings)}/simplyprint`,
      SIMPLYPRINT_COMPANY_ID: SANDBOX_COMPANY,
      SIMPLYPRINT_API_KEY: secrets.simplyPrintKey,
      SIMPLYPRINT_WEBHOOK_SECRET: secrets.simplyPrintSecret,
    }),
    smtp: () => ({
      SMTP_HOST: '127.0.0.1',
      SMTP_PORT: settings.SANDBOX_SMTP_PORT,
      NOTIFICATIONS_ENABLED: settings.NOTIFICATIONS_ENABLED ?? 'true',
      OPERATOR_EMAIL: settings.OPERATOR_EMAIL ?? 'operator@forma3d.test',
    }),
  };
  return {
    ...settings,
    ...Object.assign({}, ...sides.map((side) => simulated[side]())),
    ...(sides.length > 0 ? { FORMA3D_SANDBOX: sides.join(','), ADMIN_TOKEN: settings.ADMIN_TOKEN ?? secrets.adminToken } : {}),
    // Tokens of a real service are encrypted with a key that its owner keeps; .data/ may be thrown away.
    ...(sides.includes('shopify') && sides.includes('simplyprint') ? { SECRETS_KEY: settings.SECRETS_KEY ?? secrets.secretsKey } : {}),
    DATABASE_URL: databaseUrl,
  };
}

/** The environment of the sandbox. It listens on this machine alone, wherever the API listens. */
export function sandboxEnvironment(settings, secrets) {
  return {
    ...settings,
    HOST: '127.0.0.1',
    SANDBOX_DATA: path.join(dataFolder, 'sandbox.json'),
    SANDBOX_WEBHOOK_URL: `${apiUrl(settings)}/webhooks/shopify`,
    SANDBOX_SIMPLYPRINT_WEBHOOK_URL: `${apiUrl(settings)}/webhooks/simplyprint`,
    SANDBOX_SHOP_DOMAIN: SANDBOX_SHOP,
    SANDBOX_SHOPIFY_TOKEN: secrets.shopifyToken,
    SANDBOX_SHOPIFY_SECRET: secrets.shopifySecret,
    SANDBOX_SIMPLYPRINT_COMPANY: SANDBOX_COMPANY,
    SANDBOX_SIMPLYPRINT_KEY: secrets.simplyPrintKey,
    SANDBOX_SIMPLYPRINT_SECRET: secrets.simplyPrintSecret,
  };
}
