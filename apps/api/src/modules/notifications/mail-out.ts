import { Database } from '@forma3d/database';
import { OutsideError } from '@forma3d/kernel';
import type { Mail, Mailer } from '@forma3d/mail';
import { OutsideTroubles } from '@forma3d/platform';
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { MAILER } from './notification-settings';

/** The way of every mail: a mail server that refuses our credentials is shown to people until it takes a mail again. */
@Injectable()
export class MailOut {
  constructor(
    private readonly db: Database,
    private readonly troubles: OutsideTroubles,
    @Inject(MAILER) private readonly mailer: Mailer | null,
  ) {}

  /** Whether there is a mail server. */
  get isThere(): boolean {
    return this.mailer !== null;
  }

  /** @throws OutsideError of system `smtp`, as the mailer does */
  async send(storeId: string, mail: Mail): Promise<void> {
    try {
      await this.mailer?.send(mail);
    } catch (error) {
      if (error instanceof OutsideError && error.failure === 'refused' && !(await this.isKnownToRefuse(storeId))) await this.note(storeId, true);
      throw error;
    }
    if (await this.isKnownToRefuse(storeId)) await this.note(storeId, false);
  }

  private note(storeId: string, refused: boolean): Promise<void> {
    return this.db.transaction('notifications.mail-refused', (tx) => this.troubles.tell(tx, { storeId, system: 'smtp', refused }));
  }

  /** Asks the database: the refusal may have been another process's. Index attention_open. */
  private async isKnownToRefuse(storeId: string): Promise<boolean> {
    const { known } = await this.db.sql.one(z.object({ known: z.boolean() }))`
      SELECT EXISTS (SELECT 1 FROM attention
        WHERE store_id = ${storeId} AND kind = 'credentials-refused' AND subject_id = 'smtp' AND closed_at IS NULL) AS known`;
    return known;
  }
}
