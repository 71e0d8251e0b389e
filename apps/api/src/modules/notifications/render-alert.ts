import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';
import type { Alert } from './alerts';

/** What an alert's mail says besides the alert itself. */
export interface AlertFacts {
  orderName: string | null;
  orderId: string | null;
  occurredAt: Date;
  /** IANA name of the store's time zone. */
  timeZone: string;
  /** Where people reach the dashboard, without a slash at the end. */
  appUrl: string;
}

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

interface View {
  type: string;
  message: string;
  serious: boolean;
  time: string;
  orderName: string | null;
  details: Alert['details'];
  link: string;
}

function template(file: string, options: { noEscape: boolean }): Handlebars.TemplateDelegate<View> {
  const source = readFileSync(join(__dirname, 'templates', file), 'utf8');
  // Strict: a name that the view does not know is a mistake of ours, not an empty place in a mail.
  return Handlebars.compile<View>(source, { ...options, strict: true });
}

// Read when this module loads: a missing template ends the start, not an alert at night.
const html = template('error-notification.html.hbs', { noEscape: false });
// Plain text has no markup to escape.
const text = template('error-notification.text.hbs', { noEscape: true });

/** The mail of an alert. Everything that comes from outside is escaped in its HTML. */
export function renderAlert(alert: Alert, facts: AlertFacts): RenderedMail {
  const view: View = {
    type: alert.type,
    message: alert.message,
    serious: alert.severity === 'ERROR',
    time: inWords(facts.occurredAt, facts.timeZone),
    orderName: facts.orderName,
    details: alert.details,
    link: facts.orderId === null ? `${facts.appUrl}/app` : `${facts.appUrl}/app/orders/${facts.orderId}`,
  };
  return { subject: `[Forma3D.Connect] ${alert.type}: Action Required`, html: html(view), text: text(view) };
}

function inWords(time: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-GB', {
    day: 'numeric',
    month: 'long',
    year: 'numeric',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    timeZone,
    timeZoneName: 'short',
  }).format(time);
}
