import { OutsideError, within, type Clock } from '@forma3d/kernel';
import type { Mailer } from '@forma3d/mail';
import { CLOCK, CONFIG, Logger, MailReadiness, type Check } from '@forma3d/platform';
import { Inject, Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { MAILER, type NotificationConfig } from './notification-settings';

/** Probes come every few seconds; a mail server need not be greeted by each. */
const GOOD_FOR_MS = 60_000;
const BAD_FOR_MS = 10_000;
/** Who asks for readiness waits no longer; the look goes on, for the next who asks. */
const PATIENCE_MS = 2_000;

/** Whether the mail server can be reached and takes our credentials, for the readiness of the product; looked at by greeting it, not by a mail. */
@Injectable()
export class MailCheck implements OnModuleInit, OnApplicationBootstrap {
  private seen: { check: Check; until: number } | undefined;
  private looking: Promise<Check> | undefined;

  constructor(
    private readonly readiness: MailReadiness,
    @Inject(MAILER) private readonly mailer: Pick<Mailer, 'check'> | null,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'notificationsEnabled'>,
    @Inject(CLOCK) private readonly clock: Clock,
    @Inject(Logger) private readonly log: Pick<Logger, 'log' | 'warn'>,
  ) {}

  onModuleInit(): void {
    this.readiness.onAsked(() => this.check());
  }

  /** Tells in the log of the start whether notifications are on, and whether the mail server answers; the start does not wait for it. */
  onApplicationBootstrap(): void {
    if (!this.config.notificationsEnabled) this.log.log({}, 'notifications are off: nobody is told of alerts');
    else if (this.mailer) void this.look(this.mailer);
  }

  async check(): Promise<Check> {
    if (!this.mailer) return { status: 'ok', detail: 'not configured' };
    if (!this.config.notificationsEnabled) return { status: 'ok', detail: 'notifications are off' };
    if (this.seen && this.seen.until > this.clock.now().getTime()) return this.seen.check;
    try {
      return await within(PATIENCE_MS, this.look(this.mailer), 'the mail server');
    } catch {
      return { status: 'degraded', detail: 'did not answer in time' };
    }
  }

  /** One look at a time, however many ask. */
  private look(mailer: Pick<Mailer, 'check'>): Promise<Check> {
    this.looking ??= this.outcome(mailer).finally(() => {
      this.looking = undefined;
    });
    return this.looking;
  }

  private async outcome(mailer: Pick<Mailer, 'check'>): Promise<Check> {
    const check = await mailer.check().then((): Check => ({ status: 'ok' }), refusal);
    if (check.status !== 'ok' && this.seen?.check.status !== check.status) this.log.warn({ detail: check.detail }, 'the mail server is in trouble: mails wait');
    this.seen = { check, until: this.clock.now().getTime() + (check.status === 'ok' ? GOOD_FOR_MS : BAD_FOR_MS) };
    return check;
  }
}

/** Codes alone: a server's words may repeat what we said to it. */
function refusal(error: unknown): Check {
  const refused = error instanceof OutsideError && error.failure === 'refused';
  return { status: 'degraded', detail: refused ? 'refuses our credentials' : 'cannot be reached' };
}
