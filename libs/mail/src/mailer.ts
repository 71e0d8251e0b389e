import { OutsideError, type OutsideFailure } from '@forma3d/kernel';
import { createTransport } from 'nodemailer';

export interface MailerOptions {
  host: string;
  /** 465 speaks TLS from the first byte; any other port starts plain and upgrades where the server offers it. */
  port: number;
  user?: string | undefined;
  pass?: string | undefined;
  /** The sender, `name@example.com` or `Name <name@example.com>`. */
  from: string;
  /** How long each step of a delivery may take, in milliseconds; a whole delivery twice that. */
  timeoutMs: number;
}

export interface Mail {
  to: readonly string[];
  subject: string;
  html: string;
  text: string;
  /** Stays the same when a mail is sent again, so that mailboxes can show it once. Without angle brackets. */
  messageId?: string | undefined;
}

export interface Mailer {
  /**
   * Hands a mail to the mail server. Resolving means that the server took it for every recipient. When it is sent again with the same
   * Message-ID, recipients for whom the server took it from this client do not get it a second time.
   *
   * @throws OutsideError of system `smtp`: `refused` for our credentials, `permanent` for a 5xx answer, `transient` for a
   *   4xx answer, also about one recipient, or when the server was not reached, `unknown` when a connection that stood broke or `signal` ended it
   */
  send(mail: Mail, signal?: AbortSignal): Promise<void>;
  /** Asks the server for a greeting, and logs in where there is a user. Sends nothing. Throws like `send`. */
  check(): Promise<void>;
  close(): void;
}

/** Mails that some recipients have and others are still owed, as many as a process remembers. */
const MOST_OWED = 1_000;

/** A client of one mail server. Making one connects nowhere. */
export function createMailer(options: MailerOptions): Mailer {
  const { host, port, user, pass, from, timeoutMs } = options;
  const transport = createTransport({
    host,
    port,
    secure: port === 465,
    // A password travels in the clear only on this machine.
    requireTLS: user !== undefined && port !== 465 && !isThisMachine(host),
    ...(user === undefined ? {} : { auth: { user, pass: pass ?? '' } }),
    connectionTimeout: timeoutMs,
    greetingTimeout: timeoutMs,
    socketTimeout: timeoutMs,
    // Mails are made here: nothing in them may read a file or fetch an address.
    disableFileAccess: true,
    disableUrlAccess: true,
  });
  const had = new HadAlready();
  return {
    send: async (mail, signal) => {
      const owed = had.owed(mail);
      try {
        const { accepted, rejected, rejectedErrors = [] } = await transport.sendMail({
          from,
          to: [...mail.to],
          subject: mail.subject,
          html: mail.html,
          text: mail.text,
          ...(mail.messageId === undefined ? {} : { messageId: `<${mail.messageId}>` }),
          ...(owed.length < mail.to.length ? { envelope: { from, to: owed } } : {}),
          signal: AbortSignal.any([AbortSignal.timeout(2 * timeoutMs), ...(signal ? [signal] : [])]),
        });
        if (rejected.length === 0) {
          had.forget(mail);
          return;
        }
        had.note(mail, accepted.map(addressOf));
        throw partly(rejected.length, owed.length, rejectedErrors);
      } catch (error) {
        throw error instanceof OutsideError ? error : classified(error, 'send');
      }
    },
    check: async () => {
      try {
        await transport.verify();
      } catch (error) {
        throw classified(error, 'check');
      }
    },
    close: () => {
      transport.close();
    },
  };
}

function isThisMachine(host: string): boolean {
  return host === 'localhost' || host === '::1' || host.startsWith('127.');
}

/** Who has a mail already of which others are still owed theirs. */
class HadAlready {
  private readonly byMessage = new Map<string, Set<string>>();

  owed({ to, messageId = '' }: Mail): string[] {
    const had = this.byMessage.get(messageId);
    return to.filter((each) => had?.has(each.toLowerCase()) !== true);
  }

  note({ messageId }: Mail, took: readonly string[]): void {
    if (messageId === undefined) return;
    // The server's list has domains in lower case.
    this.byMessage.set(messageId, new Set([...(this.byMessage.get(messageId) ?? []), ...took.map((each) => each.toLowerCase())]));
    const [oldest] = this.byMessage.keys();
    if (oldest !== undefined && this.byMessage.size > MOST_OWED) this.byMessage.delete(oldest);
  }

  forget({ messageId = '' }: Mail): void {
    this.byMessage.delete(messageId);
  }
}

const addressOf = (given: string | { address: string }): string => (typeof given === 'string' ? given : given.address);

/** Some recipients were taken and others were not: for now, when one of them may be taken later. */
function partly(rejected: number, of: number, errors: readonly unknown[]): OutsideError {
  const later = errors.some((error) => (factsOf(error).responseCode ?? 500) < 500);
  return new OutsideError(
    { system: 'smtp', operation: 'send', failure: later ? 'transient' : 'permanent' },
    `the mail server ${later ? 'did not take yet' : 'refused'} ${String(rejected)} of ${String(of)} recipients`,
  );
}

/** What nodemailer puts on its errors: its own code, the SMTP command that failed and the server's answer to it. */
interface SmtpFacts {
  code: string | undefined;
  command: string | undefined;
  responseCode: number | undefined;
  /** Of the network error below, if there was one. */
  syscall: string | undefined;
}

function factsOf(error: unknown): SmtpFacts {
  const given: { code?: unknown; command?: unknown; responseCode?: unknown; syscall?: unknown } = typeof error === 'object' && error !== null ? error : {};
  return {
    code: typeof given.code === 'string' ? given.code : undefined,
    command: typeof given.command === 'string' ? given.command : undefined,
    responseCode: typeof given.responseCode === 'number' ? given.responseCode : undefined,
    syscall: typeof given.syscall === 'string' ? given.syscall : undefined,
  };
}

/** The message is made of codes alone: a server's words may repeat addresses, or what we said to it. */
function classified(error: unknown, operation: string): OutsideError {
  const facts = factsOf(error);
  const words = [facts.code, facts.command && `at ${facts.command}`, facts.responseCode && `answer ${String(facts.responseCode)}`];
  return new OutsideError(
    { system: 'smtp', operation, failure: failureOf(facts) },
    `mail ${operation} failed: ${words.filter(Boolean).join(', ') || 'no reason given'}`,
    { cause: error },
  );
}

/** Codes of nodemailer for a server that was not reached, or that did not get as far as taking a mail. */
const NOT_REACHED = new Set(['EDNS', 'ECONNREFUSED', 'ETLS', 'EPROXY']);
/** Codes for a connection that stood and broke, or that we ended; nodemailer does not say at which command. */
const BROKE = new Set(['ECONNECTION', 'ESOCKET', 'ETIMEDOUT', 'ECONNRESET', 'EPROTOCOL', 'EABORT']);
/** RFC 4954: authentication required, or credentials invalid. */
const AUTH_ANSWERS = new Set([530, 534, 535, 538]);

function failureOf({ code, syscall, responseCode }: SmtpFacts): OutsideFailure {
  if (responseCode !== undefined) {
    if (AUTH_ANSWERS.has(responseCode)) return 'refused';
    return responseCode >= 500 ? 'permanent' : 'transient';
  }
  if (code === 'EAUTH') return 'refused';
  if (syscall === 'connect' || (code !== undefined && NOT_REACHED.has(code))) return 'transient';
  // Without a code it is a fault nobody foresaw: assume the worst, which at this system is the same mail twice.
  return code === undefined || BROKE.has(code) ? 'unknown' : 'permanent';
}
