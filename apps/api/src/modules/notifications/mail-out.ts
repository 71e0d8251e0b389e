import { OutsideError, type OutsideBill, type OutsideGate } from '@forma3d/kernel';
import type { Mail, Mailer } from '@forma3d/mail';
import { CONFIG, OUTSIDE_GATE } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { MAILER, type NotificationConfig } from './notification-settings';

/**
 * The way of every mail. It passes the gate as every call to an outside system does: while the mail server refuses our credentials, people
 * are shown so, one mail at a time finds out whether it takes them again, and the others wait without logging in.
 */
@Injectable()
export class MailOut {
  constructor(
    @Inject(OUTSIDE_GATE) private readonly gate: OutsideGate,
    @Inject(MAILER) private readonly mailer: Mailer | null,
    @Inject(CONFIG) private readonly config: Pick<NotificationConfig, 'outsideTimeoutMs'>,
  ) {}

  /** Whether there is a mail server. */
  get isThere(): boolean {
    return this.mailer !== null;
  }

  /**
   * @param signal ends it, also on the way, when its task is another's by now
   * @throws OutsideError of system `smtp`, as the gate and the mailer do
   */
  async send(storeId: string, mail: Mail, signal: AbortSignal): Promise<void> {
    if (!this.mailer) return;
    const payTheBill = await this.gate.enter({ storeId, system: 'smtp', operation: 'send', timeoutMs: this.config.outsideTimeoutMs, cost: 1 }, signal);
    let bill: OutsideBill = {};
    try {
      await this.mailer.send(mail, signal);
      bill = { refused: false };
    } catch (error) {
      // One that it refuses for good it has taken our credentials for.
      if (error instanceof OutsideError && (error.failure === 'refused' || error.failure === 'permanent')) bill = { refused: error.failure === 'refused' };
      throw error;
    } finally {
      await payTheBill(bill);
    }
  }
}
