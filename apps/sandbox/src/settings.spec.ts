import { BadSettings, readSettings } from './settings';

test('everything has a default', () => {
  expect(readSettings({})).toMatchObject({
    host: '127.0.0.1',
    port: 4010,
    smtpPort: 4025,
    speed: 60,
    dataFile: null,
    webhookUrl: null,
    shopDomain: 'forma3d-sandbox.myshopify.com',
    simplyPrintCompany: '1',
  });
});

test('an empty variable counts as not set', () => {
  expect(readSettings({ SANDBOX_PORT: '', SANDBOX_SPEED: '600' })).toMatchObject({ port: 4010, speed: 600 });
});

test('all problems are listed at once, by name and never by value', () => {
  const env = { SANDBOX_PORT: 'ninety', SANDBOX_WEBHOOK_URL: 'hidden-value', SANDBOX_SHOP_DOMAIN: 'example.com' };
  try {
    readSettings(env);
    throw new Error('accepted');
  } catch (error) {
    expect(error).toBeInstanceOf(BadSettings);
    const { message } = error as BadSettings;
    for (const name of Object.keys(env)) expect(message).toContain(name);
    expect(message).not.toContain('hidden-value');
  }
});
