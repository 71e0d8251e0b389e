import type { Config } from '@forma3d/platform';

/** Who is told, and whether anybody is. */
export type NotificationConfig = Pick<Config, 'notificationsEnabled' | 'operatorEmail' | 'adminEmail' | 'appUrl' | 'alertWindowMs' | 'outsideTimeoutMs'>;

/** The mail client, or null where no mail server is set. */
export const MAILER = Symbol('MAILER');

/** Everybody is one address once, in the order given. */
export function recipientsOf(config: Pick<NotificationConfig, 'operatorEmail' | 'adminEmail'>, serious: boolean): string[] {
  const all = [config.operatorEmail, serious ? config.adminEmail : undefined];
  return [...new Set(all.filter((each) => each !== undefined))];
}
