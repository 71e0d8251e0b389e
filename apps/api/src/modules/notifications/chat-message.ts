import type { CHAT_FORMATS } from '@forma3d/contracts';
import { inOneLine, type ToldBatch } from './told-batch';

export type ChatFormat = (typeof CHAT_FORMATS)[number];

/**
 * Characters that parts of a message may have, as they are sent. All together they stay within what chats take: Discord 2,000 characters
 * (docs: Create Message), Slack 4,000 at most (docs: chat.postMessage).
 */
const LONGEST = { headline: 150, store: 80, message: 300, onlyMessage: 600, about: 100, facts: 120, onlyFacts: 600 };
/** A chat is for a glance: the mail has the others. */
const LINES = 5;
const ZERO_WIDTH_SPACE = '\u200b';

/** The body for an incoming webhook. Nothing from outside becomes markup, or calls upon anybody. */
export function chatMessage(batch: ToldBatch, format: ChatFormat): Record<string, unknown> {
  const plain = (text: string, most: number): string => escaped(text, format, most);
  const bold = format === 'slack' ? '*' : '**';
  const [only] = batch.count === 1 ? batch.alerts : [];
  const lines = [
    `${bold}[Forma3D.Connect] ${plain(batch.headline, LONGEST.headline)}: Action Required${bold}`,
    `${plain(batch.store, LONGEST.store)}: ${only ? plain(only.message, LONGEST.onlyMessage) : plain(batch.message, LONGEST.message)}`,
  ];
  const listed = batch.alerts.slice(0, LINES);
  for (const alert of listed) {
    const about = alert.orderName === null ? alert.time : `${alert.orderName}, ${alert.time}`;
    const facts = only && alert.details.length === 0 ? '' : `: ${plain(inOneLine(alert), only ? LONGEST.onlyFacts : LONGEST.facts)}`;
    lines.push(`• ${plain(about, LONGEST.about)}${facts}`);
  }
  if (batch.count > listed.length) lines.push(`• and ${String(batch.count - listed.length)} more`);
  lines.push(only ? only.link : batch.link);
  const text = lines.join('\n');
  // Discord: names no user, role or everybody, whatever the text says.
  return format === 'slack' ? { text } : { content: text, allowed_mentions: { parse: [] } };
}

/** A text in one line, without any meaning to the chat, cut between characters where it is too long. */
function escaped(text: string, format: ChatFormat, most: number): string {
  const signs = [...text.replaceAll(/\s+/g, ' ').trim()].map(format === 'slack' ? signForSlack : signForDiscord);
  let length = 0;
  const tooLong = signs.findIndex((sign) => (length += sign.length) > most);
  return tooLong === -1 ? signs.join('') : `${signs.slice(0, tooLong).join('')}…`;
}

/** Slack's three characters of control; without `<` there is no mention and no disguised link. What formats does so at the edge of a word alone. */
function signForSlack(sign: string): string {
  if (sign === '&') return '&amp;';
  if (sign === '<') return '&lt;';
  if (sign === '>') return '&gt;';
  return '*_~`'.includes(sign) ? `${ZERO_WIDTH_SPACE}${sign}` : sign;
}

function signForDiscord(sign: string): string {
  return '\\*_~`|>[]()#'.includes(sign) ? `\\${sign}` : sign;
}
