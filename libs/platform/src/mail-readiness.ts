import { Injectable } from '@nestjs/common';

/** One line of the readiness. */
export interface Check {
  status: 'ok' | 'degraded' | 'failed';
  detail?: string;
  lag_ms?: number;
  free_bytes?: number;
}

/** Where the module that has the mail client says how the mail server is; ok where no one does. */
@Injectable()
export class MailReadiness {
  private look: () => Promise<Check> = () => Promise.resolve({ status: 'ok', detail: 'not configured' });

  /** @param look answers within two seconds, and never rejects */
  onAsked(look: () => Promise<Check>): void {
    this.look = look;
  }

  check(): Promise<Check> {
    return this.look();
  }
}
