/**
 * Settings with which the API's configuration is whole and everything outside is simulated; for `readConfig`. None of these secrets opens
 * anything.
 *
 * @param settings those of the test; `undefined` takes one away
 */
export function testSettings(settings: Record<string, string | undefined> = {}): Record<string, string | undefined> {
  return {
    PORT: '0',
    APP_URL: 'http://localhost:3000',
    DATABASE_URL: 'postgresql://127.0.0.1:1/nowhere',
    SHOPIFY_SHOP_DOMAIN: 'test-shop.myshopify.com',
    SHOPIFY_ADMIN_ACCESS_TOKEN: 'shpat_of_test',
    SHOPIFY_WEBHOOK_SECRETS: 'shopify-secret-of-test',
    SHOPIFY_API_BASE_URL: 'http://127.0.0.1:1',
    SIMPLYPRINT_API_BASE_URL: 'http://127.0.0.1:1/simplyprint',
    SIMPLYPRINT_COMPANY_ID: '1',
    SIMPLYPRINT_API_KEY: 'simplyprint-key-of-test',
    SIMPLYPRINT_WEBHOOK_SECRET: 'simplyprint-secret-of-test',
    NOTIFICATIONS_ENABLED: 'false',
    ADMIN_TOKEN: 'admin-token-of-test',
    LOG_LEVEL: 'silent',
    FORMA3D_SANDBOX: 'shopify,simplyprint,smtp',
    DATABASE_POOL: '4',
    ...settings,
  };
}
