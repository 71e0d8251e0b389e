import { createMailer, type Mailer } from '@forma3d/mail';
import { CONFIG, type Config } from '@forma3d/platform';
import { Inject, Module, type OnModuleDestroy } from '@nestjs/common';
import { AttentionModule } from '../attention';
import { AlertsRepository } from './alerts.repository';
import { Channels } from './channels';
import { ChangeSettings } from './change-settings';
import { DailySummary } from './daily-summary';
import { DailySummaryRepository } from './daily-summary.repository';
import { DailySummaryTick } from './daily-summary-tick';
import { CloseBurst, GatherAlert } from './gather-alert';
import { MailCheck } from './mail-check';
import { MailOut } from './mail-out';
import { NotificationsController } from './notifications.controller';
import { MAILER } from './notification-settings';
import { SealedSecrets } from './sealed-secrets';
import { SendNotification } from './send-notification';

/** Tells people of what they must know. Nothing waits for it, and nothing else fails when it does. */
@Module({
  imports: [AttentionModule],
  controllers: [NotificationsController],
  providers: [
    {
      provide: MAILER,
      inject: [CONFIG],
      useFactory: ({ smtp, outsideTimeoutMs }: Config): Mailer | null => smtp && createMailer({ ...smtp, timeoutMs: outsideTimeoutMs }),
    },
    SealedSecrets,
    Channels,
    AlertsRepository,
    GatherAlert,
    CloseBurst,
    SendNotification,
    ChangeSettings,
    MailCheck,
    MailOut,
    DailySummaryRepository,
    DailySummary,
    DailySummaryTick,
  ],
})
export class NotificationsModule implements OnModuleDestroy {
  constructor(@Inject(MAILER) private readonly mailer: Mailer | null) {}

  onModuleDestroy(): void {
    this.mailer?.close();
  }
}
