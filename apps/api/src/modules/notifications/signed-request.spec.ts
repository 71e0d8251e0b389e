import { createHmac } from 'node:crypto';
import { signatureHeaders, webhookBody } from './signed-request';
import { FIRST_AT, toldFailures } from './told.fixture';

test('a program is told everything in JSON, with a stable id', () => {
  const told = toldFailures(30);
  const body: unknown = JSON.parse(webhookBody(told));
  expect(body).toMatchObject({ id: told.id, kind: 'fulfillment-failed', serious: true, count: 30, more: 10 });
  expect(body).toHaveProperty('alerts.0.details', { Reason: 'a & b <img src=x onerror=y> <!channel> @everyone' });
  expect(body).toHaveProperty('alerts.0.occurred_at', '2026-11-02T09:00:05.000Z');
});

test('id, time and body are signed together', () => {
  const headers = signatureHeaders('batch', FIRST_AT, '{"a":1}', 'a-secret-of-the-test');
  const expected = createHmac('sha256', 'a-secret-of-the-test').update('batch.1793610005.{"a":1}').digest('base64');
  expect(headers).toEqual({ 'webhook-id': 'batch', 'webhook-timestamp': '1793610005', 'webhook-signature': `v1,${expected}` });
});

// The example of the Standard Webhooks specification.
test('a secret of that standard is taken as its libraries take it', () => {
  const headers = signatureHeaders('msg_p5jXN8AQM9LWM0D4loKWxJek', new Date(1_614_265_330_000), '{"test": 2432232314}', 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw');
  expect(headers['webhook-signature']).toBe('v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=');
});
