import type { DailyFigures } from './daily-summary.repository';
import { renderSummary } from './render-summary';

const QUIET: DailyFigures = {
  store_name: 'Clay & Co', currency: 'EUR', timeZone: 'Europe/Brussels', orders: 0, orders_cents: 0, orders_cancelled: 0, prints_completed: 0,
  prints_reprinted: 0, prints_failed: 0, fulfillments: 0, fulfillments_failed: 0, tasks_failed: 0, attention: 0, items: [],
};
const BUSY: DailyFigures = {
  ...QUIET, orders: 1_204, orders_cents: 123_456, orders_cancelled: 2, prints_completed: 1, prints_reprinted: 3, prints_failed: 1, fulfillments: 30,
  fulfillments_failed: 2, tasks_failed: 1, attention: 12,
  items: [
    { message: 'SKU <b>MUG</b> has no mapping.', order_id: '019a5f0e-7a00-7000-8000-000000000002', order_name: '#1001', opened_at: new Date('2026-11-01T09:00:00Z') },
    { message: 'Work keeps failing.', order_id: null, order_name: null, opened_at: new Date('2026-11-01T10:00:00Z') },
  ],
};

test('a day in numbers, and what needs a person with links', () => {
  const { subject, text, html } = renderSummary(BUSY, '2026-11-01', 'https://connect.example');
  expect(subject).toBe('[Forma3D.Connect] Daily Summary: Sunday 1 November 2026');
  expect(text).toBe(`Clay & Co: daily summary of Sunday 1 November 2026

1,204 orders (€1,234.56, 2 cancelled)
1 print (3 made again)
30 fulfillments (sent or handed over)
4 failures (1 print, 2 fulfillments, 1 task)

12 things need a person:

- Order #1001: SKU <b>MUG</b> has no mapping.
  since 1 November 2026 at 10:00:00 CET
  https://connect.example/app/orders/019a5f0e-7a00-7000-8000-000000000002
- Work keeps failing.
  since 1 November 2026 at 11:00:00 CET
  https://connect.example/app
- and 10 more

View in Dashboard: https://connect.example/app

--
This is an automated message from Forma3D.Connect. Please do not reply.
`);
  for (const part of ['1,204', 'Clay &amp; Co', '12 things need a person', 'and 10 more', 'SKU &lt;b&gt;MUG', '#b3261e']) expect(html).toContain(part);
});

test('a quiet day says so', () => {
  const { text, html } = renderSummary({ ...QUIET, currency: 'JPY', orders: 1, orders_cents: 1_200 }, '2026-11-01', 'https://connect.example');
  expect(text).toContain('1 order (¥1,200)');
  expect(text).toContain('0 failures (nothing failed for good)');
  for (const body of [text, html]) expect(body).toContain('Nothing needs a person.');
  expect(html).not.toContain('#b3261e');
});

test('one thing is one thing', () => {
  const { text } = renderSummary({ ...BUSY, attention: 1, items: BUSY.items.slice(0, 1) }, '2026-11-01', 'https://connect.example');
  expect(text).toContain('1 thing needs a person:');
  expect(text).not.toContain('more');
});
