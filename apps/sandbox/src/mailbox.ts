import type { AddressInfo } from 'node:net';

import type { SandboxMails } from '@forma3d/contracts';
import PostalMime from 'postal-mime';
import { SMTPServer } from 'smtp-server';

import type { Faults } from './faults';
import type { Scheduler } from './scheduler';

export type Mail = SandboxMails['mails'][number];

const MOST_MAILS = 1000;
const SLOW_MS = 3000;

/** An SMTP server that keeps every mail and delivers none. Any user may sign in, nobody has to. */
export class Mailbox {
  mails: Mail[];
  private readonly server: SMTPServer;
  private changeListeners: (() => void)[] = [];

  constructor(
    private readonly scheduler: Scheduler,
    private readonly faults: Faults,
    saved: Mail[] = [],
  ) {
    this.mails = saved;
    this.server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      allowInsecureAuth: true,
      onAuth: (_auth, _session, done) => done(null, { user: 'anyone' }),
      onConnect: (_session, done) => {
        if (this.faults.strike('smtp', 'outage')) done(smtpError(421, 'Service not available'));
        else done();
      },
      onMailFrom: (_address, _session, done) => {
        if (this.faults.strike('smtp', 'throttle')) done(smtpError(450, 'Too many mails, try again later'));
        else done();
      },
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const envelope = {
            from: session.envelope.mailFrom ? session.envelope.mailFrom.address : '',
            to: session.envelope.rcptTo.map((recipient) => recipient.address),
          };
          const slow = this.faults.strike('smtp', 'slow');
          const go = () => {
            this.receive(Buffer.concat(chunks), envelope).then(
              (error) => done(error),
              (error: unknown) => done(error instanceof Error ? error : new Error('the mail could not be read')),
            );
          };
          if (slow) this.scheduler.after(slow.delay_ms ?? SLOW_MS, go);
          else go();
        });
      },
    });
    // A client that hangs up in the middle is its own affair.
    this.server.on('error', () => undefined);
  }

  onChange(listener: () => void): void {
    this.changeListeners.push(listener);
  }

  clear(): void {
    this.mails = [];
    this.changed();
  }

  /** The port it listens on. */
  async listen(port: number, host: string): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.server.once('error', reject);
      this.server.listen(port, host, () => {
        this.server.off('error', reject);
        resolve();
      });
    });
    const address = this.server.server.address();
    return isAddress(address) ? address.port : port;
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  /** The refusal for the client, or null when the mail was kept. A lost answer keeps it and refuses all the same. */
  private async receive(raw: Buffer, envelope: { from: string; to: string[] }): Promise<Error | null> {
    const broken = this.faults.strike('smtp', 'error');
    if (broken) return smtpError(broken.status ?? 554, broken.message ?? 'Transaction failed');
    const parsed = await PostalMime.parse(raw);
    this.mails.push({
      from: parsed.from?.address ?? envelope.from,
      to: envelope.to,
      subject: parsed.subject ?? '',
      text: parsed.text ?? '',
      html: parsed.html ?? null,
      received_at: this.scheduler.now().toISOString(),
    });
    if (this.mails.length > MOST_MAILS) this.mails.shift();
    this.changed();
    return this.faults.strike('smtp', 'lost-answer') ? smtpError(421, 'Connection lost') : null;
  }

  private changed(): void {
    for (const listener of this.changeListeners) listener();
  }
}

function smtpError(responseCode: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode });
}

function isAddress(address: string | AddressInfo | null): address is AddressInfo {
  return typeof address === 'object' && address !== null;
}
