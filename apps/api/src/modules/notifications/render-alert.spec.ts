import { renderAlert } from './render-alert';
import { toldFailures } from './told.fixture';

test('the subject says what it is about and that somebody must act', () => {
  expect(renderAlert(toldFailures(1)).subject).toBe('[Forma3D.Connect] Fulfillment Failed: Action Required');
});

test('both bodies hold time, order, message, details, the way to the order and the footer', () => {
  const { html, text } = renderAlert(toldFailures(1));
  expect(text).toBe(`Fulfillment Failed: Action Required

The order could not be fulfilled in Shopify. It is not tried again by itself: please look, and fulfill it by hand.

Store: Pots & *Pans*
Time: 2 November 2026 at 10:00:05 CET
Order: #1001 "<b>"
Reason: a & b <img src=x onerror=y> <!channel> @everyone

View in Dashboard: https://connect.example/app/orders/019a5f0e-7a00-7000-8000-000000000002

--
This is an automated message from Forma3D.Connect. Please do not reply.
`);
  for (const part of ['10:00:05 CET', 'Pots &amp; *Pans*', '#1001', 'View in Dashboard', 'href="https://connect.example/app/orders/019a5f0e', 'automated message', '#c62828']) {
    expect(html).toContain(part);
  }
});

test('many alerts are one mail with their number, the first ones with links, and how many more there are', () => {
  const { subject, html, text } = renderAlert(toldFailures(43));
  expect(subject).toBe('[Forma3D.Connect] Fulfillment Failed (43 alerts): Action Required');
  expect(text).toContain('43 alerts of Pots & *Pans* came\nfrom 2 November 2026 at 10:00:05 CET\nto 2 November 2026 at 10:00:47 CET');
  expect(text).toContain('- 2 November 2026 at 10:00:05 CET, order #1001 "<b>"\n  Reason: a & b');
  expect(text).toContain('- and 23 more');
  expect(html).toContain('<strong>43 alerts</strong>');
  for (const body of [html, text]) expect(body.match(/\/app\/orders\/019a5f0e/g)).toHaveLength(20);
});

test('several alerts that are all listed leave none over', () => {
  const { html, text } = renderAlert(toldFailures(3));
  for (const body of [html, text]) expect(body).not.toMatch(/and -?\d+ more/);
});

test('nothing from outside becomes markup', () => {
  for (const count of [1, 2]) {
    const { html } = renderAlert(toldFailures(count));
    expect(html).not.toMatch(/<script|<img|<b>|<!channel/);
    expect(html).toContain('a &amp; b &lt;img');
  }
});

test('an alert without an order leads to the dashboard', () => {
  const told = toldFailures(1);
  const { text, html } = renderAlert({
    ...told,
    serious: false,
    alerts: told.alerts.map((alert) => ({ ...alert, orderId: null, orderName: null, link: told.link })),
  });
  expect(text).toContain('View in Dashboard: https://connect.example/app\n');
  expect(text).not.toContain('Order:');
  expect(html).not.toContain('#c62828');
});
