import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Tx } from '@forma3d/database';
import { OutsideTroubles, type OutsideTrouble } from '@forma3d/platform';
import { z } from 'zod';
import { Attention } from '../attention';

const NAMES: Record<OutsideTrouble['system'], string> = { shopify: 'Shopify', simplyprint: 'SimplyPrint', smtp: 'The mail server' };

/** All tasks of a store wait while an outside system refuses it: one item tells people, and goes when it is over. */
@Injectable()
export class CredentialsRefused implements OnModuleInit {
  constructor(
    private readonly troubles: OutsideTroubles,
    private readonly attention: Attention,
  ) {}

  onModuleInit(): void {
    this.troubles.on((tx, trouble) => this.note(tx, trouble));
  }

  /** In the transaction that notes the change. */
  async note(tx: Tx, { storeId, system, refused }: OutsideTrouble): Promise<void> {
    const subject = { storeId, kind: 'credentials-refused', subjectId: system } as const;
    if (!refused) {
      await this.attention.close(tx, subject);
      return;
    }
    // Told already, in other words: an app that was uninstalled has no credentials.
    if (system === 'shopify' && (await isUninstalled(tx, storeId))) return;
    await this.attention.open(tx, {
      ...subject,
      message: `${NAMES[system]} refuses our credentials, or the account is frozen. Work for it waits and goes on by itself once it accepts us again.`,
      details: { system },
    });
  }
}

/** Asked in the transaction of the refusal: what a process remembers of stores may be older. */
async function isUninstalled(tx: Tx, storeId: string): Promise<boolean> {
  return (await tx.sql.maybe(z.object({ id: z.string() }))`SELECT id FROM store WHERE id = ${storeId} AND uninstalled_at IS NOT NULL`) !== undefined;
}
