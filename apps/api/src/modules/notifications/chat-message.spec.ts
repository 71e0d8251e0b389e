import { chatMessage } from './chat-message';
import { toldFailures } from './told.fixture';

test('Slack is told in one text, in which nothing from outside is markup or a call', () => {
  const { text } = chatMessage(toldFailures(1), 'slack');
  expect(text).toBe(
    [
      '*[Forma3D.Connect] Fulfillment Failed: Action Required*',
      'Pots &amp; \u200b*Pans\u200b*: The order could not be fulfilled in Shopify. It is not tried again by itself: please look, and fulfill it by hand.',
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

test.each([
  ['slack', '\u200b*a\u200b* \u200b_b\u200b_ \u200b~c\u200b~ \u200b`d\u200b` &gt; e'],
  ['discord', '\\*a\\* \\_b\\_ \\~c\\~ \\`d\\` \\> e'],
] as const)('words of outside systems are one line without formatting (%s)', (format, expected) => {
  const told = toldFailures(1);
  const { text, content } = chatMessage({ ...told, alerts: told.alerts.map((alert) => ({ ...alert, message: '*a* _b_\r\n~c~ `d`\n> e' })) }, format);
  expect(String(text ?? content).split('\n')[1]).toContain(`: ${expected}`);
});

test.each(['slack', 'discord'] as const)('a text that is too long ends between two characters (%s)', (format) => {
  for (const sign of ['&', '*', '😀']) {
    const told = toldFailures(6);
    const message = chatMessage({ ...told, store: sign.repeat(2_000), message: sign.repeat(2_000), alerts: told.alerts.map((alert) => ({ ...alert, orderName: sign.repeat(2_000), details: [{ label: 'Reason', value: sign.repeat(2_000) }] })) }, format);
    const text = String(message['text'] ?? message['content']);
    expect(text.length).toBeLessThanOrEqual(2_000);
    expect(Buffer.from(text).toString()).toBe(text);
    expect(text.replaceAll('&amp;', '')).not.toMatch(format === 'slack' ? /&/ : /\\…/);
  }
});
