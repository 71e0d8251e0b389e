import type { Alert } from './alerts';
import { renderAlert } from './render-alert';

const alert: Alert = {
  kind: 'fulfillment-failed',
  type: 'Fulfillment Failed',
  message: 'It failed <script>alert(1)</script>',
  details: [{ label: 'Reason', value: 'a & b <img src=x onerror=y>' }],
  severity: 'ERROR',
};
const facts = {
  orderName: '#1001 "<b>"',
  orderId: '019a5f0e-7a00-7000-8000-000000000002',
  occurredAt: new Date('2026-11-02T09:00:05Z'),
  timeZone: 'Europe/Brussels',
  appUrl: 'https://connect.example',
};

test('the subject says what it is about and that somebody must act', () => {
  expect(renderAlert(alert, facts).subject).toBe('[Forma3D.Connect] Fulfillment Failed: Action Required');
});

test('both bodies hold time, order, message, details, the way to the order and the footer', () => {
  const { html, text } = renderAlert(alert, facts);
  expect(text).toBe(`Fulfillment Failed: Action Required

It failed <script>alert(1)</script>

Time: 2 November 2026 at 10:00:05 CET
Order: #1001 "<b>"
Reason: a & b <img src=x onerror=y>

View in Dashboard: https://connect.example/app/orders/019a5f0e-7a00-7000-8000-000000000002

--
This is an automated message from Forma3D.Connect. Please do not reply.
`);
  for (const part of ['10:00:05 CET', '#1001', 'View in Dashboard', 'href="https://connect.example/app/orders/019a5f0e', 'automated message']) {
    expect(html).toContain(part);
  }
});

test('nothing from outside becomes markup', () => {
  const { html } = renderAlert(alert, facts);
  expect(html).not.toMatch(/<script|<img|<b>/);
  expect(html).toContain('It failed &lt;script&gt;');
});

test('an alert without an order leads to the dashboard', () => {
  const { text, html } = renderAlert({ ...alert, severity: 'WARNING' }, { ...facts, orderName: null, orderId: null });
  expect(text).toContain('View in Dashboard: https://connect.example/app\n');
  expect(text).not.toContain('Order:');
  expect(html).not.toContain('#c62828');
});
