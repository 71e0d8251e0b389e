import { shownPayload } from './shown-payload';

it('shows ids and values as they are', () => {
  const payload = { order_id: 'o-1', updated_at: '2026-11-21T09:00:00.000Z', day: '2026-11-21', channel: 'email', kinds: ['a', 1, null] };
  expect(shownPayload(payload)).toEqual(payload);
});

it.each(['secret', 'access_token', 'smtp_password', 'Authorization', 'apiKey', 'customer_email', 'phone', 'shipping_address'])('never shows %s, however deep', (name) => {
  const hidden = JSON.stringify(shownPayload({ [name]: 'hush', deep: [{ [name]: { of: 'hush' } }] }));
  expect(hidden).not.toContain('hush');
  expect(hidden).toContain('[not shown]');
});

it('of what is no object shows nothing', () => {
  expect([null, 'text', ['a']].map(shownPayload)).toEqual([{}, {}, {}]);
});
