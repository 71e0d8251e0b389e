import { minorUnitDigits } from '@forma3d/kernel';
import type { DailyFigures } from './daily-summary.repository';
import { mailTemplate, type RenderedMail } from './mail-templates';
import { inWords } from './told-batch';

interface View {
  store: string;
  day: string;
  /** The figures at a glance, two in a row. */
  rows: { value: string; label: string; note: string; bad: boolean }[][];
  attention: { count: number; words: string; items: { order: string | null; message: string; since: string; link: string }[]; more: number };
  link: string;
}

const template = mailTemplate<View>('daily-summary');
const PER_ROW = 2;

/**
 * The mail of a day.
 *
 * @param day `YYYY-MM-DD`
 * @param appUrl where people reach the dashboard, without a slash at the end
 */
export function renderSummary(figures: DailyFigures, day: string, appUrl: string): RenderedMail {
  // With or without a comma after the weekday, as the runtime's ICU has it: without.
  const words = new Intl.DateTimeFormat('en-GB', { weekday: 'long', day: 'numeric', month: 'long', year: 'numeric', timeZone: 'UTC' }).format(new Date(`${day}T00:00:00Z`)).replace(',', '');
  const view: View = {
    store: figures.store_name,
    day: words,
    rows: inRows(glance(figures)),
    attention: {
      count: figures.attention,
      words: figures.attention === 1 ? '1 thing needs a person' : `${amount(figures.attention)} things need a person`,
      items: figures.items.map((item) => ({
        order: item.order_name,
        message: item.message,
        since: inWords(item.opened_at, figures.timeZone),
        link: item.order_id === null ? `${appUrl}/app` : `${appUrl}/app/orders/${item.order_id}`,
      })),
      more: figures.attention - figures.items.length,
    },
    link: `${appUrl}/app`,
  };
  return { subject: `[Forma3D.Connect] Daily Summary: ${words}`, html: template.html(view), text: template.text(view) };
}

function glance(figures: DailyFigures): View['rows'][number] {
  const failures = figures.prints_failed + figures.fulfillments_failed + figures.tasks_failed;
  const failed = [named(figures.prints_failed, 'print'), named(figures.fulfillments_failed, 'fulfillment'), named(figures.tasks_failed, 'task')];
  return [
    {
      value: amount(figures.orders),
      label: plural(figures.orders, 'order'),
      note: [money(figures.orders_cents, figures.currency), figures.orders_cancelled > 0 && `${amount(figures.orders_cancelled)} cancelled`].filter(Boolean).join(', '),
      bad: false,
    },
    {
      value: amount(figures.prints_completed),
      label: plural(figures.prints_completed, 'print'),
      note: figures.prints_reprinted > 0 ? `${amount(figures.prints_reprinted)} made again` : 'none made again',
      bad: false,
    },
    { value: amount(figures.fulfillments), label: plural(figures.fulfillments, 'fulfillment'), note: 'sent or handed over', bad: false },
    {
      value: amount(failures),
      label: plural(failures, 'failure'),
      note: failures === 0 ? 'nothing failed for good' : failed.filter((each) => each !== '').join(', '),
      bad: failures > 0,
    },
  ];
}

function inRows<T>(all: readonly T[]): T[][] {
  return Array.from({ length: Math.ceil(all.length / PER_ROW) }, (_, row) => all.slice(row * PER_ROW, (row + 1) * PER_ROW));
}

const amount = (count: number): string => new Intl.NumberFormat('en').format(count);
const plural = (count: number, noun: string): string => (count === 1 ? noun : `${noun}s`);
const named = (count: number, noun: string): string => (count === 0 ? '' : `${amount(count)} ${plural(count, noun)}`);

function money(cents: number, currency: string): string {
  return new Intl.NumberFormat('en', { style: 'currency', currency }).format(cents / 10 ** minorUnitDigits(currency));
}
