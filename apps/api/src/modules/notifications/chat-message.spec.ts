import { chatMessage } from './chat-message';
import { toldFailures } from './told.fixture';

test('Slack is told in one text, in which nothing from outside is markup or a call', () => {
  const { text } = chatMessage(toldFailures(1), 'slack');
  expect(text).toBe(
    [
      '*[Forma3D.Connect] Fulfillment Failed: Action Required*',
      'The order could not be fulfilled in Shopify. It is not tried again by itself: please look, and fulfill it by hand.',
      '• #1001 "&lt;b&gt;", 2 November 2026 at 10:00:05 CET: Reason: a &amp; b &lt;img src=x onerror=y&gt; &lt;!channel&gt; @everyone',
      'https://connect.example/app/orders/019a5f0e-7a00-7000-8000-000000000002',
    ].join('\n'),
  );
});

test('Discord is told in its own form, and may mention nobody', () => {
  expect(chatMessage(toldFailures(1), 'discord')).toMatchObject({
    content: expect.stringContaining('**[Forma3D.Connect] Fulfillment Failed: Action Required**'),
    allowed_mentions: { parse: [] },
  });
});

test('many alerts stay within what a chat takes, say their number, and lead to the dashboard', () => {
  const told = toldFailures(500);
  const message = chatMessage({ ...told, alerts: told.alerts.map((alert) => ({ ...alert, details: [{ label: 'Reason', value: 'long '.repeat(200) }] })) }, 'discord');
  const content = String(message['content']);
  expect(content.length).toBeLessThanOrEqual(2_000);
  expect(content).toContain('500 alerts');
  expect(content.endsWith('https://connect.example/app')).toBe(true);
  expect(chatMessage(told, 'slack')['text']).toContain('and 495 more');
});
