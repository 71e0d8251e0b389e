import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import Handlebars from 'handlebars';

export interface RenderedMail {
  subject: string;
  html: string;
  text: string;
}

/** The two bodies of a mail, from templates/NAME.html.hbs and templates/NAME.text.hbs. */
export interface MailTemplate<View> {
  html: (view: View) => string;
  text: (view: View) => string;
}

/**
 * Reads a template when its module loads: a missing one ends the start, not an alert at night. Everything is escaped in HTML; plain
 * text has no markup to escape.
 */
export function mailTemplate<View>(name: string): MailTemplate<View> {
  return { html: compiled(`${name}.html.hbs`, false), text: compiled(`${name}.text.hbs`, true) };
}

function compiled<View>(file: string, noEscape: boolean): Handlebars.TemplateDelegate<View> {
  const source = readFileSync(join(__dirname, 'templates', file), 'utf8');
  // Strict: a name that the view does not know is a mistake of ours, not an empty place in a mail.
  return Handlebars.compile<View>(source, { noEscape, strict: true });
}
