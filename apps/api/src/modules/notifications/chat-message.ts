import type { CHAT_FORMATS } from '@forma3d/contracts';
import { inOneLine, type ToldBatch } from './told-batch';

export type ChatFormat = (typeof CHAT_FORMATS)[number];

/** Discord takes 2,000 characters (docs: Create Message); Slack suggests 4,000 at most (docs: chat.postMessage). */
const LONGEST = 1_900;
/** A chat is for a glance: the mail has the others. */
const LINES = 5;

/** The body for an incoming webhook. Nothing from outside becomes markup, or calls upon anybody. */
export function chatMessage(batch: ToldBatch, format: ChatFormat): Record<string, unknown> {
  const escaped = format === 'slack' ? escapeForSlack : escapeForDiscord;
  const bold = format === 'slack' ? '*' : '**';
  const [only] = batch.count === 1 ? batch.alerts : [];
  const lines = [`${bold}[Forma3D.Connect] ${escaped(batch.headline)}: Action Required${bold}`, escaped(only ? only.message : batch.message)];
  const listed = batch.alerts.slice(0, LINES);
  for (const alert of listed) {
    const about = alert.orderName === null ? alert.time : `${alert.orderName}, ${alert.time}`;
    const facts = only && alert.details.length === 0 ? '' : `: ${escaped(inOneLine(alert))}`;
    lines.push(`• ${escaped(about)}${facts}`);
  }
  if (batch.count > listed.length) lines.push(`• and ${String(batch.count - listed.length)} more`);
  const link = only ? only.link : batch.link;
  const text = `${inShort(lines.join('\n'), LONGEST - link.length)}\n${link}`;
  // Discord: names no user, role or everybody, whatever the text says.
  return format === 'slack' ? { text } : { content: text, allowed_mentions: { parse: [] } };
}

/** Slack's three characters of control; without `<` there is no mention and no disguised link. */
function escapeForSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

function escapeForDiscord(text: string): string {
  return text.replaceAll(/[\\*_~`|>[\]()#]/g, '\\$&');
}

function inShort(text: string, most: number): string {
  return text.length <= most ? text : `${text.slice(0, most - 1)}…`;
}
